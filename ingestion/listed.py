"""The records of `passages.jsonl` and `cases.jsonl` taken into a collection."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeVar

from radcite.core.errors import RadciteError
from radcite.core.ledger import FileLink, LinkKind, StoredDocument
from radcite.core.ports import ImageStore
from radcite.core.pseudonym import names_nobody, pseudonym
from radcite.core.sources import Case, ImageRef
from radcite.core.vault import Original, Vault
from radcite.core.vectors import Pixels
from radcite.ingestion.deid.case_words import clean_case
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.discovery import FoundFile, digest_of
from radcite.ingestion.door import Door
from radcite.ingestion.pictures.burned_in import read_picture
from radcite.ingestion.records import (
    BadLine,
    CaseRecord,
    Line,
    PassageRecord,
    RecordT,
    read_records,
)
from radcite.ingestion.report import STOPPING, Tally, Warned
from radcite.ingestion.writer import BatchWriter, PendingCase

__all__ = ["RecordList", "take_cases", "take_passages"]

_GROUP = 64
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list on its way in: its file, its key, and the keyed digest of the place where it stands."""

    file: FoundFile
    key: str
    source: str | None


async def take_passages(listed: RecordList, writer: BatchWriter, tally: Tally) -> None:
    """Every new or changed document of a `passages.jsonl`; bad lines are refused one by one."""
    key, once = listed.key, _Once(listed, "document", writer, tally)
    await writer.flush()
    for group in _grouped(read_records(listed.file.path, PassageRecord)):
        lines = _refused(group, listed.file, tally)
        known = await writer.known({line.record.id: line.digest for line in lines})
        await once.see({line.record.id for line in lines} - known)
        for line in lines:
            if not once.takes(line.record.id, line.number, line.digest):
                continue
            if line.record.id in known:
                tally.counts["skipped"] += 1
                writer.link_document(key, line.record.id)
                continue
            stored = StoredDocument(line.record.document(), line.digest)
            tally.counts["passages"] += await writer.add_document(stored, key)
            tally.counts["documents"] += 1


async def take_cases(
    listed: RecordList,
    writer: BatchWriter,
    tally: Tally,
    images: ImageStore,
    door: Door,
    vault: Vault | None = None,
    *,
    confined: bool,
) -> None:
    """Every new or changed case of a `cases.jsonl`; a case with an unreadable image is refused.

    One whose texts hold what may be a name waits for a person.
    """
    file, key = listed.file, listed.key
    folder = _Folder(file.path.parent, confined=confined)
    once = _Once(listed, "case", writer, tally)
    await writer.flush()
    for group in _grouped(read_records(file.path, CaseRecord)):
        lines = _refused(group, file, tally)
        digests = {line.number: await _case_digest(line, folder) for line in lines}
        known = await writer.known({line.record.case_id: digests[line.number] for line in lines})
        await once.see({line.record.case_id for line in lines} - known)
        fresh: list[Line[CaseRecord]] = []
        for line in lines:
            of = _patient(line.record, door.gate)
            if not once.takes(line.record.case_id, line.number, digests[line.number], of):
                continue
            if line.record.case_id in known:
                tally.counts["skipped"] += 1
                writer.link_case(key, line.record.case_id)
            else:
                fresh.append(line)
        outcomes = await asyncio.gather(
            *(_read(line, folder, images, door) for line in fresh),
            return_exceptions=True,
        )
        for line, outcome in zip(fresh, outcomes, strict=True):
            if isinstance(outcome, RadciteError) and outcome.code not in STOPPING:
                tally.refuse(f"{file.name}:{line.number}", outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                case, pictures = outcome
                await _keep_identity(line.record, case, door.gate, vault)
                await writer.add_case(PendingCase(case, digests[line.number], pictures), key)
                tally.counts["cases"] += 1
                tally.counts["images"] += len(pictures)


class _Once:
    """That an id stands for one record: of one line of its list, and of one patient whatever list names it."""

    def __init__(
        self, listed: RecordList, kind: LinkKind, writer: BatchWriter, tally: Tally
    ) -> None:
        self._listed = listed
        self._kind: LinkKind = kind
        self._writer, self._tally = writer, tally
        self._lines: dict[int, tuple[int, int]] = {}
        self._elsewhere: dict[str, str | None] = {}

    async def see(self, ids: Iterable[str]) -> None:
        """Look up which of these another file gave that still stands, and of which patient."""
        ledger, collection = self._writer.ledger, self._writer.collection
        givers = await ledger.givers(collection, [FileLink(kind=self._kind, id=one) for one in ids])
        self._elsewhere = {}
        for link, keys in givers.items():
            if not await self._stands_elsewhere(keys - {self._listed.key}):
                continue
            case = await ledger.case(collection, link.id) if self._kind == "case" else None
            self._elsewhere[link.id] = case.patient if case else None

    async def _stands_elsewhere(self, keys: Iterable[str]) -> bool:
        """Whether one of these files is no earlier content of this very place; one of this run stands nowhere yet."""
        ledger, collection = self._writer.ledger, self._writer.collection
        here = {self._listed.source} - {None}
        stand = [await ledger.sources(collection, key) for key in keys]
        return any(not sources or not sources <= here for sources in stand)

    def takes(self, record_id: str, line: int, digest: str, of: str | None = None) -> bool:
        """Whether a line is the one that its id stands for; what else it is, is noted."""
        # Numbers, not words: a list may have millions of lines.
        earlier, same = self._lines.setdefault(hash(record_id), (line, hash(digest)))
        told = self._elsewhere.get(record_id)
        if earlier != line and same == hash(digest):
            self._tally.counts["skipped"] += 1
        elif earlier != line:
            self._refuse(line, f"line {earlier} has this id too", f"第 {earlier} 行也用此标识")
        elif told is not None and of is not None and told != of:
            self._refuse(
                line, "another list has this id for another patient", "另一列表以此标识指另一患者"
            )
        else:
            warned = Warned(file=self._listed.file.name, code="RECORD_REPLACED")
            if record_id in self._elsewhere and warned not in self._tally.warnings:
                self._tally.warnings.append(warned)
            return True
        return False

    def _refuse(self, line: int, detail: str, detail_zh: str) -> None:
        error = RadciteError("RECORD_INVALID", detail, detail_zh)
        self._tally.refuse(f"{self._listed.file.name}:{line}", error)


async def _read(
    line: Line[CaseRecord], folder: "_Folder", images: ImageStore, door: Door
) -> tuple[Case, list[tuple[ImageRef, Pixels]]]:
    record = await clean_case(line, door)
    pictures = await _pictures(record, folder, images, door)
    return _case(record, line.record, [ref for ref, _ in pictures], door.gate), pictures


def _grouped(items: Iterable[_T]) -> Iterator[list[_T]]:
    coming = iter(items)
    while group := list(islice(coming, _GROUP)):
        yield group


def _refused(
    group: "list[Line[RecordT] | BadLine]", file: FoundFile, tally: Tally
) -> "list[Line[RecordT]]":
    for line in group:
        if isinstance(line, BadLine):
            tally.refuse(f"{file.name}:{line.number}", line.error)
    return [line for line in group if isinstance(line, Line)]


async def _case_digest(line: Line[CaseRecord], folder: "_Folder") -> str:
    digest = sha256(line.digest.encode())
    for name in line.record.images:
        # A path that leads out is refused where the image is read.
        with suppress(RadciteError):
            if (path := folder.file(name)) is not None:
                digest.update(await asyncio.to_thread(digest_of, path))
    return digest.hexdigest()


async def _pictures(
    record: CaseRecord, folder: "_Folder", images: ImageStore, door: Door
) -> list[tuple[ImageRef, Pixels]]:
    pictures: dict[str, tuple[ImageRef, Pixels]] = {}
    for name in record.images:
        path = folder.file(name)
        if path is None:
            raise RadciteError("NOT_FOUND", "an image of the case", "病例的图像")
        key = await asyncio.to_thread(digest_of, path)
        digest, pixels = key.hex(), (await door.read(read_picture, path, key)).pixels
        uri = await images.put(digest, pixels)
        ref = ImageRef(digest=digest, uri=uri, modality=record.modality, view=record.view)
        pictures[digest] = (ref, pixels)
    return list(pictures.values())


@dataclass(frozen=True, slots=True)
class _Folder:
    """Where a list's image paths start; a confined one gives no file outside itself."""

    path: Path
    confined: bool

    def file(self, name: str) -> Path | None:
        """The named file; None when it is not there or its name is none.

        Raises:
            RadciteError: `RECORD_INVALID` when it lies outside a confined folder.
        """
        try:
            path = (self.path / name).resolve()
            found = path.is_file()
        except (OSError, ValueError):
            return None
        if self.confined and not path.is_relative_to(self.path.resolve()):
            raise RadciteError(
                "RECORD_INVALID",
                "an image path leads out of the folder of its list",
                "图像路径超出列表所在目录",
            )
        return path if found else None


async def _keep_identity(record: CaseRecord, case: Case, gate: Gate, vault: Vault | None) -> None:
    if vault is None or gate.vault_key is None or not record.patient_id or case.patient is None:
        return
    sealed = gate.vault_key.sealed(case.patient, Original(patient_id=record.patient_id))
    await vault.keep(case.patient, sealed, over=False)


def _case(record: CaseRecord, given: CaseRecord, refs: list[ImageRef], gate: Gate) -> Case:
    """The case of a redacted record; `given` is the record as it came."""
    fields = record.model_dump(exclude={"case_id", "patient_id", "images", "language"})
    return Case(
        case_id=record.case_id,
        patient=_patient(record, gate),
        images=tuple(refs),
        language=given.spoken(),
        **fields,
    )


def _patient(record: CaseRecord, gate: Gate) -> str | None:
    patient = record.patient_id or ""
    return None if names_nobody(patient) else pseudonym(gate.secret, "patient", patient)
