"""What is kept for a time, by the configuration's `[retention]`, and what is older than that."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from radcite.apps.forgetting import Forgotten, Target, forget

if TYPE_CHECKING:
    from radcite.apps.wiring import House

__all__ = ["expire"]


async def expire(house: "House", *, dry_run: bool = False, at: datetime | None = None) -> Forgotten:
    """Forget documents, cases, studies and conversations older than the configuration allows.

    A document's or case's age counts from when it was last written, a study's from when it came, a thread's from
    its last turn.

    Args:
        house: Where they are.
        dry_run: Tell only.
        at: The present time; by default the clock's.
    """
    chosen = house.settings.retention
    now = at or datetime.now(UTC)

    def before(days: int | None) -> str | None:
        return None if days is None else (now - timedelta(days=days)).isoformat(timespec="seconds")

    total = Forgotten(dry_run=dry_run)
    for record in await house.ledger.collections():
        documents = before(chosen.documents_days)
        cases = before(chosen.cases_days)
        old_documents, _ = await house.ledger.stored_before(record.name, documents or "")
        _, old_cases = await house.ledger.stored_before(record.name, cases or "")
        target = Target(
            collection=record.name, documents=tuple(old_documents), cases=tuple(old_cases)
        )
        if old_documents or old_cases:
            total = total.plus(await forget(house, target, dry_run=dry_run))
    old = await house.conversations.older(
        studies=before(chosen.studies_days) or "", threads=before(chosen.threads_days) or ""
    )
    if old.studies or old.threads:
        target = Target(studies=old.studies, threads=old.threads)
        total = total.plus(await forget(house, target, dry_run=dry_run))
    return total
