"""The last step of ingestion: sources to passages, vectors, ledger and index, in batches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from radcite.core.errors import RadciteError
from radcite.core.ledger import (
    INDEX_LAYOUT,
    CollectionRecord,
    FileLink,
    FileRecord,
    Ledger,
    LedgerBatch,
    LedgerPoint,
    StoredCase,
    StoredDocument,
)
from radcite.core.literature import Retractions
from radcite.core.ports import ImageEncoder, Index, SparseEncoder, TextEncoder
from radcite.core.sources import Case, ImageRef
from radcite.core.study_objects import StoredObject
from radcite.core.vectors import Pixels, Vectors
from radcite.ingestion.points import case_payload, passage_payload, passages_of, point_id
from radcite.ingestion.states import FileStates
from radcite.ingestion.sync import restore_index, sync_index

__all__ = ["BatchWriter", "Encoders", "PendingCase", "open_collection"]

_PASSAGES = 1_024
_IMAGES = 64


@dataclass(frozen=True, slots=True)
class Encoders:
    """What makes vectors. Without `text` a collection is searched by words alone."""

    sparse: SparseEncoder
    text: TextEncoder | None
    image: ImageEncoder | None


@dataclass(frozen=True, slots=True)
class PendingCase:
    """A case with those of its images that are searched by, and their pixels."""

    case: Case
    digest: str
    pictures: Sequence[tuple[ImageRef, Pixels]] = ()


@dataclass(frozen=True, slots=True)
class _Pending:
    item: StoredDocument
    spans: Sequence[tuple[int, int]]
    heads: Mapping[int, str]
    """The caption and header of the table that the passage beginning here goes on with."""


async def open_collection(
    ledger: Ledger, index: Index, encoders: Encoders, name: str
) -> CollectionRecord:
    """The collection, made if it is new, with an index that holds what the ledger does.

    Raises:
        RadciteError: `INDEX_MODEL_MISMATCH` when it was made with other encoders, `HOME_NEWER` when its index has a
            later form; one of an earlier form is written anew.
    """
    text, image = encoders.text, encoders.image
    wanted = CollectionRecord(
        name=name,
        sparse=encoders.sparse.fingerprint,
        text=text.fingerprint if text else None,
        text_dim=text.dim if text else None,
        image=image.fingerprint if image else None,
        image_dim=image.dim if image else None,
        layout=INDEX_LAYOUT,
    )
    record = await ledger.collection(name)
    if record is None:
        await ledger.put_collection(wanted)
        record = wanted
    elif record.model_copy(update={"layout": wanted.layout}) != wanted:
        made = f"{record.text}, {record.image}, {record.sparse}"
        raise RadciteError(
            "INDEX_MODEL_MISMATCH",
            f"collection {name} was made with {made}",
            f"集合 {name} 由 {made} 建立",
        )
    await restore_index(ledger, index, record)
    return record


@dataclass(slots=True)
class BatchWriter:
    """Collects sources and writes them in batches; call `flush` at the end.

    A document that `retractions` name is written as retracted, whatever its file says.

    Sources are taken with the key of the file that gave them, if there is one. A file is noted as done only
    after everything it gave is in the ledger and the index.
    """

    collection: str
    ledger: Ledger
    index: Index
    encoders: Encoders
    retractions: Retractions | None = None
    written: int = 0
    states: FileStates = field(init=False)
    _links: list[tuple[str, FileLink]] = field(default_factory=list[tuple[str, FileLink]])
    _documents: dict[str, _Pending] = field(default_factory=dict[str, _Pending])
    _cases: dict[str, PendingCase] = field(default_factory=dict[str, PendingCase])
    _done: list[FileRecord] = field(default_factory=list[FileRecord])
    _objects: list[StoredObject] = field(default_factory=list[StoredObject])
    _retired: list[str] = field(default_factory=list[str])
    _passages: int = 0
    _pictures: int = 0

    def __post_init__(self) -> None:
        self.states = FileStates(self.collection, self.ledger)

    async def known(self, owners: Mapping[str, str]) -> frozenset[str]:
        """Which documents and cases (id → digest) are stored as they are."""
        return await self.ledger.known(self.collection, owners)

    def holds(self, owner: str, digest: str) -> bool:
        """Whether a document or case waits to be written as it is."""
        document, case = self._documents.get(owner), self._cases.get(owner)
        return digest in {document and document.item.digest, case and case.digest}

    def link_document(self, file: str, document_id: str) -> None:
        """Note that a file gave a document."""
        self._links.append((file, FileLink(kind="document", id=document_id)))

    def link_case(self, file: str, case_id: str, images: Iterable[str] = ()) -> None:
        """Note that a file gave a case, or a part of it, and which images."""
        self._links.append((file, FileLink(kind="case", id=case_id)))
        self._links += [(file, FileLink(kind="image", id=digest)) for digest in images]

    def link_members(self, file: str, members: Iterable[str]) -> None:
        """Note which files an archive held."""
        self._links += [(file, FileLink(kind="file", id=key)) for key in members]

    async def add_document(self, item: StoredDocument, file: str | None = None) -> int:
        """Take a document, in place of an earlier one of its id; how many passages it has."""
        document = item.document
        if "\0" in document.text:
            # SQLite's own functions end a text there; another sign keeps every place where it is.
            text = document.text.replace("\0", "\ufffd")
            item = replace(item, document=document.model_copy(update={"text": text}))
        named = self.retractions is not None and self.retractions.name(document.doi, document.pmid)
        if named and not document.retracted:
            marked = item.document.model_copy(update={"retracted": True, "listed": True})
            item = replace(item, document=marked)
        if document.document_id in self._documents:
            await self.flush()
        if file is not None:
            self.link_document(file, document.document_id)
            shown = [FileLink(kind="image", id=one.image) for one in document.figures]
            self._links += [(file, link) for link in shown]
        spans, heads = passages_of(item)
        self._documents[document.document_id] = _Pending(item, spans, heads)
        self._passages += len(spans)
        self._pictures += len(item.pictures)
        await self._flush_if_full()
        return len(spans)

    async def add_case(self, item: PendingCase, file: str | None = None) -> None:
        """Take a case, in place of an earlier one of its id."""
        if item.case.case_id in self._cases:
            await self.flush()
        if file is not None:
            self.link_case(file, item.case.case_id, (ref.digest for ref in item.case.images))
        self._cases[item.case.case_id] = item
        self._pictures += len(item.pictures)
        await self._flush_if_full()

    def add_objects(self, objects: Iterable[StoredObject]) -> None:
        """Take the DICOM objects of which a case was composed."""
        self._objects += objects

    def retire(self, keys: Iterable[str]) -> None:
        """Have rows of an earlier version dropped, once what tells the same is written."""
        self._retired += keys

    async def finish_files(self, records: Iterable[FileRecord]) -> None:
        """Note files as read, all or none of them, once everything taken so far is written."""
        self._done.extend(records)
        if len(self._done) >= _PASSAGES:
            await self.flush()

    async def flush(self) -> None:
        """Encode and write what was taken."""
        batch = await self._encoded()
        if batch.points or batch.documents or batch.cases or batch.links or batch.objects:
            await self.ledger.write(self.collection, batch)
            await sync_index(self.ledger, self.index, self.collection)
        if self._retired:
            await self.ledger.drop_files(self.collection, self._retired)
        await self.states.settle(self._done)
        self.written += len(batch.points)
        self._documents, self._cases, self._done, self._links = {}, {}, [], []
        self._objects, self._retired = [], []
        self._passages = self._pictures = 0

    async def _flush_if_full(self) -> None:
        full = self._passages >= _PASSAGES or self._pictures >= _IMAGES
        if full or len(self._documents) + len(self._cases) >= _PASSAGES:
            await self.flush()

    async def _encoded(self) -> LedgerBatch:
        points = [
            *await self._passage_points(),
            *await self._figure_points(),
            *await self._case_points(),
        ]
        return LedgerBatch(
            documents=[pending.item for pending in self._documents.values()],
            cases=[StoredCase(item.case, item.digest) for item in self._cases.values()],
            points=points,
            files=[
                *self.states.waiting(),
                *(one.model_copy(update={"state": "encoded"}) for one in self._done),
            ],
            links=self._links,
            objects=self._objects,
        )

    async def _passage_points(self) -> list[LedgerPoint]:
        found = [
            (pending.item, start, end, pending.heads.get(start, ""))
            for pending in self._documents.values()
            for start, end in pending.spans
        ]
        texts = [
            f"{item.document.title}\n{head}{item.document.text[start:end]}"
            for item, start, end, head in found
        ]
        dense = await self._text_vectors(texts, [item.document.language for item, *_ in found])
        sparse = self.encoders.sparse.encode(texts)
        return [
            LedgerPoint(
                id=point_id(item.document.document_id, item.digest, "passage", start, end),
                owner=item.document.document_id,
                kind="passage",
                start=start,
                end=end,
                payload=passage_payload(item, start, end),
                text=dense[i],
                sparse=sparse[i],
            )
            for i, (item, start, end, _) in enumerate(found)
        ]

    async def _figure_points(self) -> list[LedgerPoint]:
        if self.encoders.image is None:
            return []
        found = [
            (pending.item, figure, pixels)
            for pending in self._documents.values()
            for figure, pixels in zip(
                pending.item.document.figures, pending.item.pictures, strict=True
            )
        ]
        vectors = await self.encoders.image.encode([pixels for _, _, pixels in found])
        return [
            LedgerPoint(
                id=point_id(item.document.document_id, item.digest, "figure", figure.image, start),
                owner=item.document.document_id,
                kind="figure",
                start=start,
                end=end,
                payload={**passage_payload(item, start, end), "image": figure.image},
                image=vectors[i],
            )
            for i, (item, figure, _) in enumerate(found)
            for start, end in [(figure.start, figure.end)]
        ]

    async def _case_points(self) -> list[LedgerPoint]:
        worded = [item for item in self._cases.values() if item.case.searched_text()]
        texts = [item.case.searched_text() for item in worded]
        dense = await self._text_vectors(texts, [item.case.language for item in worded])
        sparse = self.encoders.sparse.encode(texts)
        points = [
            LedgerPoint(
                id=point_id(item.case.case_id, item.digest, "case"),
                owner=item.case.case_id,
                kind="case",
                start=0,
                end=0,
                payload=case_payload(item.case),
                text=dense[i],
                sparse=sparse[i],
            )
            for i, item in enumerate(worded)
        ]
        return [*points, *await self._image_points()]

    async def _image_points(self) -> list[LedgerPoint]:
        if self.encoders.image is None:
            return []
        pictures = [
            (item, ref, pixels) for item in self._cases.values() for ref, pixels in item.pictures
        ]
        vectors = await self.encoders.image.encode([pixels for _, _, pixels in pictures])
        return [
            LedgerPoint(
                id=point_id(item.case.case_id, item.digest, "image", ref.digest, ref.frame),
                owner=item.case.case_id,
                kind="image",
                start=ref.frame,
                end=ref.frame,
                payload={**case_payload(item.case), "image": ref.digest},
                image=vectors[i],
            )
            for i, (item, ref, _) in enumerate(pictures)
        ]

    async def _text_vectors(
        self, texts: Sequence[str], languages: Sequence[str]
    ) -> list[Vectors | None]:
        encoder = self.encoders.text
        vectors: list[Vectors | None] = [None] * len(texts)
        if encoder is None:
            return vectors
        read = [i for i, language in enumerate(languages) if language in encoder.languages]
        for i, row in zip(read, await encoder.encode([texts[i] for i in read]), strict=True):
            vectors[i] = row
        return vectors
