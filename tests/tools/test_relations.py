"""Relations are cited by a sentence of their source, and name the terms they relate."""

import gzip
import json
from pathlib import Path

import pytest

from radcite.agent.ask import ask
from radcite.agent.graph import build_graph
from radcite.core.claims import Answer
from radcite.core.question import Question
from radcite.core.sources import Case, Term
from radcite.tools.knowledge.relations import (
    KnowledgeRequest,
    load_relations,
    look_up,
    next_steps,
    terms_named,
)
from radcite.tools.knowledge.terms import find_term, load_terms
from tests.agent.scene import GivenHits, parts

MEDQUAD = Path(__file__).parents[2] / "../shared/data/text/medquad/medquad.jsonl.gz"
DIGEST = "a" * 64


@pytest.mark.data
@pytest.mark.skipif(not MEDQUAD.is_file(), reason="the measuring data are not here")
def test_every_relation_is_a_sentence_of_its_document() -> None:
    wanted = {one.document_id for one in load_relations()}
    texts: dict[tuple[str, str], str] = {}
    with gzip.open(MEDQUAD, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            name = f"medquad:{record['collection']}/{record['doc_id']}"
            if name in wanted:
                answers = "\n".join(one["answer"] for one in record["qa"])
                # The set holds some pages twice, with other questions.
                texts[name, record["url"]] = texts.get((name, record["url"]), "") + answers
    missing = [
        one
        for one in load_relations()
        if one.quote not in texts.get((one.document_id, one.source_url), "")
    ]
    assert not missing


def test_a_relation_joins_terms_of_the_file_and_its_sentence_names_the_disease() -> None:
    terms = {one.term_id: one for one in load_terms()}
    assert len({one.relation_id for one in load_relations()}) == len(load_relations())
    for one in load_relations():
        disease = terms[one.object if one.kind == "finding" else one.subject]
        other = terms[one.subject if one.kind == "finding" else one.object]
        assert disease.category == "disease"
        assert other.category in {"finding", "symptom", "procedure", "modality", "lab"}
        assert any(name.lower() in one.quote.lower() for name in disease.en)


async def test_what_is_done_next_is_found_by_a_disease_in_either_language() -> None:
    for query in ("What now with my heart failure?", "我有心力衰竭怎么办"):
        hits = await look_up(KnowledgeRequest(query=query))
        quotes = [hit.source.quote for hit in hits if isinstance(hit.source, Term)]
        assert (
            "An echocardiogram is one of the most useful tests for diagnosing heart failure."
            in quotes
        )
    assert await look_up(KnowledgeRequest(query="What is known about harbours?")) == ()


async def test_findings_lead_to_diseases_only_where_that_is_asked_for() -> None:
    words = "shortness of breath and chest pain"
    assert await look_up(KnowledgeRequest(query=words)) == ()
    hits = await look_up(KnowledgeRequest(query=words, findings=True))
    for hit in hits[:2]:
        assert "shortness of breath" in str(hit.source)
        assert "chest pain" in str(hit.source)


async def test_a_differential_ends_in_the_cited_next_steps_of_its_conditions() -> None:
    cases = [Case(case_id="C-1", diagnosis="Heart failure", report="The heart is enlarged.")]
    outcome = await ask(
        build_graph(),
        parts(cases=GivenHits(cases)),
        Question(text="What is the diagnosis?", images=(DIGEST,)),
    )
    assert isinstance(outcome, Answer)
    steps = [claim for claim in outcome.claims if claim.part == "next_step"]
    heart_failure = find_term("heart failure")
    assert heart_failure is not None
    assert {claim.condition for claim in steps} == {heart_failure.term_id}
    assert all(claim.support == "supported" for claim in steps)
    assert len(steps) == len(next_steps(terms_named("heart failure"), limit=3))


async def test_a_patients_answer_ends_in_what_to_do_next() -> None:
    outcome = await ask(
        build_graph(), parts(), Question(text="I was told I have heart failure. What should I do?")
    )
    assert isinstance(outcome, Answer)
    assert outcome.task == "consultation"
    assert {claim.part for claim in outcome.claims} == {"next_step"}
    cited = outcome.evidence[0].source
    assert isinstance(cited, Term)
    assert (cited.source_url or "").startswith("http")
