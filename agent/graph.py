"""The graph: intake, plan, retrieve (and look, for what is missing), write, verify, review. Wiring only.

Where somebody may harm themselves, the task is switched off, or no image is of a kind that the collection holds,
hand_over stands between intake and review instead.

Where the user is asked back, reply stands between plan and a new intake. The routers are coroutines though they wait
for nothing: LangGraph sends others to a thread and back.
"""

from typing import Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from radcite.agent.hand_over import hand_over
from radcite.agent.intake import intake
from radcite.agent.plan import plan
from radcite.agent.plan_by_model import look
from radcite.agent.reply import reply
from radcite.agent.retrieve import retrieve
from radcite.agent.review import review
from radcite.agent.state import Parts, Started, State, Written, waits_for_reply
from radcite.agent.verify import verify
from radcite.agent.write import write

__all__ = ["Graph", "build_graph"]

Graph = CompiledStateGraph[State, Parts, Started, State]


def build_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> Graph:
    """The compiled graph; `Parts` are its run-time context."""
    graph = StateGraph(State, context_schema=Parts, input_schema=Started)
    for node in (intake, hand_over, plan, reply, retrieve, look, write, rewrite, verify, review):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "intake")
    graph.add_conditional_edges("intake", after_intake)
    graph.add_edge("hand_over", "review")
    graph.add_conditional_edges("plan", after_plan)
    graph.add_edge("reply", "intake")
    graph.add_conditional_edges("retrieve", after_retrieve)
    graph.add_conditional_edges("look", after_look)
    graph.add_edge("write", "verify")
    graph.add_conditional_edges("verify", after_verify)
    graph.add_edge("rewrite", "verify")
    graph.add_edge("review", END)
    return graph.compile(checkpointer=checkpointer)


async def after_intake(state: State, runtime: Runtime[Parts]) -> Literal["hand_over", "plan"]:
    """Not answered: words of somebody who may harm themselves, a task that is switched off, images of another kind."""
    offered = state["task"] in runtime.context.tasks
    refused = state["person"] or state["strange"] or not offered
    return "hand_over" if refused else "plan"


async def after_plan(state: State) -> Literal["reply", "retrieve"]:
    """A question back to the user ends the turn, until there is a reply."""
    return "reply" if waits_for_reply(state) else "retrieve"


async def after_retrieve(state: State, runtime: Runtime[Parts]) -> Literal["look", "write"]:
    """A model may look at what was found and ask for more, as often as the settings allow."""
    parts = runtime.context
    asks = parts.chat is not None and "llm" not in state["degraded"]
    return "look" if asks and state["rounds"] < parts.rounds else "write"


async def after_look(state: State) -> Literal["retrieve", "write"]:
    """Search again only where the model named something new."""
    return "retrieve" if state["requests"] else "write"


async def after_verify(state: State, runtime: Runtime[Parts]) -> Literal["rewrite", "review"]:
    """A model may mend once what the gate refused."""
    mendable = bool(state["refused"]) and not state["rewrites"] and "llm" not in state["degraded"]
    return "rewrite" if mendable and runtime.context.chat is not None else "review"


async def rewrite(state: State, runtime: Runtime[Parts]) -> Written:
    """The second and last draft."""
    return await write({**state, "rewrites": 1}, runtime)
