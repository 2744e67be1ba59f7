import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from radcite.core.claims import Answer
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.core.usage import Meter, Usage
from radcite.evals.comparison import compare_reports
from radcite.evals.datasets import Data, digest_of
from radcite.evals.pages import html_page, markdown_page
from radcite.evals.questions.asking import replied
from radcite.evals.questions.definition import QuestionSet, question_set, question_sets
from radcite.evals.questions.item import Item
from radcite.evals.questions.items import read_items
from radcite.evals.questions.records import asked_record, report_of
from radcite.evals.questions.registered import described, register, registered
from radcite.evals.questions.scoring import chosen_option, verdict
from radcite.evals.rescoring import chosen_letter, rescore
from radcite.evals.results import Provenance, Report
from radcite.evals.statistics import mcnemar
from radcite.evals.subject import Reply
from tests.apps.outcomes import abstained, answered
from tests.evals.scene import Told
from tests.evals.test_eval_command import run

__all__ = ["run"]

MADE = Provenance(data={}, versions={}, fingerprints={}, options={})


def test_every_set_names_its_licence_digest_and_both_languages() -> None:
    sets = question_sets()
    assert {"exam-medqa-us", "yesno-pubmedqa-context", "exam-cmmlu-med"} <= sets.keys()
    for one in sets.values():
        assert one.licence
        assert set(one.summary) == {"en", "zh"}
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        question_set("nothing")


def small_set(folder: Path, rows: list[dict[str, object]], loader: str) -> QuestionSet:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    known = question_set("exam-medqa-us").model_dump()
    data = {"path": "rows.jsonl", "sha256": digest_of(path)}
    return QuestionSet.model_validate({**known, "loader": loader, "data": data})


@pytest.mark.parametrize(
    ("loader", "row", "gold"),
    [
        ("choices", {"options": {"A": "x", "B": "y"}, "answer": "B"}, (("B",),)),
        ("yesno", {"exact_answer": "No"}, (("no",),)),
        ("factoid", {"exact_answer": [["a", "b"]]}, (("a", "b"),)),
        ("listed", {"exact_answer": [["a", "b"], ["c"]]}, (("a", "b"), ("c",))),
        ("summary", {"ideal_answer": ["long"]}, (("long",),)),
    ],
)
def test_rows_become_questions_with_what_is_right(
    tmp_path: Path, loader: str, row: dict[str, object], gold: object
) -> None:
    definition = small_set(tmp_path, [{"id": "1", "question": "Q?", **row}], loader)
    (item,) = read_items(definition, Data(tmp_path))
    assert item.gold == gold


def test_another_file_than_the_sets_is_refused(tmp_path: Path) -> None:
    definition = small_set(tmp_path, [], "choices")
    (tmp_path / "rows.jsonl").write_text('{"id": "changed"}', "utf-8")
    with pytest.raises(RadciteError, match="RECORD_INVALID"):
        read_items(definition, Data(tmp_path))


def test_data_are_registered_by_their_digest_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.gz"
    other.write_bytes(b"x")
    with pytest.raises(RadciteError, match="RECORD_INVALID"):
        register(tmp_path / "work", "exam-medqa-us", other)
    assert registered(tmp_path / "work") == {}
    states = {one.name: one.state for one in described(tmp_path, tmp_path / "work")}
    assert set(states.values()) == {"missing"}


OPTIONS = {"A": "renal papillary necrosis", "B": "cholesterol embolization", "C": "vasculitis"}


@pytest.mark.parametrize(
    ("claims", "letter"),
    [
        (["Cholesterol crystals embolization follows catheterisation."], "B"),
        (["C. Vasculitis"], "C"),
        (["Answer: A"], "A"),
        (["答案：C。理由如下"], "C"),
        (["(B)"], "B"),
        (["C. difficile colitis follows; cholesterol is no part of it."], "B"),
        (["Nothing of it."], None),
        ([], None),
    ],
)
def test_an_option_is_chosen_by_its_letter_or_its_words(
    claims: list[str], letter: str | None
) -> None:
    assert chosen_option(claims, OPTIONS) == letter


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("Drug A reduces mortality.", "yes"),
        ("Drug A does not reduce mortality.", "no"),
        ("The effect is unclear.", "maybe"),
        ("Yes, it does not matter.", "yes"),
        ("该药未能降低死亡率。", "no"),
        ("Not only was mortality lower, stays were shorter.", "yes"),
        ("不仅可以降低死亡率，而且安全。", "yes"),
        ("未来研究显示该药有效。", "yes"),
        ("无论年龄，治疗均有效。", "yes"),
        ("该药不降低死亡率。", "no"),
    ],
)
def test_a_verdict_is_read_from_the_first_claim(claim: str, said: str) -> None:
    assert verdict([claim]) == said
    assert verdict([]) is None


def report(right: list[bool], system: str = "asked") -> Report:
    definition = question_set("exam-medqa-us")
    asked = []
    for number, good in enumerate(right):
        item = Item(id=str(number), question="<b>Q</b>", options=OPTIONS, gold=(("B",),))
        outcome = answered("d", words="Cholesterol embolization." if good else "Vasculitis.")
        reply = Reply(outcome=outcome if number else abstained(), seconds=0.1)
        asked.append(asked_record(definition, item, reply, {}))
    return report_of(definition, asked, MADE, seed=0, seconds=1)


def test_a_report_counts_silence_as_not_right_and_stands_beside_what_costs_nothing() -> None:
    found = {(row.system, row.metric): row for row in report([True] * 4).rows}
    assert found["asked", "right"].mean == 0.75
    assert found["asked", "answered"].mean == 0.75
    assert found["longest option", "right"].mean == 0.0
    assert found["asked", "right"].low < 0.75 < found["asked", "right"].high


def test_two_runs_are_compared_by_mcnemar_with_holms_correction() -> None:
    one, other = report([True] * 9), report([True, *[False] * 8])
    contrasts = {(found.system, found.metric): found for found in compare_reports(one, other)}
    right = contrasts["asked", "right"]
    assert (right.test, right.difference) == ("mcnemar", pytest.approx(8 / 9))
    assert right.p >= mcnemar([1.0] * 8, [0.0] * 8) == pytest.approx(2 / 2**8)


def test_mcnemar_is_exact() -> None:
    assert mcnemar([1, 1, 0, 1], [1, 0, 1, 0]) == pytest.approx(1.0)
    assert mcnemar([1] * 5 + [0], [0] * 5 + [1]) == pytest.approx(2 * (1 + 6) / 64)
    assert mcnemar([1, 0], [1, 0]) == 1


def test_a_page_loads_nothing_and_runs_nothing_of_its_data() -> None:
    page = html_page([report([True, False, True])])
    assert "<b>Q</b>" not in page
    assert "&lt;b&gt;Q&lt;/b&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "95% 区间" in page
    assert "<svg" in page
    assert "Cholesterol embolization." in page
    table = markdown_page([report([True, False, True])])
    assert "| asked | right | 3 | 0.333 |" in table


def test_mirages_prediction_files_are_scored_exactly(run: Callable[..., str]) -> None:
    options = {"A": "yes", "B": "no"}
    benchmark = {
        name: {
            f"{name}-{i}": {"question": "?", "options": options, "answer": "A"} for i in range(n)
        }
        for name, n in (("one", 8), ("two", 4), ("unanswered", 3))
    }
    Path("benchmark.json").write_text(json.dumps(benchmark), "utf-8")
    for name, letters in (("one", "AAAAABB"), ("two", "ABBB")):
        folder = Path("predictions") / name
        folder.mkdir(parents=True)
        for i, letter in enumerate(letters):
            reply = json.dumps({"step_by_step_thinking": "B?", "answer_choice": letter})
            (folder / f"test_{name}-{i}.json").write_text(json.dumps([reply]), "utf-8")
    found = rescore(Path("benchmark.json"), Path("predictions"))
    one, two = found.datasets
    assert (one.n, one.right, one.missing, one.accuracy) == (8, 5, 1, 0.625)
    assert one.standard_error == pytest.approx((0.625 * 0.375 / 8) ** 0.5)
    assert (two.accuracy, found.mean_accuracy) == (0.25, 0.4375)
    assert "0.6250" in run("rescore", "benchmark.json", "predictions")


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        (['{"answer_choice": "B"}'], "B"),
        ({"answer_choice": "C"}, "C"),
        ("{'answer_choice': '(D) all'}", "D"),
        ("no idea", None),
        ([], None),
    ],
)
def test_a_predictions_letter_is_read_in_every_form(reply: object, letter: str | None) -> None:
    assert chosen_letter(reply) == letter


def test_a_report_page_is_written_from_kept_reports(run: Callable[..., str]) -> None:
    Path("kept").mkdir()
    Path("kept/exam.json").write_text(report([True, False]).model_dump_json(by_alias=True), "utf-8")
    run("report", "kept", "-o", "page.html")
    run("report", "kept/exam.json", "-o", "page.md")
    assert "<svg" in Path("page.html").read_text("utf-8")
    assert "exam-medqa-us" in Path("page.md").read_text("utf-8")


async def test_a_model_is_asked_without_evidence_beside_and_its_tokens_are_counted(
    tmp_path: Path,
) -> None:
    told = Told()
    context = told.context(tmp_path, tmp_path)
    meter = Meter()

    async def ask(question: Question, /) -> Answer:
        meter.add(Usage(requests=1, prompt_tokens=5, reply_tokens=2))
        return answered("d", words="Vasculitis.")

    async def alone(text: str, language: str, prompt: str, /) -> str:
        return "Cholesterol embolization." if (language, prompt) == ("en", "alone") else ""

    subject = replace(context.subject, ask=ask, alone=alone, meter=meter)
    definition = question_set("exam-medqa-us")
    item = Item(id="1", question="Q?", options=OPTIONS, gold=(("B",),), unit="u")
    reply = await replied(subject, definition, Data(tmp_path), "c", item)
    assert (reply.tokens, reply.alone) == (7, "Cholesterol embolization.")
    record = asked_record(definition, item, reply, {})
    found = report_of(definition, [record], MADE, seed=0, seconds=1)
    rows = {(row.system, row.metric): row.mean for row in found.rows}
    assert (rows["asked", "right"], rows["model alone", "right"], rows["asked", "tokens"]) == (
        0,
        1,
        7,
    )
    assert "model alone" in {contrast.baseline for contrast in found.contrasts}
