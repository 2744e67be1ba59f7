"""No answer: a person takes over from somebody who may harm themselves, or the task is switched off."""

from radcite.agent.drafts import Draft
from radcite.agent.footprint import footprint
from radcite.agent.safety.texts import abstention_message
from radcite.agent.state import HandedOver, State
from radcite.core.claims import Abstention

__all__ = ["hand_over"]


async def hand_over(state: State) -> HandedOver:
    """The turn's safety texts alone, emergency advice among them, and why nothing was searched."""
    reason = "PERSON_NEEDED" if state["person"] else "NOT_OFFERED"
    return HandedOver(
        requests=(),
        rounds=0,
        searched=(),
        evidence=(),
        draft=Draft(),
        checked=(),
        differential=None,
        footprint=footprint((), (), Draft()),
        outcome=Abstention(
            trace_id=state["trace_id"],
            task=state["task"],
            language=state["language"],
            degraded=state["degraded"],
            safety=state["safety"],
            reason=reason,
            message=abstention_message(reason, state["language"]),
        ),
    )
