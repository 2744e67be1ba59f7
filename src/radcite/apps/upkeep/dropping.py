"""Where what was taken in lies, what else shows its images, and a sent-in study's way out."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from radcite.ingestion.removal import Stores

if TYPE_CHECKING:
    from radcite.apps.wiring import House

__all__ = ["drop_study", "shown_elsewhere", "stores_of"]


def stores_of(house: "House") -> Stores:
    """Where what was taken in lies."""

    async def elsewhere(digests: Collection[str]) -> frozenset[str]:
        return await shown_elsewhere(house, digests)

    return Stores(
        house.ledger, house.index, house.images, house.pages, elsewhere, house.known_vault
    )


async def shown_elsewhere(house: "House", digests: Collection[str]) -> frozenset[str]:
    """Which of some images a sent-in study or a report shows."""
    held = await house.conversations.holds(digests)
    reports = await house.reviews.reports(None)
    return held | {digest for one in reports for digest in one.images if digest in digests}


async def drop_study(house: "House", user: str, study: str) -> None:
    """Remove a user's study with the pictures and stored values that nothing else shows.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    async with house.writing():
        free = await house.conversations.drop_study(user, study)
        users = await house.ledger.image_users(free)
        elsewhere = await shown_elsewhere(house, free)
        for digest in free:
            await house.frames.drop(digest)
            if digest not in users and digest not in elsewhere:
                await house.images.drop(digest)
