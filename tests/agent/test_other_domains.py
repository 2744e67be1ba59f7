"""An image of no kind that the collection holds is not spoken of; the others beside it, and the words, still are."""

import pytest

from radcite.agent.ask import ask
from radcite.agent.graph import build_graph
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.question import Question, Task
from radcite.core.sources import Case
from tests.agent.scene import GivenHits, GivenLabels, parts, passage

DIGEST, OTHER = "a" * 64, "b" * 64
CASE = Case(case_id="C-1", report="The ventricles are enlarged.", language="en")
TEXT = "A small pneumothorax may be observed."


@pytest.mark.parametrize("task", ["caption", "diagnosis"])
async def test_nothing_is_said_of_an_image_of_another_kind(task: Task) -> None:
    given = parts(cases=GivenHits([CASE]), labels=GivenLabels(strange={DIGEST}))
    outcome = await ask(build_graph(), given, Question(text="", images=(DIGEST,), task=task))
    assert isinstance(outcome, Abstention)
    assert (outcome.reason, outcome.searched) == ("OUT_OF_DOMAIN", ())


@pytest.mark.parametrize(("language", "told"), [("en", "left out: 1."), ("zh", "有 1 张图像")])
async def test_the_image_beside_it_is_described_and_the_user_told(language: str, told: str) -> None:
    given = parts(cases=GivenHits([CASE]), labels=GivenLabels(strange={OTHER}))
    asked = Question.model_validate(
        {"text": "", "images": (DIGEST, OTHER), "task": "caption", "language": language}
    )
    outcome = await ask(build_graph(), given, asked)
    assert isinstance(outcome, Answer)
    assert told in outcome.safety.notice


async def test_words_beside_it_are_answered() -> None:
    given = parts(GivenHits([passage(TEXT)]), labels=GivenLabels(strange={DIGEST}))
    asked = Question(
        text="May a small pneumothorax be observed?", images=(DIGEST,), task="literature"
    )
    outcome = await ask(build_graph(), given, asked)
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].text == TEXT
    assert "left out: 1." in outcome.safety.notice


async def test_an_emergency_is_heard_beside_it() -> None:
    given = parts(labels=GivenLabels(strange={DIGEST}))
    asked = Question(
        text="Describe it. My dad has crushing chest pain and is sweating.",
        images=(DIGEST,),
        task="caption",
    )
    outcome = await ask(build_graph(), given, asked)
    assert isinstance(outcome, Abstention)
    assert outcome.reason == "OUT_OF_DOMAIN"
    assert outcome.safety.red_flags


@pytest.mark.parametrize(
    "failure",
    [DependencyDown("RETRIEVAL_UNAVAILABLE", "index"), RadciteError("VALIDATION", "pixels")],
)
async def test_somebody_who_may_harm_themselves_is_heard_where_images_cannot_be_compared(
    failure: RadciteError,
) -> None:
    given = parts(labels=GivenLabels(failure=failure))
    asked = Question(text="I want to kill myself", images=(DIGEST,), task="caption")
    outcome = await ask(build_graph(), given, asked)
    assert isinstance(outcome, Abstention)
    assert outcome.reason == "PERSON_NEEDED"
    assert outcome.safety.red_flags


async def test_cases_are_told_though_an_image_could_not_be_labelled() -> None:
    given = parts(
        cases=GivenHits([CASE]), labels=GivenLabels(failure=RadciteError("VALIDATION", "pixels"))
    )
    outcome = await ask(build_graph(), given, Question(text="", images=(DIGEST,), task="caption"))
    assert isinstance(outcome, Answer)
    assert "image_encoder" in outcome.degraded
