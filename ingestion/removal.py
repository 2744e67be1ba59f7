"""What was taken in leaves again: pictures and pages, then the ledger, then the index.

The files go first, so that a removal that was killed is still to be seen in the ledger, and is finished by
asking for it again.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from radcite.core.ledger import FileLink, Ledger, LedgerBatch, StoredCase
from radcite.core.ports import ImageStore, Index
from radcite.core.sources import Case
from radcite.core.viewing import PageStore
from radcite.ingestion.sync import sync_index

__all__ = ["Leaving", "Removed", "Stores", "given_by", "leaving", "remove", "supersede"]

_PAGED = "sha256:"
_LISTS = frozenset({"passages", "cases"})


@dataclass(frozen=True, slots=True)
class Stores:
    """Where what was taken in lies.

    Args:
        ledger: The source of truth.
        index: The cache that is searched.
        images: Pictures.
        pages: Paged documents; None where none are kept.
        shown_elsewhere: Which of some images are shown by something other than a collection.
    """

    ledger: Ledger
    index: Index
    images: ImageStore
    pages: PageStore | None = None
    shown_elsewhere: Callable[[Collection[str]], Awaitable[frozenset[str]]] | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """What of a collection is to go: whole documents and cases, images of cases that stay, and files."""

    collection: str
    documents: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    trimmed: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """How much went."""

    documents: int = 0
    cases: int = 0
    images: int = 0
    pages: int = 0
    files: int = 0
    points: int = 0


async def leaving(
    stores: Stores, collection: str, *, documents: Sequence[str] = (), cases: Sequence[str] = ()
) -> Leaving:
    """All that goes with documents and cases; unknown ids are passed over.

    A file goes when nothing that it gave is left, so that it would be taken again.
    """
    ledger = stores.ledger
    texts = [name for name in documents if await ledger.document(collection, name) is not None]
    studies = [name for name in cases if await ledger.case(collection, name) is not None]
    links = [
        *(FileLink(kind="document", id=name) for name in texts),
        *(FileLink(kind="case", id=name) for name in studies),
    ]
    emptied = await _emptied(ledger, collection, links)
    found = Leaving(
        collection,
        tuple(texts),
        tuple(studies),
        # Of a series every slice is kept, and its case names only some.
        images=tuple(link.id for gave in emptied.values() for link in gave if link.kind == "image"),
        files=tuple(emptied),
    )
    return await _with_files(stores, found)


async def _emptied(
    ledger: Ledger, collection: str, going: Sequence[FileLink]
) -> Mapping[str, Sequence[FileLink]]:
    givers = await ledger.givers(collection, going)
    keys = sorted({key for each in givers.values() for key in each})
    gone = set(going)
    return {
        key: gave
        for key, gave in (await ledger.links(collection, keys)).items()
        if all(link in gone for link in gave if link.kind != "image")
    }


async def given_by(stores: Stores, collection: str, keys: Sequence[str]) -> Leaving:
    """What goes with files: what no other file gave, and their images out of the cases that others gave too."""
    ledger, going = stores.ledger, set(keys)
    links = await ledger.links(collection, keys)
    gave = list(dict.fromkeys(link for each in links.values() for link in each))
    givers = await ledger.givers(collection, gave)
    alone = [link for link in gave if givers[link] <= going]
    images = {link.id for link in alone if link.kind == "image"}
    whole = {link.id for link in alone if link.kind == "case"}
    trimmed: list[Case] = []
    for link in gave:
        if link.kind != "case" or link.id in whole:
            continue
        case = await ledger.case(collection, link.id)
        if case is None or not any(ref.digest in images for ref in case.images):
            continue
        kept = tuple(ref for ref in case.images if ref.digest not in images)
        if kept or case.report:
            series = tuple(one for one in case.series if one.key not in images)
            trimmed.append(case.model_copy(update={"images": kept, "series": series}))
        else:
            whole.add(link.id)
    found = Leaving(
        collection,
        documents=tuple(link.id for link in alone if link.kind == "document"),
        cases=tuple(sorted(whole)),
        images=tuple(sorted(images)),
        files=tuple(keys),
        trimmed=tuple(trimmed),
    )
    return await _with_files(stores, found)


async def _with_files(stores: Stores, found: Leaving) -> Leaving:
    """With the pictures and pages that nothing else shows."""
    ledger, here = stores.ledger, found.collection
    digests = set(found.images)
    for name in found.cases:
        case = await ledger.case(here, name)
        if case is not None:
            digests.update(ref.digest for ref in case.images)
    users = await ledger.image_users(digests)
    going = {(here, name) for name in (*found.cases, *(case.case_id for case in found.trimmed))}
    free = {digest for digest in digests if users.get(digest, frozenset()) <= going}
    if stores.shown_elsewhere is not None and free:
        free -= await stores.shown_elsewhere(free)
    paged = [name for name in found.documents if name.startswith(_PAGED)]
    holders = await ledger.document_holders(paged)
    pages = tuple(
        name.removeprefix(_PAGED) for name in paged if holders.get(name) == frozenset({here})
    )
    return Leaving(
        here,
        found.documents,
        found.cases,
        tuple(sorted(free)),
        found.files,
        pages,
        found.trimmed,
    )


async def remove(stores: Stores, found: Leaving) -> Removed:
    """Remove it. May be killed at any point: asking again finishes it."""
    ledger = stores.ledger
    for digest in found.images:
        await stores.images.drop(digest)
    for digest in found.pages:
        if stores.pages is not None:
            await stores.pages.drop(digest)
    points = 0
    for case in found.trimmed:
        points += await _trim(ledger, found.collection, case)
    points += await ledger.forget(found.collection, found.documents, found.cases)
    await sync_index(ledger, stores.index, found.collection)
    await ledger.drop_files(found.collection, found.files)
    return Removed(
        documents=len(found.documents),
        cases=len(found.cases),
        images=len(found.images),
        pages=len(found.pages),
        files=len(found.files),
        points=points,
    )


async def _trim(ledger: Ledger, collection: str, case: Case) -> int:
    """Write a case without the images that it lost; how many points went."""
    shown = {ref.digest for ref in case.images}
    points = await ledger.points_of(collection, case.case_id)
    kept = [point for point in points if point.kind != "image" or point.payload["image"] in shown]
    digest = sha256(case.model_dump_json().encode()).hexdigest()
    await ledger.write(collection, LedgerBatch(cases=[StoredCase(case, digest)], points=kept))
    return len(points) - len(kept)


async def supersede(
    stores: Stores, collection: str, placed: Mapping[str, Collection[str]]
) -> Removed:
    """Note which files stand at each source now, and remove what only their predecessors there gave.

    A list of records is superseded record by record when it is read: one that its successor does not name stays.
    """
    ledger = stores.ledger
    displaced = await ledger.place(collection, placed)
    gone: list[str] = []
    for key, source in displaced.items():
        record = await ledger.file(collection, key)
        successor = min(placed[source])
        if record is not None and record.kind in _LISTS:
            await ledger.relink(collection, key, successor)
        gone.append(key)
    if not gone:
        return Removed()
    return await remove(stores, await given_by(stores, collection, gone))
