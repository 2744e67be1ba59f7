"""What is kept for a time, by the configuration's `[retention]`, and what is older than that."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from radcite.apps.upkeep.forgetting import EVER, Forgotten, Target, forget
from radcite.apps.upkeep.threads import remembered_before

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
    studies, threads = before(chosen.studies_days) or "", before(chosen.threads_days) or ""
    old = await house.conversations.older(studies=studies, threads=threads)
    if threads:
        every = await house.conversations.older(studies="", threads=EVER)
        young = {*every.threads} - {*old.threads}
        alone = [one for one in await remembered_before(house, threads) if one not in young]
        old = old.model_copy(update={"threads": tuple(dict.fromkeys([*old.threads, *alone]))})
    if old.studies or old.threads:
        target = Target(studies=old.studies, threads=old.threads)
        total = total.plus(await forget(house, target, dry_run=dry_run))
    return total
