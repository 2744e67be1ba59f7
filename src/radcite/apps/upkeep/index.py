"""What is stored, and the index brought back from the ledger."""

from collections.abc import Mapping

from radcite.apps.wiring import House
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ledger import CollectionRecord, FileState

__all__ = ["CollectionStats", "after_restore", "chosen_collections", "collection_stats", "rebuild"]


class CollectionStats(Frozen):
    """A collection in numbers. `points` are those of the index, `waiting`: whether it still lacks some.

    Fingerprints name the encoders the vectors were made with; None where there are no such vectors.
    """

    name: str
    documents: int
    passages: int
    cases: int
    images: int
    points: int
    waiting: bool
    files: Mapping[FileState, int]
    sparse: str
    text: str | None
    image: str | None


async def chosen_collections(house: House, name: str | None) -> list[CollectionRecord]:
    """The collection of that name, or all of them.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    if name is None:
        return await house.ledger.collections()
    record = await house.ledger.collection(name)
    if record is None:
        raise RadciteError("NOT_FOUND", f"collection {name}", f"集合 {name}")
    return [record]


async def collection_stats(house: House, record: CollectionRecord) -> CollectionStats:
    """Counts, fingerprints, and files by state."""
    counts = await house.ledger.counts(record.name)
    points, removed, _ = await house.ledger.pending(record.name, 1)
    return CollectionStats(
        name=record.name,
        documents=counts["documents"],
        passages=counts["passages"],
        cases=counts["cases"],
        images=counts["images"],
        points=await house.index.count(record.name),
        waiting=bool(points or removed),
        files=await house.ledger.count_files(record.name),
        sparse=record.sparse,
        text=record.text,
        image=record.image,
    )


async def rebuild(house: House, record: CollectionRecord, *, encode: bool = False) -> int:
    """Write a collection's index anew from the ledger; how many points.

    Args:
        house: Where it is.
        record: Which one.
        encode: Make the vectors anew with the encoders of the settings first: those of texts, and those of images
            where another encoder made them.
    """
    from radcite.ingestion.reencode import Reencoder
    from radcite.ingestion.sync import rebuild_index

    async with house.writing():
        if encode:
            renew = Reencoder(house.ledger, house.images, house.text_encoder, house.image_encoder)
            record = await renew(record)
        return await rebuild_index(house.ledger, house.index, record)


async def after_restore(house: House) -> None:
    """Make the embedded index again, which no backup holds."""
    from radcite.ingestion.sync import restore_index

    if house.settings.index.kind == "edge":
        for record in await house.ledger.collections():
            await restore_index(house.ledger, house.index, record)
