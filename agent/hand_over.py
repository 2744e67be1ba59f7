"""No answer: a person takes over, the task is switched off, or the images are of no kind that the collection holds."""

from radcite.agent.drafts import Draft
from radcite.agent.footprint import footprint
from radcite.agent.safety.texts import abstention_message
from radcite.agent.state import HandedOver, State
from radcite.core.claims import Abstention, AbstentionReason

__all__ = ["hand_over"]


async def hand_over(state: State) -> HandedOver:
    """The turn's safety texts alone, emergency advice among them, and why nothing was searched."""
    reason = _reason(state)
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


def _reason(state: State) -> AbstentionReason:
    if state["person"]:
        return "PERSON_NEEDED"
    return "OUT_OF_DOMAIN" if state["strange"] else "NOT_OFFERED"
