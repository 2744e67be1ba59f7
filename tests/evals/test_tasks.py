import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from radcite.core.claims import (
    Abstention,
    Answer,
    CharLocation,
    Citation,
    Claim,
    Evidence,
    Retrieval,
    Safety,
)
from radcite.core.errors import RadciteError
from radcite.evals.covidqa import answers, holds
from radcite.evals.gate import adversarial, benign
from radcite.evals.logistic import fit_logistic
from radcite.evals.metrics.probabilities import auroc
from radcite.evals.registry import TASKS, task_named
from radcite.evals.retrieval import held_back, pubmedqa
from radcite.evals.subject import Confrontation
from radcite.evals.task import run_task
from radcite.evals.units import is_held
from tests.evals.scene import Told, passage, silence


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


HELD = [str(n) for n in range(40) if is_held(str(n))][:4]
TRAINED_ON = next(str(n) for n in range(40) if not is_held(str(n)))


def abstracts(folder: Path) -> None:
    rows = [
        {"id": i, "question": f"question {i}", "contexts": [{"text": f"abstract {i}"}]}
        for i in (*HELD, TRAINED_ON)
    ]
    write(folder / "text/pubmedqa_l/pubmedqa.jsonl.gz", rows)


async def test_a_retrieval_task_scores_what_the_public_search_returns(tmp_path: Path):
    abstracts(tmp_path)
    first, *others = HELD
    told = Told({f"question {i}": [i] for i in others} | {f"question {first}": [others[0]]})
    measured = await pubmedqa(told.context(tmp_path, tmp_path / "work"))
    hybrid = measured.scores[0]
    assert (hybrid.system, hybrid.metric, hybrid.values) == ("hybrid", "R@1", (0, 1, 1, 1))
    assert {request.mode for request in told.requests} == {"hybrid", "sparse", "dense"}
    assert {request.group for request in told.requests} == {"document"}
    assert f"question {TRAINED_ON}" not in {request.query for request in told.requests}


async def test_the_collection_is_named_by_content_and_encoders(tmp_path: Path):
    abstracts(tmp_path)
    told = Told()
    for _ in range(2):
        await pubmedqa(told.context(tmp_path, tmp_path / "work"))
    assert told.ingested[0] == told.ingested[1]
    assert told.ingested[0].startswith("pubmedqa-")


async def test_a_report_names_the_digests_of_the_data_it_read(tmp_path: Path):
    abstracts(tmp_path)
    report = await run_task(task_named("retrieval-pubmedqa"), Told().context(tmp_path, tmp_path))
    assert list(report.provenance.data) == ["text/pubmedqa_l/pubmedqa.jsonl.gz"]
    assert report.provenance.fingerprints == {"text": "told"}
    assert [found.baseline for found in report.contrasts] == [
        "BM25 alone",
        "dense alone",
        "rank fusion",
    ]


async def test_missing_data_is_named_without_its_path(tmp_path: Path):
    with pytest.raises(RadciteError, match="NOT_FOUND: text/pubmedqa_l") as failed:
        await pubmedqa(Told().context(tmp_path / "nowhere", tmp_path))
    assert "nowhere" not in failed.value.detail


async def test_a_row_without_a_needed_field_is_refused_by_its_name(tmp_path: Path):
    write(tmp_path / "text/pubmedqa_l/pubmedqa.jsonl.gz", [{"id": "1"}])
    with pytest.raises(RadciteError, match=r"RECORD_INVALID.*question"):
        await pubmedqa(Told().context(tmp_path, tmp_path))


def test_the_held_back_questions_are_a_thousand_and_always_the_same():
    chosen = held_back(5405)
    assert (len(set(chosen)), chosen[:3]) == (1000, [3155, 3445, 331])


def test_a_span_is_held_whatever_its_case_spaces_and_outer_marks():
    assert holds(
        ["It was  Mother-to-child\ntransmission, mostly."], "mother-to-child transmission."
    )
    assert not holds(["transmission", "mother-to-child"], "mother-to-child transmission")
    assert not holds(["anything"], " . ")


async def test_an_answer_is_graded_beside_the_first_sentence(tmp_path: Path):
    write(
        tmp_path / "text/covidqa/articles.jsonl.gz",
        [{"document_id": 1, "title": "t", "text": "Not it. The answer is here."}],
    )
    asked = {"id": 1, "document_id": 1, "question": "q", "answers": [{"text": "answer is here"}]}
    write(tmp_path / "text/covidqa/questions.jsonl.gz", [asked])
    told = Told({"q": ["1"]}, {"1": "Not it. The answer is here."})
    measured = await answers(told.context(tmp_path, tmp_path))
    held = {one.system: one.values for one in measured.scores if one.metric == "gold span held"}
    assert held == {
        "embedded answer": (0,),
        "first sentence of the top passage": (0,),
        "whole top passage": (1,),
        "any of the passages read": (1,),
    }


class Credulous(Told):
    """Shows every claim as supported."""

    async def confront(self, item: Confrontation, /) -> Answer | Abstention:
        if item.claim.key not in {"E1", "E2"}:
            return silence()
        place = CharLocation(document_id="d", start=0, end=1)
        citation = Citation(evidence=item.claim.key, quote=item.claim.quote, place=place)
        retrieval = Retrieval(tool="t", query="q", collection="c", encoder="e", score=1, rank=1)
        claim = Claim(
            text=item.claim.text, about="literature", support="supported", citations=(citation,)
        )
        evidence = Evidence(key=item.claim.key, source=passage("d"), retrieval=retrieval)
        return Answer(
            trace_id="t",
            task="literature",
            language=item.language,
            safety=Safety(notice="n"),
            claims=(claim,),
            evidence=(evidence,),
        )


def gate_lists(folder: Path) -> None:
    for language in ("en", "zh"):
        sources = [{"id": f"s{i}", "kind": "passage", "text": f"text {i}"} for i in range(2)]
        write(folder / language / "sources.jsonl", sources)
        for name in ("attacks_dev", "true_dev", "attacks_sealed"):
            items = [
                {
                    "id": f"{language}-{name}-{key}",
                    "kind": "number",
                    "evidence": ["s0", "s1"],
                    "claim": {
                        "text": "a claim",
                        "about": "literature",
                        "citations": [{"evidence": key, "quote": "words"}],
                    },
                }
                for key in ("E1", "E9")
            ]
            write(folder / language / f"{name}.jsonl", items)


async def test_false_claims_that_are_shown_are_counted_and_named(tmp_path: Path):
    gate_lists(tmp_path)
    measured = await adversarial(Credulous().context(tmp_path, tmp_path))
    rows = {one.system: one.values for one in measured.scores}
    assert rows["the graph, all"] == (1, 0, 1, 0)
    assert rows["naive: the key exists, all"] == (1, 0, 1, 0)
    assert rows["the graph, zh number"] == (1, 0)
    assert any("en-attacks_dev-E1, zh-attacks_dev-E1" in note for note in measured.notes)


async def test_both_halves_are_read_when_asked_for(tmp_path: Path):
    gate_lists(tmp_path)
    context = Credulous().context(tmp_path, tmp_path, half="all")
    assert len((await adversarial(context)).scores[0].ids) == 8
    with pytest.raises(RadciteError, match="true_sealed"):
        await benign(context)


def test_a_logistic_fit_tells_the_classes_apart_and_is_indifferent_to_their_sizes():
    rng = np.random.default_rng(0)
    low, high = rng.normal(0.2, 0.1, (50, 2)), rng.normal(0.6, 0.1, (200, 2))
    features = np.concatenate([low, high])
    labels = np.repeat([0.0, 1.0], [50, 200])
    weights = fit_logistic(features, labels)
    scores = weights[0] + features @ weights[1:]
    area = auroc(scores, labels)
    assert area is not None
    assert area > 0.98
    assert abs(weights[0] + weights[1:] @ [0.4, 0.4]) < 1


def test_every_task_has_a_summary_and_names_its_unit():
    assert all(task.summary and task.unit for task in TASKS.values())
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        task_named("no such task")
