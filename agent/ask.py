"""One question through the graph."""

from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

from langchain_core.runnables import RunnableConfig

from radcite.agent.graph import Graph
from radcite.agent.state import Asked, Parts
from radcite.core.claims import Abstention, Answer
from radcite.core.question import Question

__all__ = ["ask", "steps"]


async def ask(graph: Graph, parts: Parts, question: Question) -> Answer | Abstention:
    """The outcome; a drafted report is returned at once, though its thread waits to be signed.

    Raises:
        RadciteError: As the nodes.
    """
    state = await graph.ainvoke(
        Asked(question=question), config=_config(question), context=parts, durability="exit"
    )
    return state["outcome"]


async def steps(
    graph: Graph, parts: Parts, question: Question
) -> AsyncIterator[tuple[str, Mapping[str, object]]]:
    """The name and the update of each node as it ends."""
    async for update in graph.astream(
        Asked(question=question),
        config=_config(question),
        context=parts,
        stream_mode="updates",
        durability="exit",
    ):
        for name, change in update.items():
            if name != "__interrupt__":
                yield name, change or {}


def _config(question: Question) -> RunnableConfig:
    return {"configurable": {"thread_id": question.thread or uuid4().hex}}
