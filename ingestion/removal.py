"""What was taken in leaves again: pictures and pages, then the ledger, then the index.

The files go first, so that a removal that was killed is still to be seen in the ledger, and is finished by
asking for it again.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from radcite.core.ledger import FileLink, Ledger
from radcite.core.ports import ImageStore, Index
from radcite.core.sources import Case
from radcite.core.vault import Vault
from radcite.core.viewing import PageStore
from radcite.ingestion.studies import composed, without
from radcite.ingestion.sync import sync_index

__all__ = [
    "Leaving",
    "Removed",
    "Stores",
    "displaced",
    "forget_identities",
    "given_by",
    "leaving",
    "remove",
    "with_members",
]

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
        vault: Sealed identities; None where none are kept.
    """

    ledger: Ledger
    index: Index
    images: ImageStore
    pages: PageStore | None = None
    shown_elsewhere: Callable[[Collection[str]], Awaitable[frozenset[str]]] | None = None
    vault: Vault | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """What of a collection is to go: whole documents and cases, images of cases that stay, and files.

    `changed` are the cases that stay, composed of what is left; they are written first. `patients` are those of
    whom something goes.
    """

    collection: str
    documents: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    changed: tuple[Case, ...] = ()
    patients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Removed:
    """How much went."""

    documents: int = 0
    cases: int = 0
    images: int = 0
    pages: int = 0
    files: int = 0
    points: int = 0
    changed: int = 0
    identities: int = 0


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
    archives = await ledger.givers(collection, [FileLink(kind="file", id=key) for key in emptied])
    found = Leaving(
        collection,
        tuple(texts),
        tuple(studies),
        # Of a series every slice is kept, and its case names only some.
        images=tuple(link.id for gave in emptied.values() for link in gave if link.kind == "image"),
        # An archive is opened again for what left of it.
        files=tuple(
            dict.fromkeys([*emptied, *(key for each in archives.values() for key in each)])
        ),
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


async def with_members(ledger: Ledger, collection: str, keys: Sequence[str]) -> list[str]:
    """Files with the members of archives among them that stand nowhere else."""
    found = list(keys)
    for key, gave in (await ledger.links(collection, keys)).items():
        places = await ledger.sources(collection, key)
        members = [link.id for link in gave if link.kind == "file"]
        found += [one for one in members if await ledger.sources(collection, one) <= places]
    return list(dict.fromkeys(found))


async def given_by(stores: Stores, collection: str, keys: Sequence[str]) -> Leaving:
    """What goes with files: what no other file gave; cases that others gave too are composed of what is left."""
    ledger, going = stores.ledger, set(keys)
    links = await ledger.links(collection, keys)
    gave = list(dict.fromkeys(link for each in links.values() for link in each))
    givers = await ledger.givers(collection, gave)
    alone = [link for link in gave if givers[link] <= going]
    objects = await ledger.objects_of(collection, keys)
    whole = {link.id for link in alone if link.kind == "case"} - {one.case_id for one in objects}
    changed: list[Case] = []
    files = list(keys)
    for study in sorted({one.object.study for one in objects}):
        stored = await ledger.study_objects(collection, study)
        kept = without(stored, going)
        files += [one.key for one in stored if one not in kept and one.key not in going]
        for case_id in sorted({one.case_id for one in objects if one.object.study == study}):
            case = composed(case_id, [one for one in kept if one.case_id == case_id])
            if case is None:
                whole.add(case_id)
            elif case != await ledger.case(collection, case_id):
                changed.append(case)
    found = Leaving(
        collection,
        documents=tuple(link.id for link in alone if link.kind == "document"),
        cases=tuple(sorted(whole)),
        images=tuple(sorted(link.id for link in alone if link.kind == "image")),
        files=tuple(files),
        changed=tuple(changed),
        patients=frozenset(one.object.patient for one in objects if one.object.patient),
    )
    return await _with_files(stores, found)


async def _with_files(stores: Stores, found: Leaving) -> Leaving:
    """With the pictures and pages that nothing else shows, and the patients of its cases."""
    ledger, here = stores.ledger, found.collection
    digests, patients = set(found.images), set(found.patients)
    for name in found.cases:
        case = await ledger.case(here, name)
        if case is not None:
            digests.update(ref.digest for ref in case.images)
            patients.update([case.patient] if case.patient else [])
    users = await ledger.image_users(digests)
    going = {(here, name) for name in (*found.cases, *(case.case_id for case in found.changed))}
    free = {digest for digest in digests if users.get(digest, frozenset()) <= going}
    if stores.shown_elsewhere is not None and free:
        free -= await stores.shown_elsewhere(free)
    paged = [name for name in found.documents if name.startswith(_PAGED)]
    holders = await ledger.document_holders(paged)
    pages = tuple(
        name.removeprefix(_PAGED) for name in paged if holders.get(name) == frozenset({here})
    )
    return replace(found, images=tuple(sorted(free)), pages=pages, patients=frozenset(patients))


async def remove(stores: Stores, found: Leaving) -> Removed:
    """Remove it. May be killed at any point: asking again finishes it."""
    ledger = stores.ledger
    for digest in found.images:
        await stores.images.drop(digest)
    for digest in found.pages:
        if stores.pages is not None:
            await stores.pages.drop(digest)
    points = await ledger.forget(found.collection, found.documents, found.cases)
    await sync_index(ledger, stores.index, found.collection)
    identities = await forget_identities(stores, found.patients)
    await ledger.drop_files(found.collection, found.files)
    return Removed(
        documents=len(found.documents),
        cases=len(found.cases),
        images=len(found.images),
        pages=len(found.pages),
        files=len(found.files),
        points=points,
        changed=len(found.changed),
        identities=identities,
    )


async def forget_identities(stores: Stores, patients: Iterable[str]) -> int:
    """Take those out of the vault of whom no collection has a case any more; how many."""
    if stores.vault is None:
        return 0
    records = await stores.ledger.collections()
    gone: list[str] = []
    for patient in sorted(patients):
        left = [await stores.ledger.cases_of(record.name, patient) for record in records]
        if not any(left):
            gone.append(patient)
    return await stores.vault.forget(gone)


async def displaced(
    ledger: Ledger, collection: str, placed: Mapping[str, Collection[str]]
) -> list[str]:
    """Note which files stand at each source now; the keys of their predecessors that stand nowhere any more.

    A list of records is superseded record by record when it is read: one that its successor does not name stays.
    """
    gone = await ledger.place(collection, placed)
    for key, source in gone.items():
        record = await ledger.file(collection, key)
        if record is not None and record.kind in _LISTS:
            await ledger.relink(collection, key, min(placed[source]))
    return list(gone)
