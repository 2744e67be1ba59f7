"""Drafts put away for review, and who may sign one at this machine."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from radcite.apps.auditing import Auditor
from radcite.core.accounts import Accounts
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.core.review import Change, Report, ReviewStore, drafted

if TYPE_CHECKING:
    from radcite.apps.wiring import House

__all__ = ["audited_change", "check_signer", "keep_draft", "moment", "picked", "report_json"]


async def keep_draft(
    house: "House", owner: str, question: Question, outcome: Answer | Abstention
) -> None:
    """Keep an answer that is a drafted report, under its report id; no other answer is kept."""
    if not isinstance(outcome, Answer):
        return
    report = drafted(
        outcome,
        owner=owner,
        collection=question.collection,
        at=moment(),
        patient=question.patient,
        images=question.images,
    )
    if report is not None:
        await house.reviews.add(report)


async def audited_change(
    reviews: ReviewStore, by: Auditor, owner: str | None, report_id: str, step: Change, detail: str
) -> Report:
    """Take a step of a review that is on record before it is taken.

    A step that another change forestalled is on record too, and its failure after it.

    Args:
        reviews: Where the report is kept.
        by: Who takes the step.
        owner: Whose reports are reached; None for all.
        report_id: Which.
        step: What to do.
        detail: What the record calls it.

    Raises:
        RadciteError: As the store and the step.
        DependencyDown: `AUDIT_UNAVAILABLE`; nothing is changed.
    """
    before = await reviews.report(owner, report_id)
    after = step(before)
    signer = after.signatures[-1].signer if after.signed else None
    await by.of_report("sign_off" if signer else "review", detail, after, signer)
    return await reviews.change(owner, report_id, step)


async def check_signer(accounts: Accounts, name: str, password: Callable[[], str]) -> None:
    """Let a name sign: any where there are no users, else a user's who may sign and proves it.

    Args:
        accounts: The users of the data folder.
        name: Who wants to sign.
        password: Called for the user's password, only where there are users.

    Raises:
        RadciteError: `UNAUTHENTICATED`, or `FORBIDDEN` for a user without the permission.
    """
    if not await accounts.exist():
        return
    token, identity = await accounts.sign_in(name, password())
    await accounts.sign_out(token)
    if "sign" not in identity.permissions:
        raise RadciteError("FORBIDDEN", "this user may not sign", "该用户无签署权限")


def picked(versions: Sequence[Report], number: int | None, *, stands: bool = False) -> Report:
    """One of a report's versions, given in order.

    Args:
        versions: All of them.
        number: Which, from 1; without it the latest.
        stands: Without a number, the latest that is signed, if there is one.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    if number is None:
        signed = [one for one in versions if one.signed]
        return signed[-1] if stands and signed else versions[-1]
    if not 1 <= number <= len(versions):
        raise RadciteError("NOT_FOUND", "no such version of this report", "该报告没有此版本")
    return versions[number - 1]


def moment() -> str:
    """Now, UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def report_json(report: Report) -> dict[str, object]:
    """A version of a report as the published document, without its schema."""
    return {
        "status": report.status,
        "signed": report.signed,
        "intact": report.intact,
        "pending": list(report.pending),
        "missing": [field.id for field in report.missing],
        **report.model_dump(mode="json"),
    }
