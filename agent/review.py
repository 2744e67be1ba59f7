"""A drafted report waits for a named person; every other answer passes."""

from datetime import UTC, datetime

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from radcite.agent.state import Parts, Reviewed, State
from radcite.core.claims import Answer, ReviewState
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["Signature", "review"]


class Signature(Frozen):
    """Who signs, and which claims (by their place in the answer, from 0) are accepted."""

    signer: str
    accepted: tuple[int, ...]


async def review(state: State, runtime: Runtime[Parts]) -> Reviewed:
    """Stop at a draft until it is signed; the signed report holds the accepted claims alone.

    Raises:
        RadciteError: `VALIDATION` for a signature without a name or without an accepted claim.
    """
    outcome = state["outcome"]
    waits = isinstance(outcome, Answer) and outcome.review is not None and runtime.context.signing
    if not isinstance(outcome, Answer) or outcome.review is None or not waits:
        return Reviewed(outcome=outcome)
    signature = Signature.model_validate(interrupt({"report_id": outcome.review.report_id}))
    kept = tuple(outcome.claims[i] for i in signature.accepted if i < len(outcome.claims))
    if not signature.signer.strip() or not kept:
        raise RadciteError("VALIDATION", "a report is signed by name, with a claim accepted")
    signed = ReviewState(
        report_id=outcome.review.report_id,
        status="final",
        signer=signature.signer,
        signed_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return Reviewed(outcome=outcome.model_copy(update={"claims": kept, "review": signed}))
