"""An answer made again from its stored turn, step by step, and where it first comes out otherwise."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any, Literal, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from pydantic_core import to_jsonable_python

from radcite.agent.graph import build_graph
from radcite.agent.state import Parts, Started, State
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["Replayed", "Step", "replay", "stored_turn"]

Step = Literal["understood", "requests", "evidence", "draft", "outcome"]
_UNDERSTOOD = ("language", "task", "safety", "asked")


class Replayed(Frozen):
    """The outcome now, and the first step that came out otherwise; None when all are the same."""

    outcome: Answer | Abstention
    differs: Step | None

    @property
    def identical(self) -> bool:
        """Whether every step came out the same."""
        return self.differs is None


async def stored_turn(checkpoints: BaseCheckpointSaver[str], trace_id: str) -> State:
    """The turn of a trace as its thread keeps it.

    Raises:
        RadciteError: `NOT_FOUND` for a trace whose thread is gone, or that never had one.
    """
    found = cast("AsyncIterator[Any]", checkpoints.alist(None))
    async for one in found:
        values = cast("Mapping[str, object]", one.checkpoint["channel_values"])
        if values.get("trace_id") == trace_id and "outcome" in values:
            return cast("State", dict(values))
    raise RadciteError("NOT_FOUND", "no kept thread holds this trace", "没有会话保存此追踪号")


async def replay(stored: State, parts: Parts) -> Replayed:
    """Ask the stored question again, in a thread of its own, and compare each step with the stored one.

    A language model is asked at temperature 0; whether it then repeats itself is its server's matter.

    Raises:
        RadciteError: As the steps.
    """
    start = Started(
        question=stored["question"],
        utterances=stored.get("utterances", ()),
        asked=tuple(stored["asked"][:-1]),
    )
    alone = replace(parts, signing=False, replies=False, streaming=False)
    again = cast("State", await build_graph().ainvoke(start, context=alone))
    return Replayed(outcome=again["outcome"], differs=_first_difference(stored, again))


def _first_difference(stored: State, again: State) -> Step | None:
    was, now = cast("Mapping[str, object]", stored), cast("Mapping[str, object]", again)
    if any(_plain(was.get(name)) != _plain(now.get(name)) for name in _UNDERSTOOD):
        return "understood"
    steps: tuple[Step, ...] = ("requests", "evidence", "draft")
    # A turn that asked the user back came to no draft.
    for step, then, here in zip(steps, stored["footprint"], again["footprint"], strict=False):
        if then != here:
            return step
    same = _said(stored["outcome"]) == _said(_as_signed(again["outcome"], stored["outcome"]))
    return None if same else "outcome"


def _as_signed(now: Answer | Abstention, was: Answer | Abstention) -> Answer | Abstention:
    """The outcome with the claims alone that a signature kept, where there is one."""
    signed = isinstance(was, Answer) and was.review is not None and was.review.signer is not None
    if not signed or not isinstance(now, Answer) or not isinstance(was, Answer):
        return now
    kept = tuple(claim for claim in now.claims if claim in was.claims)
    return now.model_copy(update={"claims": kept}) if kept else now


def _plain(value: object) -> object:
    """A value as JSON knows it: a stored list was a tuple."""
    return to_jsonable_python(value)


def _said(outcome: Answer | Abstention) -> object:
    return outcome.model_dump(exclude={"trace_id", "review"})
