"""Where somebody may harm themselves, a person takes over: nothing is searched, written or answered."""

from radcite.agent.drafts import Draft
from radcite.agent.safety.texts import abstention_message
from radcite.agent.state import HandedOver, State
from radcite.core.claims import Abstention

__all__ = ["hand_over"]


async def hand_over(state: State) -> HandedOver:
    """The crisis message alone, already in the turn's safety texts, and the abstention that names its reason."""
    return HandedOver(
        requests=(),
        rounds=0,
        searched=(),
        evidence=(),
        draft=Draft(claims=()),
        checked=(),
        differential=None,
        outcome=Abstention(
            trace_id=state["trace_id"],
            task=state["task"],
            language=state["language"],
            degraded=state["degraded"],
            safety=state["safety"],
            reason="PERSON_NEEDED",
            message=abstention_message("PERSON_NEEDED", state["language"]),
        ),
    )
