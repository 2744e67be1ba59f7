"""The differential alone, as a diagnosis of an image would have it: what calibration works with."""

from typing import cast

from langgraph.runtime import Runtime

from radcite.agent.intake import intake
from radcite.agent.plan import plan
from radcite.agent.retrieve import retrieve
from radcite.agent.state import Parts, State
from radcite.core.claims import DifferentialItem
from radcite.core.question import Question

__all__ = ["candidates"]


async def candidates(question: Question, parts: Parts) -> tuple[DifferentialItem, ...]:
    """The conditions by their votes, from the steps up to the evidence; empty without a similar case.

    Raises:
        RadciteError: As the steps.
    """
    runtime = Runtime(context=parts)
    state = cast("State", {"question": question, "asked": (), "utterances": ()})
    for node in (intake, plan, retrieve):
        state = cast("State", {**state, **await node(state, runtime)})
    return state["votes"]
