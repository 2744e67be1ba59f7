"""A set's question put to the parts under test."""

from collections.abc import Mapping
from time import perf_counter

from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.evals.datasets import Data
from radcite.evals.metrics.citations import citation_scores, judges_agree
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.item import Item
from radcite.evals.subject import Reply, Subject

__all__ = ["cited", "replied"]


async def replied(
    subject: Subject, definition: QuestionSet, data: Data, collection: str, item: Item
) -> Reply:
    """The outcome with its seconds and tokens; then, where there is a model, what it says without evidence.

    Raises:
        RadciteError: `NOT_FOUND` for a missing image; as the subject.
    """
    images: tuple[str, ...] = ()
    if item.image is not None:
        if subject.show is None:
            raise RadciteError("INTERNAL", "this subject takes no images")
        images = (await subject.show(data.found(item.image)),)
    question = Question(
        text=item.question,
        images=images,
        collection=collection,
        task=definition.task,
        language=definition.language,
    )
    with subject.meter.counting() as spent:
        started = perf_counter()
        outcome = await subject.ask(question)
        seconds = perf_counter() - started
    alone = None
    if subject.alone is not None and item.image is None:
        alone = await subject.alone(item.question, definition.language, "alone")
    return Reply(outcome=outcome, seconds=seconds, tokens=spent.total.tokens, alone=alone)


async def cited(subject: Subject, outcome: Answer | Abstention) -> Mapping[str, float]:
    """Recall and precision of an answer's citations, and where a model serves as second judge how often both agree."""
    if subject.judge is None or isinstance(outcome, Abstention):
        return {}
    scores = await citation_scores(outcome, subject.judge)
    if subject.second_judge is not None:
        scores |= await judges_agree(outcome, subject.judge, subject.second_judge)
    return scores
