"""A question set as a task of inspect_ai: its samples, a solver that asks, a scorer that grades."""

# inspect_ai is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedFunctionDecorator=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from radcite.core.claims import Abstention, Answer
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.item import Item
from radcite.evals.questions.records import Asked, asked_record, graded_of
from radcite.evals.subject import Reply

__all__ = ["Asking", "asked_in", "task_of"]

_SCORER = "graded"


@dataclass(frozen=True, slots=True)
class Asking:
    """What answers an item, and what scores the citations of its answer."""

    ask: Callable[[Item], Awaitable[Reply]]
    cited: Callable[[Answer | Abstention], Awaitable[Mapping[str, float]]]


def task_of(
    definition: QuestionSet, items: Sequence[Item], asked: Asking, provenance: Mapping[str, Any]
) -> Task:
    """The task. It calls no model of inspect's: whatever answers is behind `asked`."""
    samples = [
        Sample(
            id=item.id,
            input=item.question,
            choices=list(item.options.values()) or None,
            target=["; ".join(names) for names in item.gold],
            metadata={"item": item.model_dump(mode="json")},
        )
        for item in items
    ]
    return Task(
        dataset=MemoryDataset(samples, name=definition.name),
        solver=_asking(asked),
        scorer=_grading(definition, asked),
        model="none",
        name=definition.name,
        version=definition.version,
        metadata={"provenance": json.loads(json.dumps(provenance))},
    )


@solver
def _asking(asked: Asking) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        reply = await asked.ask(Item.model_validate(state.metadata["item"]))
        state.store.set("reply", reply.model_dump(mode="json"))
        outcome = reply.outcome
        said = (
            "\n".join(claim.text for claim in outcome.claims)
            if isinstance(outcome, Answer)
            else f"{outcome.reason}: {outcome.message}"
        )
        state.output = ModelOutput.from_content("radcite", said)
        state.completed = True
        return state

    return solve


@scorer(metrics={"*": [mean(), stderr()]}, name=_SCORER)
def _grading(definition: QuestionSet, asked: Asking) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        item = Item.model_validate(state.metadata["item"])
        reply = Reply.model_validate(state.store.get("reply"))
        citations = await asked.cited(reply.outcome)
        record = asked_record(definition, item, reply, citations)
        return Score(
            # inspect wants the same names from every sample; all scores are in the record.
            value={"answered": record.scores["answered"], "graded": graded_of(record.scores)},
            answer=record.sample.said,
            metadata={"asked": record.model_dump(mode="json")},
        )

    return score


def asked_in(log: EvalLog) -> list[Asked]:
    """The graded questions of a log, in the order of its samples."""
    return [
        Asked.model_validate(graded.metadata["asked"])
        for sample in log.samples or ()
        for graded in (sample.scores or {}).values()
        if graded.metadata and "asked" in graded.metadata
    ]
