import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from radcite.agent.drafts import draft_form
from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data
from radcite.evals.questions.definition import question_set
from radcite.evals.questions.items import items_at_hand
from radcite.evals.units import is_held
from radcite.prompts.registry import load
from radcite.training.leakage import check_leakage, evaluated_questions
from radcite.training.llm.grounded import GroundedRecord, messages_of, read_grounded
from radcite.training.units import own_part_of
from tests.training.tiny_llm import record, write_records


def parsed(**more: object) -> GroundedRecord:
    return GroundedRecord.model_validate(record(1, **more))


def test_a_record_is_asked_with_the_served_writers_prompt() -> None:
    system, user, reply = messages_of(parsed(language="zh", question="结节多大？"))
    assert system.content == load("answer", 3, "zh").system
    assert "<<<E2>>>" in user.content
    assert user.content.rstrip().endswith("结节多大？")
    assert (
        draft_form(("E1", "E2")).model_validate_json(reply.content).claims[0].citations[0].evidence
        == "E2"
    )


def test_evidence_that_does_not_answer_is_met_with_no_claims() -> None:
    *_, reply = messages_of(GroundedRecord.model_validate(record(3)))
    assert json.loads(reply.content) == {"claims": []}


@pytest.mark.parametrize("task", ["literature", "consultation", "caption", "diagnosis"])
def test_every_task_has_its_own_prompt(task: str) -> None:
    case = {"case_id": "C-1", "report": "There is a nodule.", "diagnosis": "granuloma"}
    claim = {
        "citations": [{"evidence": "E1", "quote": "granuloma"}],
        "about": "case:C-1",
        "text": "In similar case C-1 the diagnosis is granuloma.",
    }
    made = parsed(task=task, evidence=[case], claims=[claim], history=["Why?"], candidates="a 0.5")
    system, user, _ = messages_of(made)
    names = {"literature": "answer"}
    assert system.content == load(names.get(task, task), 3, "en").system
    assert "about: case:C-1" in user.content


def test_a_part_that_the_task_does_not_have_is_refused() -> None:
    claim = record(1)["claims"][0]
    assert '"part":"for"' in messages_of(parsed(claims=[claim | {"part": "for"}]))[-1].content
    with pytest.raises(RadciteError, match=r"RECORD_INVALID.*claims\.0\.part"):
        messages_of(parsed(claims=[claim | {"part": "impression"}]))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"language": "fr"}, "language"),
        ({"evidence": []}, "evidence"),
        ({"claims": [{"text": "x"}]}, "claims"),
        ({"patient_name": "x"}, "patient_name"),
    ],
)
def test_bad_records_are_named_by_line_and_field(
    tmp_path: Path, change: dict[str, object], place: str
) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps(record(0)) + "\n" + json.dumps(record(1) | change) + "\n")
    with pytest.raises(RadciteError, match=rf"RECORD_INVALID.*line 2: .*{place}") as caught:
        read_grounded(path)
    assert "line 2" in caught.value.detail_zh
    assert caught.value.detail_zh != caught.value.detail


@pytest.mark.parametrize(
    "citation",
    [
        {"evidence": "E2", "quote": "The nodule measured 600 mm."},
        {"evidence": "E1", "quote": "The nodule of record 1 measured 4 mm."},
        {"evidence": "E7", "quote": "The nodule of record 1 measured 4 mm."},
    ],
)
def test_a_quote_that_does_not_stand_is_refused_without_its_words(
    tmp_path: Path, citation: dict[str, str]
) -> None:
    claim = {"citations": [citation], "about": "literature", "text": "It is large."}
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps(record(1, claims=[claim])) + "\n")
    with pytest.raises(RadciteError, match="claim 0: the quote is not in E") as caught:
        read_grounded(path)
    assert "nodule" not in str(caught.value)


def test_no_file_and_no_record_are_two_errors(tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        read_grounded(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(RadciteError, match="RECORD_INVALID"):
        read_grounded(tmp_path / "empty.jsonl")


def test_own_records_fall_into_three_parts_by_their_unit(tmp_path: Path) -> None:
    records = read_grounded(write_records(tmp_path / "records.jsonl"))
    parts = [own_part_of(one.owner) for one in records]
    assert {"train", "dev", "held"} == set(parts)
    assert parts.count("train") > len(parts) // 2
    assert own_part_of(records[0].owner) == own_part_of("document-0")


def write_set(folder: Path, name: str, rows: Sequence[Mapping[str, object]]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    import gzip

    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def test_a_question_of_an_evaluation_set_is_found_however_it_is_spelled(tmp_path: Path) -> None:
    write_set(
        tmp_path,
        "text/exam_en/mmlu_med_test.jsonl.gz",
        [
            {
                "id": "m1",
                "question": "Which nerve lies beside the artery?",
                "options": {"A": "the vagus", "B": "the ulnar"},
                "answer": "A",
            }
        ],
    )
    told: list[str] = []
    asked = evaluated_questions(Data(tmp_path), told.append)
    assert list(asked.values()) == ["exam-mmlu-med"]
    assert any("spans-covidqa" in line for line in told)
    with pytest.raises(RadciteError, match=r"VALIDATION.*1 units"):
        check_leakage(["WHICH nerve lies, beside the artery"], Data(tmp_path))
    check_leakage(["Which vein lies beside the artery?"], Data(tmp_path))


def test_what_is_asked_is_kept_from_training_and_nothing_that_training_may_read_is_asked(
    tmp_path: Path,
) -> None:
    held = next(f"h{n}" for n in range(99) if is_held(f"h{n}"))
    twin = next(f"t{n}" for n in range(99) if is_held(f"t{n}"))
    read = next(f"r{n}" for n in range(99) if not is_held(f"r{n}"))
    rows = [
        {"id": name, "question": words, "type": "yesno", "exact_answer": "yes", "gold_pmids": []}
        for name, words in (
            (held, "Is it reported on?"),
            (twin, "Is it asked twice?"),
            (read, "is it asked TWICE"),
            (read, "Is it learned from?"),
        )
    ]
    write_set(tmp_path, "text/bioasq/questions.jsonl.gz", rows)
    asked = evaluated_questions(Data(tmp_path), lambda _: None)
    assert set(asked) == {"isitreportedon"}
    items = items_at_hand(question_set("yesno-bioasq"), Data(tmp_path))
    assert [item.id for item in items] == [held]
    check_leakage(["Is it learned from?", "Is it asked twice?"], Data(tmp_path))
    with pytest.raises(RadciteError, match="VALIDATION"):
        check_leakage(["Is it reported on?"], Data(tmp_path))
