"""The claim gate: every drafted claim is put at its place in the source and checked before it is shown."""

import asyncio
from collections.abc import Sequence

from langgraph.runtime import Runtime

from radcite.agent.balance import balanced
from radcite.agent.differential import argued
from radcite.agent.footprint import footprint
from radcite.agent.gating import checked_claim, distinct
from radcite.agent.safety.texts import abstention_message
from radcite.agent.state import Parts, State, Verified, kept_claims
from radcite.core.claims import Abstention, AbstentionReason, Answer, Claim, ReviewState

__all__ = ["verify"]

_REVIEWED = frozenset({"caption", "diagnosis"})


async def verify(state: State, runtime: Runtime[Parts]) -> Verified:
    """Keep what its quotes support, mark what is weak, drop the rest; nothing left is an abstention.

    No source fills the answer alone, and claims that disagree are told as for and against.
    What was checked while the draft was written is not checked again; what an earlier draft of the turn left
    stays before it.
    """
    rest = state["draft"].claims[len(state["checked"]) :]
    late = await asyncio.gather(*(checked_claim(one, state, runtime.context) for one in rest))
    checked = (*state["checked"], *late)
    kept = [*kept_claims(state), *(one for one in checked if isinstance(one, Claim))]
    refused = tuple(one for one in checked if isinstance(one, str))
    return Verified(
        refused=refused,
        checked=(),
        footprint=footprint(state["requests"], state["evidence"], state["draft"]),
        outcome=_outcome(state, _balanced(state, kept)),
    )


def _balanced(state: State, kept: Sequence[Claim]) -> tuple[Claim, ...]:
    return balanced(distinct(kept), state["evidence"], state["task"])


def _outcome(state: State, shown: Sequence[Claim]) -> Answer | Abstention:
    if not any(claim.support == "supported" for claim in shown):
        return _abstention(state, "NOT_SUPPORTED" if state["evidence"] else "NO_EVIDENCE")
    cited = {citation.evidence for claim in shown for citation in claim.citations}
    votes = argued(state["differential"] or (), shown) or None
    for item in votes or ():
        cited.update(item.supporting, item.against)
    task = state["task"]
    return Answer(
        trace_id=state["trace_id"],
        task=task,
        language=state["language"],
        degraded=state["degraded"],
        safety=state["safety"],
        claims=tuple(shown),
        evidence=tuple(item for item in state["evidence"] if item.key in cited),
        differential=votes,
        review=ReviewState(report_id=state["trace_id"]) if task in _REVIEWED else None,
    )


def _abstention(state: State, reason: AbstentionReason) -> Abstention:
    return Abstention(
        trace_id=state["trace_id"],
        task=state["task"],
        language=state["language"],
        degraded=state["degraded"],
        safety=state["safety"],
        reason=reason,
        message=abstention_message(reason, state["language"]),
        searched=state["searched"],
    )
