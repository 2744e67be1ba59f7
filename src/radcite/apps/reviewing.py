"""Drafts put away for review, and who may sign one at this machine."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from radcite.apps.auditing import Auditor
from radcite.core.accounts import Accounts
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.priors import Comparison, compare, prior_of
from radcite.core.question import Question
from radcite.core.review import Change, Report, ReviewStore
from radcite.core.review_steps import check_revision, drafted

if TYPE_CHECKING:
    from radcite.agent.graph import Graph
    from radcite.apps.wiring import House

__all__ = [
    "all_versions",
    "audited_change",
    "check_signer",
    "keep_draft",
    "moment",
    "picked",
    "report_json",
    "resume_thread",
    "with_prior",
]


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
        thread=question.thread,
    )
    if report is not None:
        await house.reviews.add(report)


async def audited_change(
    reviews: ReviewStore,
    by: Auditor,
    owner: str | None,
    report_id: str,
    step: Change,
    detail: str,
    *,
    expects: str | None = None,
) -> Report:
    """Take a step of a review that is on record before it is taken; what is on record is what is kept.

    A step that another change forestalled is on record too, and its failure after it.

    Args:
        reviews: Where the report is kept.
        by: Who takes the step.
        owner: Whose reports are reached; None for all.
        report_id: Which.
        step: What to do.
        detail: What the record calls it.
        expects: The `revision` that whoever takes the step has read; None for whatever it is now.

    Raises:
        RadciteError: As the store and the step.
        DependencyDown: `AUDIT_UNAVAILABLE`; nothing is changed.
    """
    before = await reviews.report(owner, report_id)
    check_revision(before, expects)
    after = step(before)
    signer = after.signatures[-1].signer if after.signed else None
    await by.of_report("sign_off" if signer else "review", detail, after, signer)
    return await reviews.change(owner, report_id, step, expects=before.revision)


async def all_versions(reviews: ReviewStore, owner: str | None) -> list[list[Report]]:
    """The versions of each report that is reached, the newest report first."""
    return [await reviews.versions(owner, one.report_id) for one in await reviews.reports(owner)]


async def with_prior(
    reviews: ReviewStore, owner: str | None, report_id: str, version: int | None
) -> tuple[Report, Report, Comparison]:
    """A version of a report, the patient's signed report before it, and how they compare.

    Raises:
        RadciteError: `NOT_FOUND`, also where no earlier signed report of this patient is reached.
    """
    report = picked(await reviews.versions(owner, report_id), version)
    prior = prior_of(report, await all_versions(reviews, owner))
    if prior is None:
        raise RadciteError(
            "NOT_FOUND",
            "no earlier signed report of this patient and task",
            "没有该患者同类任务的既往已签署报告",
        )
    return report, prior, compare(report, prior)


async def resume_thread(graph: "Graph", report: Report) -> None:
    """Let the thread that drafted a report go on, now that its first version is signed."""
    if report.thread is None or report.version > 1 or not report.signed:
        return
    from radcite.agent.signing import resume_signed

    kept = [int(one.id[1:]) - 1 for one in report.kept]
    await resume_signed(graph, report.thread, report.report_id, report.signatures[-1].signer, kept)


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
        "revision": report.revision,
        "pending": list(report.pending),
        "missing": [field.id for field in report.missing],
        **report.model_dump(mode="json"),
    }
