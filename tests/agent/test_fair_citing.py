"""Sources that were retracted, that contradict each other, or that would fill an answer alone."""

from dataclasses import replace

import pytest

from radcite.agent.ask import ask, steps
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim
from radcite.agent.graph import build_graph
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import Abstention, Answer
from radcite.core.question import Question
from radcite.core.sources import Passage
from tests.agent.scene import GivenHits, parts, passage
from tests.agent.test_streaming import PLAN, Dictating, drafted

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


CLAIMS_OF_ONE = tuple(of(workers) for workers in WORKERS)


def of_document(key: str, *texts: str) -> tuple[DraftClaim, ...]:
    return tuple(
        DraftClaim(
            text=text,
            about="literature",
            citations=(DraftCitation(evidence=key, quote=text),),
        )
        for text in texts
    )


def told(outcome: object) -> list[tuple[str, str | None]]:
    assert isinstance(outcome, Answer)
    return [(claim.support, claim.reason) for claim in outcome.claims]


async def test_a_models_claims_beyond_what_one_source_may_carry_are_marked_with_the_reason() -> (
    None
):
    one, other = passage(" ".join(CLAIMS_OF_ONE), "one"), passage(FACT, "two")
    drafts = of_document("E1", *CLAIMS_OF_ONE)
    chat = ScriptedChat([PLAN, Draft(claims=drafts)])
    outcome = await ask(build_graph(), parts(GivenHits([one, other]), chat=chat), QUESTION)
    assert [support for support, _ in told(outcome)] == ["supported"] * 3 + ["weak"] * 2
    assert told(outcome)[-1][1] == "one source alone carries the answer, though another was found"
    chat = ScriptedChat([PLAN, Draft(claims=(*drafts, *of_document("E2", FACT)))])
    outcome = await ask(build_graph(), parts(GivenHits([one, other]), chat=chat), QUESTION)
    assert [support for support, _ in told(outcome)].count("weak") == 2


async def test_two_claims_of_another_source_make_room_for_six_of_one() -> None:
    one, other = passage(" ".join(CLAIMS_OF_ONE), "one"), passage(f"{FACT} {AGAINST}", "two")
    drafts = (*of_document("E1", *CLAIMS_OF_ONE), *of_document("E2", FACT, AGAINST))
    chat = ScriptedChat([PLAN, Draft(claims=drafts)])
    outcome = await ask(build_graph(), parts(GivenHits([one, other]), chat=chat), QUESTION)
    assert {support for support, _ in told(outcome)} == {"supported"}


async def test_where_no_other_source_was_found_one_may_fill_the_answer() -> None:
    found = GivenHits([passage(" ".join(CLAIMS_OF_ONE), "one")])
    chat = ScriptedChat([PLAN, Draft(claims=of_document("E1", *CLAIMS_OF_ONE))])
    outcome = await ask(build_graph(), parts(found, chat=chat), QUESTION)
    assert {support for support, _ in told(outcome)} == {"supported"}


async def test_a_streamed_claim_beyond_the_limit_waits_for_another_source() -> None:
    found = GivenHits(
        [passage(" ".join(CLAIMS_OF_ONE), "one"), passage(f"{FACT} {AGAINST}", "two")]
    )
    for others, shown in (((), 3), ((FACT,), 3), ((FACT, AGAINST), 7)):
        draft = Draft(claims=(*of_document("E1", *CLAIMS_OF_ONE), *of_document("E2", *others)))
        chat = Dictating([draft.model_dump_json()])
        streaming = replace(parts(found, chat=chat), streaming=True)
        said = [
            change
            async for name, change in steps(build_graph(), streaming, QUESTION)
            if name == "claim"
        ]
        assert [change["index"] for change in said] == list(range(shown))


DISPUTED = {
    "en": (
        "Does vitamin D supplementation reduce the risk of fractures in older adults?",
        "Vitamin D supplementation reduces the risk of fractures in older adults.",
        "Vitamin D supplementation does not reduce the risk of fractures in older adults.",
    ),
    "zh": (
        "低剂量CT筛查能降低重度吸烟者的肺癌死亡率吗？",
        "低剂量CT筛查可降低重度吸烟者的肺癌死亡率。",
        "低剂量CT筛查不能降低重度吸烟者的肺癌死亡率。",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_without_a_model_too_sources_that_disagree_are_told_for_and_against(
    language: str,
) -> None:
    question, yes, no = DISPUTED[language]
    found = GivenHits([passage(no, "one"), passage(yes, "two")])
    outcome = await ask(build_graph(), parts(found), Question(text=question, task="literature"))
    assert isinstance(outcome, Answer)
    assert {(claim.part, claim.text) for claim in outcome.claims} == {("for", yes), ("against", no)}
    outcome = await ask(
        build_graph(),
        parts(GivenHits([passage(f"{no} {yes}", "one")])),
        Question(text=question, task="literature"),
    )
    assert isinstance(outcome, Answer)
    assert [claim.part for claim in outcome.claims] == [None], "one document argues with itself"
