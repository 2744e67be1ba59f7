"""A drafted report waits for a named person; every other answer passes."""

from datetime import UTC, datetime

from langgraph.types import interrupt

from radcite.agent.safety.texts import abstention_message
from radcite.agent.state import Reviewed, State
from radcite.core.claims import Abstention, Answer, ReviewState
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["Signature", "review"]


class Signature(Frozen):
    """Who signs, and which claims (by their place in the answer, from 0) are accepted."""

    signer: str
    accepted: tuple[int, ...]


async def review(state: State) -> Reviewed:
    """Stop at a draft until it is signed; the signed report holds the accepted claims alone.

    Where none was accepted, the report stands in the signer's own words, and the thread has no answer.

    Raises:
        RadciteError: `VALIDATION` for a signature without a name.
    """
    outcome = state["outcome"]
    # A thread of before this was kept waits because it was to be signed.
    waits = state.get("signing", True)
    if not waits or not isinstance(outcome, Answer) or outcome.review is None:
        return Reviewed(outcome=outcome)
    signature = Signature.model_validate(interrupt({"report_id": outcome.review.report_id}))
    kept = tuple(outcome.claims[i] for i in signature.accepted if i < len(outcome.claims))
    if not signature.signer.strip():
        raise RadciteError("VALIDATION", "a report is signed by name")
    if not kept:
        return Reviewed(outcome=_none_accepted(outcome))
    signed = ReviewState(
        report_id=outcome.review.report_id,
        status="final",
        signer=signature.signer,
        signed_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return Reviewed(outcome=outcome.model_copy(update={"claims": kept, "review": signed}))


def _none_accepted(outcome: Answer) -> Abstention:
    return Abstention(
        trace_id=outcome.trace_id,
        task=outcome.task,
        language=outcome.language,
        degraded=outcome.degraded,
        safety=outcome.safety,
        reason="NOT_SUPPORTED",
        message=abstention_message("NOT_SUPPORTED", outcome.language),
    )
