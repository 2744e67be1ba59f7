"""A file on its way in: recognised by its content, looked up in the ledger, read in a worker."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from radcite.core.errors import RadciteError
from radcite.core.ledger import FileRecord, FileState, Ledger
from radcite.core.pseudonym import content_key
from radcite.core.vectors import Pixels
from radcite.ingestion.articles.markup import Article
from radcite.ingestion.dicom.objects import DicomObject, read_dicom
from radcite.ingestion.discovery import FileKind, FoundFile, digest_of, kind_of
from radcite.ingestion.documents import read_article
from radcite.ingestion.door import Door
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import PdfDocument, read_pdf
from radcite.ingestion.pictures.burned_in import read_picture
from radcite.ingestion.pictures.nifti import read_nifti
from radcite.ingestion.pictures.picture_set import PictureSet
from radcite.ingestion.pictures.slides import read_slide
from radcite.ingestion.report import STOPPING
from radcite.ingestion.states import FileStates
from radcite.ingestion.text import read_text

__all__ = ["Opened", "Opener"]

Content = PdfDocument | Article | tuple[Article, ...] | PictureSet | DicomObject | Pixels | str


class _Reader(Protocol):
    def __call__(self, path: Path, limits: Limits, /) -> Content: ...


_READERS: Mapping[FileKind, _Reader] = {
    "pdf": read_pdf,
    "text": read_text,
    "article": read_article,
    "slide": read_slide,
    "volume": read_nifti,
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was recognised; `content` is None for what was stored before or is read as a stream."""

    file: FoundFile
    kind: FileKind
    digest: str
    key: str
    known: bool
    content: Content | None

    def record(self, state: FileState = "indexed") -> FileRecord:
        """The file in the ledger."""
        return FileRecord(key=self.key, kind=self.kind, state=state)


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the files of a run.

    Args:
        collection: Where they go.
        ledger: What knows which files were taken before.
        states: Where the steps of each file are noted.
        door: The workers and the gate.
        jobs: How many files are read ahead.
    """

    collection: str
    ledger: Ledger
    states: FileStates
    door: Door
    jobs: int

    async def read_ahead(
        self, files: Sequence[FoundFile]
    ) -> AsyncIterator[tuple[FoundFile, "asyncio.Task[Opened]"]]:
        """Files in their order with what is being read of them, a few ahead; the rest is cancelled at the end."""
        ahead: deque[tuple[FoundFile, asyncio.Task[Opened]]] = deque()
        coming = iter(files)
        try:
            while True:
                for file in islice(coming, 2 * self.jobs - len(ahead)):
                    ahead.append((file, asyncio.create_task(self._open(file))))
                if not ahead:
                    return
                yield ahead.popleft()
        finally:
            for _, reading in ahead:
                reading.cancel()

    async def _open(self, file: FoundFile) -> Opened:
        try:
            digest = await asyncio.to_thread(digest_of, file.path)
        except OSError as exc:
            raise RadciteError(
                "UNSUPPORTED_FILE", "the file cannot be opened", "无法打开文件"
            ) from exc
        key, kind = content_key(self.door.gate.secret, digest), None
        try:
            kind = kind_of(file)
            opened = await self._recognised(file, kind, digest.hex(), key)
        except RadciteError as error:
            await self.quarantine(key, kind, error)
            raise
        return opened

    async def _recognised(self, file: FoundFile, kind: FileKind, digest: str, key: str) -> Opened:
        stored = await self.ledger.file(self.collection, key)
        if stored is not None and stored.code == "QUARANTINED":
            raise RadciteError("QUARANTINED", "held by a user", "由用户隔离")
        # What an earlier version took has no kind, and no links to what it gave: it is read once more.
        known = stored is not None and stored.state == "indexed" and stored.kind is not None
        opened = Opened(file, kind, digest, key, known, None)
        if known:
            return opened
        await self.states.note(opened.record("seen"))
        content = await self._read(kind, file.path, bytes.fromhex(digest))
        if content is None:
            return opened
        cleaned = isinstance(content, DicomObject)
        await self.states.note(opened.record("de-identified" if cleaned else "parsed"))
        return replace(opened, content=content)

    async def _read(self, kind: FileKind, path: Path, digest: bytes) -> Content | None:
        match kind:
            case "dicom":
                return await self.door.read(read_dicom, path, digest)
            case "image":
                return (await self.door.read(read_picture, path, digest)).pixels
            case _:
                read = _READERS.get(kind)
                return None if read is None else await self.door.pool.run(read, path)

    async def quarantine(self, key: str, kind: FileKind | None, error: RadciteError) -> None:
        """Note that a file was refused; nothing is noted where no file is to blame."""
        if error.code in STOPPING:
            return
        await self.states.settle(
            [
                FileRecord(
                    key=key,
                    kind=kind,
                    state="quarantined",
                    code=error.code,
                    message=error.detail,
                )
            ]
        )
