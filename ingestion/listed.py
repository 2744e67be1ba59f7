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
from radcite.core.ledger import StoredDocument
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
from radcite.ingestion.report import STOPPING, Tally
from radcite.ingestion.writer import BatchWriter, PendingCase

__all__ = ["take_cases", "take_passages"]

_GROUP = 64
_T = TypeVar("_T")


async def take_passages(file: FoundFile, key: str, writer: BatchWriter, tally: Tally) -> None:
    """Every new or changed document of a `passages.jsonl`; bad lines are refused one by one."""
    for group in _grouped(read_records(file.path, PassageRecord)):
        lines = _refused(group, file, tally)
        known = await writer.known({line.record.id: line.digest for line in lines})
        for line in lines:
            if line.record.id in known or writer.holds(line.record.id, line.digest):
                tally.counts["skipped"] += 1
                writer.link_document(key, line.record.id)
                continue
            stored = StoredDocument(line.record.document(), line.digest)
            tally.counts["passages"] += await writer.add_document(stored, key)
            tally.counts["documents"] += 1


async def take_cases(
    file: FoundFile,
    key: str,
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
    folder = _Folder(file.path.parent, confined=confined)
    for group in _grouped(read_records(file.path, CaseRecord)):
        lines = _refused(group, file, tally)
        digests = {line.number: await _case_digest(line, folder) for line in lines}
        known = await writer.known({line.record.case_id: digests[line.number] for line in lines})
        fresh = [line for line in lines if line.record.case_id not in known]
        tally.counts["skipped"] += len(lines) - len(fresh)
        for line in lines:
            if line.record.case_id in known:
                writer.link_case(key, line.record.case_id)
        outcomes = await asyncio.gather(
            *(_read(line, folder, images, door) for line in fresh),
            return_exceptions=True,
        )
        for line, outcome in zip(fresh, outcomes, strict=True):
            if isinstance(outcome, RadciteError) and outcome.code not in STOPPING:
                tally.refuse(f"{file.name}:{line.number}", outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
            elif writer.holds(line.record.case_id, digests[line.number]):
                tally.counts["skipped"] += 1
            else:
                case, pictures = outcome
                await _keep_identity(line.record, case, door.gate, vault)
                await writer.add_case(PendingCase(case, digests[line.number], pictures), key)
                tally.counts["cases"] += 1
                tally.counts["images"] += len(pictures)


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
    patient = record.patient_id or ""
    fields = record.model_dump(exclude={"case_id", "patient_id", "images", "language"})
    return Case(
        case_id=record.case_id,
        patient=None if names_nobody(patient) else pseudonym(gate.secret, "patient", patient),
        images=tuple(refs),
        language=given.spoken(),
        **fields,
    )
