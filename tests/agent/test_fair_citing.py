"""Sources that were retracted, that contradict each other, or that would fill an answer alone."""

from radcite.agent.ask import ask
from radcite.agent.drafts import Draft
from radcite.agent.graph import build_graph
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import Abstention, Answer
from radcite.core.question import Question
from radcite.core.sources import Passage
from tests.agent.scene import GivenHits, parts, passage
from tests.agent.test_streaming import PLAN, drafted

QUESTION = Question(text="Does low-dose CT screening reduce lung cancer mortality in smokers?")
FACT = "Low-dose CT screening reduced lung cancer mortality by 20% in heavy smokers."
AGAINST = (
    "Low-dose CT screening did not reduce lung cancer mortality in the Danish trial of smokers."
)
WORKERS = (
    "miners, bakers, sailors, teachers, painters, farmers, drivers, nurses and cooks",
    "weavers, tailors, masons, carpenters, potters, glaziers, smiths, printers and dyers",
    "clerks, porters, judges, grocers, butchers, brewers, tanners, coopers and joiners",
    "pilots, welders, roofers, plumbers, fitters, riggers, turners, millers and shepherds",
    "actors, dancers, singers, editors, writers, sculptors, engravers, jewellers and barbers",
)


def of(workers: str) -> str:
    return f"Low-dose CT screening reduced lung cancer mortality in smokers among {workers}."


async def test_one_document_cannot_fill_all_citations_where_another_answers_too() -> None:
    found = [passage(" ".join(map(of, WORKERS[:4])), "one"), passage(of(WORKERS[4]), "two")]
    outcome = await ask(build_graph(), parts(GivenHits(found)), QUESTION)
    assert isinstance(outcome, Answer)
    cited = [item.source for item in outcome.evidence]
    assert {one.document_id for one in cited if isinstance(one, Passage)} == {"one", "two"}
    assert len(outcome.claims) == 4


async def test_a_retracted_source_is_never_cited_unmarked() -> None:
    retracted = passage(FACT).model_copy(update={"retracted": True})
    kept = passage("CT screening of smokers lowers lung cancer mortality by a fifth.", "d2")
    chat = ScriptedChat(
        [
            PLAN,
            Draft(
                claims=(
                    *drafted((FACT, FACT)).claims,
                    *(
                        one.model_copy(
                            update={
                                "citations": (
                                    one.citations[0].model_copy(update={"evidence": "E2"}),
                                )
                            }
                        )
                        for one in drafted((kept.text, kept.text)).claims
                    ),
                )
            ),
        ]
    )
    outcome = await ask(build_graph(), parts(GivenHits([retracted, kept]), chat=chat), QUESTION)
    assert isinstance(outcome, Answer)
    support = {claim.text: (claim.support, claim.reason) for claim in outcome.claims}
    assert support[FACT] == ("weak", "a cited source was retracted")
    assert support[kept.text][0] == "supported"
    alone = await ask(build_graph(), parts(GivenHits([retracted])), QUESTION)
    assert isinstance(alone, Abstention)


async def test_conflicting_evidence_is_shown_as_for_and_against() -> None:
    both = drafted((FACT, FACT), (AGAINST, AGAINST)).claims
    claims = tuple(
        one.model_copy(update={"part": part})
        for one, part in zip(both, ("for", "against"), strict=True)
    )
    chat = ScriptedChat([PLAN, Draft(claims=claims)])
    found = GivenHits([passage(f"{FACT} {AGAINST}")])
    outcome = await ask(build_graph(), parts(found, chat=chat), QUESTION)
    assert isinstance(outcome, Answer)
    assert [(one.part, one.support) for one in outcome.claims] == [
        ("for", "supported"),
        ("against", "supported"),
    ]
