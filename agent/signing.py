"""A signature reaches the thread whose draft it signs: the graph goes on where it stopped."""

from collections.abc import Sequence
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from radcite.agent.graph import Graph
from radcite.agent.review import Signature

__all__ = ["resume_signed"]


async def resume_signed(
    graph: Graph, thread: str, report_id: str, signer: str, accepted: Sequence[int]
) -> bool:
    """Let a thread that waits for this report's signature go on; whether it waited.

    Args:
        graph: With its checkpoints.
        thread: The thread in which the report was drafted.
        report_id: The report that was signed. A thread that has gone on to another question is left alone.
        signer: Who signed.
        accepted: The claims that were kept, by their place in the answer, from 0.
    """
    config: RunnableConfig = {"configurable": {"thread_id": thread}}
    state = await graph.aget_state(config)
    waits = [one.value for task in state.tasks for one in task.interrupts]
    if {"report_id": report_id} not in waits:
        return False
    signature = Signature(signer=signer, accepted=tuple(accepted))
    # What is left to run is the review, which works with nothing but the state.
    go_on = cast("Any", Command(resume=signature.model_dump()))
    await graph.ainvoke(go_on, config, durability="sync")
    return True
