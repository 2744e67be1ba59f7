"""One question through the graph."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast
from uuid import uuid4

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StreamMode

from radcite.agent.graph import Graph
from radcite.agent.reply import is_question
from radcite.agent.state import Parts, Started
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.question import Question

__all__ = ["ask", "steps"]


async def ask(graph: Graph, parts: Parts, question: Question) -> Answer | Abstention:
    """The outcome; a drafted report is returned at once, though its thread waits to be signed.

    Args:
        graph: From `build_graph`.
        parts: What its nodes work with.
        question: What was asked.

    Raises:
        RadciteError: As the nodes.
    """
    outcome: object = None
    async for _, change in steps(graph, parts, question):
        outcome = change.get("outcome", outcome)
    if not isinstance(outcome, (Answer, Abstention)):
        raise RadciteError("INTERNAL", "the graph ended without an outcome")
    return outcome


async def steps(
    graph: Graph, parts: Parts, question: Question
) -> AsyncIterator[tuple[str, Mapping[str, object]]]:
    """The name and the update of each node as it ends.

    With `Parts.streaming` also `claim`, with its `index` in the answer, for each claim of the model that passed the
    gate, while the rest of the draft is still being written.

    Raises:
        RadciteError: As the nodes.
    """
    config: RunnableConfig = {"configurable": {"thread_id": question.thread or uuid4().hex}}
    # One write at the end of a turn costs a third of one after every node.
    durability = "exit" if graph.checkpointer else None
    given: Any = Started(question=question, utterances=())
    if parts.replies and question.thread and await _waits_for(graph, config, question):
        given = Command(resume=question.model_dump())
    # To hear single claims LangGraph waits on two things at once at every step, which costs where nobody listens.
    heard: list[StreamMode] = ["updates", "custom"] if parts.streaming else ["updates"]
    updates = graph.astream(
        given,
        config=config,
        context=parts,
        stream_mode=heard,
        durability=durability,
    )
    async for mode, update in cast("AsyncIterator[tuple[str, dict[str, Any]]]", updates):
        if mode == "custom":
            yield "claim", update
            continue
        for name, change in update.items():
            if name != "__interrupt__":
                yield name, change or {}


async def _waits_for(graph: Graph, config: RunnableConfig, said: Question) -> bool:
    """Whether the thread asked the user something to which this is the reply, and no question of its own."""
    if not graph.checkpointer or is_question(said.text):
        return False
    state = await graph.aget_state(config)
    waits = [one.value for task in state.tasks for one in task.interrupts]
    return any("asked_back" in one for one in waits)
