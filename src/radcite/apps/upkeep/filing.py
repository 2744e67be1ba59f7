"""Files in the ledger as a user speaks of them: what they are, trying them again, holding them back."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.upkeep.index import chosen_collections
from radcite.core.errors import ErrorCode, RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ledger import FileRecord, FileState
from radcite.core.pseudonym import content_key
from radcite.ingestion.discovery import FoundFile, digest_of, find_files
from radcite.ingestion.removal import Removed, with_members
from radcite.ingestion.report import IngestReport

if TYPE_CHECKING:
    from radcite.apps.wiring import House

__all__ = [
    "CollectionFiles",
    "FileStatus",
    "Retried",
    "collection_files",
    "files_at",
    "hold",
    "release",
    "retry_files",
]

_UNFINISHED: tuple[FileState, ...] = (
    "seen",
    "parsed",
    "de-identified",
    "encoded",
    "failed",
    "quarantined",
)
_PAGE = 1_000


class FileStatus(Frozen):
    """A file in the ledger. `file` is its name where it was asked about by name; `gave` counts what it gave."""

    file: str | None = None
    collection: str
    key: str
    kind: str | None = None
    state: FileState | None
    code: ErrorCode | None = None
    message: str | None = None
    changed_at: str | None = None
    gave: str = ""


class CollectionFiles(Frozen):
    """A collection's files by state, and some of those that are not indexed."""

    name: str
    files: Mapping[FileState, int]
    unfinished: tuple[FileStatus, ...]


class Retried(Frozen):
    """How many files were released, and what reading them gave."""

    released: int
    report: IngestReport


async def collection_files(
    house: "House",
    name: str | None,
    limit: int,
    states: Collection[FileState] = _UNFINISHED,
) -> list[CollectionFiles]:
    """Files by state of one collection or all, with at most `limit` of those in some states.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    found: list[CollectionFiles] = []
    for record in await chosen_collections(house, name):
        listed = await house.ledger.files(record.name, states, limit=limit)
        found.append(
            CollectionFiles(
                name=record.name,
                files=await house.ledger.count_files(record.name),
                unfinished=tuple(_status(record.name, one) for one in listed),
            )
        )
    return found


async def files_at(
    house: "House", paths: Sequence[Path], collection: str | None
) -> list[FileStatus]:
    """What the ledger says of these very files, in each collection that knows them; `state` is None for unseen.

    Raises:
        RadciteError: `NOT_FOUND` for a path or collection that is not there.
    """
    names = [record.name for record in await chosen_collections(house, collection)]
    told: list[FileStatus] = []
    for file, key in await _keys(house, paths):
        known = {name: await house.ledger.file(name, key) for name in names}
        rows = [
            await _given(house, _status(name, record, file.name))
            for name, record in known.items()
            if record is not None
        ]
        unseen = FileStatus(file=file.name, collection=collection or "", key=key, state=None)
        told += rows or [unseen]
    return told


async def release(house: "House", collection: str, keys: Sequence[str], *, everything: bool) -> int:
    """Let quarantined and failed files be read again by the next ingest; how many.

    Raises:
        RadciteError: `NOT_FOUND` for an unknown key, `VALIDATION` for the beginning of several.
    """
    async with house.writing():
        if not everything:
            found = [await _by_key(house, collection, key) for key in keys]
            return await _seen(house, collection, [one for one in found if one.state != "indexed"])
        count, after = 0, ""
        while page := await house.ledger.files(
            collection, ("failed", "quarantined"), limit=_PAGE, after=after
        ):
            count += await _seen(house, collection, page)
            after = page[-1].key
        return count


async def retry_files(house: "House", collection: str, paths: Sequence[Path]) -> Retried:
    """Read those of these files that the ledger has and that are not indexed. Raises as an ingest does."""
    await house.auditor().note("ingest", "retry", collection=collection)
    files: list[FoundFile] = []
    released: list[FileRecord] = []
    found = await _keys(house, paths)
    async with house.writing():
        for file, key in found:
            record = await house.ledger.file(collection, key)
            if record is not None and record.state != "indexed":
                files.append(file)
                released.append(record)
        await _seen(house, collection, released)
        report = await house.ingestor().take(files, collection)
    return Retried(released=len(released), report=report)


async def hold(
    house: "House", collection: str, paths: Sequence[Path], keys: Sequence[str]
) -> tuple[int, Removed]:
    """Take out what files gave and read them no more until they are released; a file need not be known yet.

    Raises:
        RadciteError: As `release`; `NOT_FOUND` for a path that is not there.
    """
    await house.auditor().note("remove", "quarantine", collection=collection)
    named = [await _by_key(house, collection, key) for key in keys]
    found = [key for _, key in await _keys(house, paths)]
    every = list(dict.fromkeys([*(one.key for one in named), *found]))
    held = [
        FileRecord(key=key, state="quarantined", code="QUARANTINED", message="held by a user")
        for key in every
    ]
    async with house.writing():
        going = await with_members(house.ledger, collection, every)
        removed = await house.ingestor().withdraw(collection, going)
        await house.ledger.put_files(collection, held)
    return len(held), removed


async def _keys(house: "House", paths: Sequence[Path]) -> list[tuple[FoundFile, str]]:
    files = await asyncio.to_thread(lambda: list(find_files(paths)))
    digests = [await asyncio.to_thread(digest_of, file.path) for file in files]
    return [
        (file, content_key(house.secret, digest))
        for file, digest in zip(files, digests, strict=True)
    ]


async def _by_key(house: "House", collection: str, beginning: str) -> FileRecord:
    found = await house.ledger.files_like(collection, beginning)
    if not found:
        raise RadciteError("NOT_FOUND", f"file {beginning}", f"文件 {beginning}")
    if len(found) > 1:
        raise RadciteError(
            "VALIDATION", f"several keys begin with {beginning}", f"多个键以 {beginning} 开头"
        )
    return found[0]


async def _seen(house: "House", collection: str, records: Sequence[FileRecord]) -> int:
    renewed = [
        one.model_copy(update={"state": "seen", "code": None, "message": None}) for one in records
    ]
    if renewed:
        await house.ledger.put_files(collection, renewed)
    return len(renewed)


def _status(collection: str, record: FileRecord, file: str | None = None) -> FileStatus:
    known = record.model_dump(exclude={"instance", "content"})
    return FileStatus(file=file, collection=collection, **known)


async def _given(house: "House", status: FileStatus) -> FileStatus:
    links = (await house.ledger.links(status.collection, [status.key])).get(status.key, [])
    counts = {
        kind: sum(one.kind == kind for one in links) for kind in ("document", "case", "image")
    }
    told = ", ".join(f"{count} {kind}s" for kind, count in counts.items() if count)
    return status.model_copy(update={"gave": told})
