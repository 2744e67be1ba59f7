"""Which searches answer the question, or the question back to the user without whose reply none is of use."""

from langgraph.runtime import Runtime

from radcite.agent.plan_by_model import plan_by_model
from radcite.agent.plan_by_rules import plan_by_rules
from radcite.agent.reply import image_is_missing, may_ask_back, question_back
from radcite.agent.state import Parts, Planned, State

__all__ = ["plan"]


async def plan(state: State, runtime: Runtime[Parts]) -> Planned:
    """Choose the searches of this turn: by the model where there is one, else by rules."""
    parts = runtime.context
    may_ask = may_ask_back(state, parts)
    if may_ask and (words := image_is_missing(state)) and (back := question_back(state, words)):
        return back
    if parts.chat is None:
        return Planned(requests=plan_by_rules(state), degraded=state["degraded"], rounds=1)
    return await plan_by_model(state, parts.chat, may_ask=may_ask)
