"""The agent for LangGraph's own tools, which know neither our types nor our parts: see `langgraph.json`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NotRequired

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from radcite.agent.graph import build_graph
from radcite.agent.state import Started, State
from radcite.apps.asking import parts_of
from radcite.apps.configuration import load_settings
from radcite.apps.searching import check_known
from radcite.apps.wiring import House, open_house
from radcite.core.checked import checked
from radcite.core.question import Question

__all__ = ["Typed", "graph_of", "make_graph"]

# LangGraph takes the run-time context of a call from here where the caller gives none.
_RUNTIME = "__pregel_runtime"


class Typed(TypedDict):
    """A question as a form gives it: the fields of `Question`; images are digests of stored images."""

    text: str
    images: NotRequired[list[str]]
    task: NotRequired[str]
    language: NotRequired[str]
    collection: NotRequired[str]


@asynccontextmanager
async def make_graph() -> AsyncGenerator[CompiledStateGraph[Any, Any, Any, Any]]:
    """The graph over the configured data folder, which it owns for as long as it is open.

    Its input is `Typed`; the steps are those of the agent, as a subgraph; drafts do not wait to be signed.

    Raises:
        RadciteError: `HOME_LOCKED`, `CONFIG_INVALID`.
    """
    async with open_house(load_settings()) as house:
        yield graph_of(house)


def graph_of(house: House) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph over an opened house; it works until the house is closed.

    Run, it raises:
        RadciteError: `VALIDATION` for what is no question, `NOT_FOUND` for a collection that there is none of.
    """

    async def question(state: Typed) -> Started:
        with checked():
            asked = Question.model_validate(state)
        await check_known(house, asked.collection)
        return Started(question=asked, utterances=())

    async def record(state: State) -> dict[str, object]:
        await house.auditor().answered(state["question"], state["outcome"])
        return {}

    graph = StateGraph(State, input_schema=Typed)
    graph.add_node("question", question)
    graph.add_node("agent", build_graph())
    graph.add_edge(START, "question")
    graph.add_edge("question", "agent")
    graph.add_node("record", record)
    graph.add_edge("agent", "record")
    graph.add_edge("record", END)
    runtime = Runtime(context=parts_of(house))
    return graph.compile().with_config({"configurable": {_RUNTIME: runtime}})
