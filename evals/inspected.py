"""A question set as a task of inspect_ai: its samples, a solver that asks, a scorer that grades."""

# inspect_ai is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedFunctionDecorator=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from pydantic import TypeAdapter

from radcite.core.claims import Abstention, Answer, Outcome
from radcite.core.question import Question
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.items import Item
from radcite.evals.questions.records import Asked, asked_record
from radcite.evals.subject import Ask

__all__ = ["asked_in", "task_of"]

_OUTCOME: TypeAdapter[Answer | Abstention] = TypeAdapter(Outcome)
_SCORER = "graded"


def task_of(
    definition: QuestionSet,
    items: Sequence[Item],
    ask: Ask,
    collection: str,
    provenance: Mapping[str, Any],
) -> Task:
    """The task. It calls no model of inspect's: whatever answers is behind `ask`."""
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
        solver=_asking(definition, ask, collection),
        scorer=_grading(definition),
        model="none",
        name=definition.name,
        version=definition.version,
        metadata={"provenance": json.loads(json.dumps(provenance))},
    )


@solver
def _asking(definition: QuestionSet, ask: Ask, collection: str) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        started = perf_counter()
        outcome = await ask(
            Question(
                text=state.input_text,
                collection=collection,
                task="literature",
                language=definition.language,
            )
        )
        state.store.set("seconds", perf_counter() - started)
        state.store.set("outcome", outcome.model_dump(mode="json"))
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
def _grading(definition: QuestionSet) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        item = Item.model_validate(state.metadata["item"])
        outcome = _OUTCOME.validate_python(state.store.get("outcome"))
        record = asked_record(definition, item, outcome, state.store.get("seconds"))
        return Score(
            value=dict(record.scores),
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
