from radcite.core.ledger import INDEX_LAYOUT, CollectionRecord, Ledger, LedgerPoint
from radcite.core.ports import DenseName, Index, IndexPoint
from radcite.core.vectors import Vectors

__all__ = ["create_in_index", "rebuild_index", "restore_index", "sync_index"]

_GROUP = 2_000


async def create_in_index(index: Index, record: CollectionRecord) -> None:
    """Make the collection's place in the index if it is not there."""
    dims: dict[DenseName, int] = {}
    if record.text_dim is not None:
        dims["text"] = record.text_dim
    if record.image_dim is not None:
        dims["image"] = record.image_dim
    await index.create(record.name, dims)


async def sync_index(ledger: Ledger, index: Index, collection: str) -> int:
    """Bring the index up to the ledger; how many points were written.

    May be killed at any point: what was not acknowledged is written again.
    """
    written = 0
    while True:
        points, removed, mark = await ledger.pending(collection, _GROUP)
        if not points and not removed:
            return written
        await index.delete(collection, removed)
        await index.upsert(collection, [_indexed(point) for point in points])
        await ledger.acknowledge(collection, removed, mark)
        written += len(points)


async def rebuild_index(ledger: Ledger, index: Index, record: CollectionRecord) -> int:
    """Write the index anew, in the present form, from the ledger's vectors; nothing is encoded.

    Raises:
        RadciteError: `HOME_NEWER` for an index of a later form.
    """
    record.check_layout()
    # The mark first: killed after the drop, the next run must not take the lost points for written.
    await ledger.acknowledge(record.name, [], 0)
    await index.drop(record.name)
    await create_in_index(index, record)
    written = await sync_index(ledger, index, record.name)
    if record.layout != INDEX_LAYOUT:
        await ledger.put_collection(record.model_copy(update={"layout": INDEX_LAYOUT}))
    return written


async def restore_index(ledger: Ledger, index: Index, record: CollectionRecord) -> None:
    """Bring the index up to the ledger, anew when it lost points that it had acknowledged or has an earlier form.

    Raises:
        RadciteError: `HOME_NEWER` for an index of a later form.
    """
    record.check_layout()
    if record.layout < INDEX_LAYOUT:
        await rebuild_index(ledger, index, record)
        return
    await create_in_index(index, record)
    await sync_index(ledger, index, record.name)
    images = (await ledger.counts(record.name))["images"]
    if await index.count(record.name) != images + await ledger.document_count(record.name):
        await rebuild_index(ledger, index, record)


def _indexed(point: LedgerPoint) -> IndexPoint:
    dense: dict[DenseName, Vectors] = {}
    if point.text is not None:
        dense["text"] = point.text
    if point.image is not None:
        dense["image"] = point.image
    return IndexPoint(
        id=point.id,
        payload={**point.payload, "kind": point.kind, "owner": point.owner},
        dense=dense,
        sparse=point.sparse,
    )
