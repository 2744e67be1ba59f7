"""The stub model against the real graph."""

import os

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"

import pytest

from radcite.agent.graph import Graph, build_graph
from radcite.apps.grading.confronting import confront
from radcite.core.claims import Abstention, Answer
from radcite.core.grounding import RuleJudge
from radcite.core.sources import Case, Passage
from radcite.evals.subject import Confrontation, StubClaim

QUOTE = "Solid nodules smaller than 6 mm do not require routine follow-up CT."


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build_graph()


def passage(name: str, text: str) -> Passage:
    return Passage(document_id=name, text=text, start=0, end=len(text), language="en")


def item(text: str, key: str, quote: str, about: str = "literature") -> Confrontation:
    evidence = (
        passage("other", "The spleen is not enlarged in most of the patients."),
        Case(case_id="C-1", report="There is a fracture of the left sixth rib.", language="en"),
        passage("nodules", QUOTE),
    )
    claim = StubClaim(text=text, about=about, key=key, quote=quote)
    return Confrontation(id="x", language="en", evidence=evidence, claim=claim)


async def test_a_true_claim_is_shown_with_the_source_it_cites(graph: Graph):
    outcome = await confront(graph, RuleJudge(), item(QUOTE, "E3", QUOTE))
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].support == "supported"
    assert [one.source.kind for one in outcome.evidence] == ["passage"]


async def test_a_claim_about_a_case_is_put_to_the_case_it_cites(graph: Graph):
    told = "In similar case C-1 the report says: “There is a fracture of the left sixth rib.”"
    quote = "There is a fracture of the left sixth rib."
    outcome = await confront(graph, RuleJudge(), item(told, "E2", quote, "case:C-1"))
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].citations[0].place.type == "case_location"


@pytest.mark.parametrize(
    ("text", "key", "quote"),
    [
        (QUOTE.replace("6 mm", "8 mm"), "E3", QUOTE),
        (QUOTE.replace("do not require", "require"), "E3", QUOTE),
        (QUOTE, "E1", QUOTE),
        (QUOTE, "E7", QUOTE),
        (QUOTE, "E3", QUOTE.replace("6 mm", "8 mm")),
    ],
    ids=["number", "negation", "misattributed", "unknown key", "fabricated quote"],
)
async def test_a_false_claim_leaves_nothing_to_show(graph: Graph, text: str, key: str, quote: str):
    assert isinstance(await confront(graph, RuleJudge(), item(text, key, quote)), Abstention)
