"""What the ledger keeps, and the port every ledger serves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from radcite.core.errors import DependencyDown, ErrorCode, RadciteError
from radcite.core.frozen import Frozen
from radcite.core.literature import Marked, Retractions
from radcite.core.ports import DenseName, TermStatistics
from radcite.core.sources import Case, Document, PageBox, Passage
from radcite.core.study_objects import StoredObject
from radcite.core.vectors import Pixels, SparseVector, Vectors

__all__ = [
    "INDEX_LAYOUT",
    "CollectionRecord",
    "FileLink",
    "FileRecord",
    "FileState",
    "Ledger",
    "LedgerBatch",
    "LedgerPoint",
    "LinkKind",
    "SourceReader",
    "StoredCase",
    "StoredDocument",
]

FileState = Literal[
    "seen", "parsed", "de-identified", "encoded", "indexed", "failed", "quarantined"
]
"""How far a file came. `failed`: the run ended before it was done, through no fault of the file;
`quarantined`: the file was refused. Both carry a code and a message."""
LinkKind = Literal["document", "case", "image", "file"]
INDEX_LAYOUT = 1
"""The form in which points stand in the index: which vectors, which payload. A change of it adds one."""


class CollectionRecord(Frozen):
    """What a collection's vectors were made with; other encoders must not write or search it.

    `layout` is the form in which its points stand in the index.
    """

    name: str
    sparse: str
    text: str | None = None
    text_dim: int | None = None
    image: str | None = None
    image_dim: int | None = None
    layout: int = 1

    def check_layout(self, *, searching: bool = False) -> None:
        """Refuse an index of another form.

        Args:
            searching: Whether an older form is refused too; writing brings it up to date first.

        Raises:
            RadciteError: `HOME_NEWER` for a later form.
            DependencyDown: `RETRIEVAL_UNAVAILABLE` for an earlier one; a rebuild makes it anew.
        """
        if self.layout > INDEX_LAYOUT:
            raise RadciteError(
                "HOME_NEWER",
                f"index of {self.name}: form {self.layout}, this radcite knows up to {INDEX_LAYOUT}",
                f"{self.name} 的索引：格式 {self.layout}，本程序最高支持 {INDEX_LAYOUT}",
            )
        if searching and self.layout < INDEX_LAYOUT:
            raise DependencyDown(
                "RETRIEVAL_UNAVAILABLE",
                f"the index of {self.name} has the form of an earlier radcite",
                f"{self.name} 的索引为旧版本格式",
            )


class FileRecord(Frozen):
    """The state of a file, by a key of its content; names and paths are not kept.

    `kind` is what it was recognised as. `instance` is a pseudonym of a DICOM object's SOP Instance UID,
    `content` a digest of what it shows, the same in every transfer syntax without loss. `changed_at` (UTC, ISO
    8601) is given by the ledger when the record is written.
    """

    key: str
    kind: str | None = None
    instance: str | None = None
    content: str | None = None
    state: FileState
    code: ErrorCode | None = None
    message: str | None = None
    changed_at: str | None = None


class FileLink(Frozen):
    """Something a file gave: a document or case by its id, an image by its digest, an archive's member by its key."""

    kind: LinkKind
    id: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document with the digest of its record and, for a paged one, where its words stand.

    `evidence` are the stretches `[start, end)` of the text that are searched and cited; None for all of it.
    `pictures` are those of the document's figures, in their order.
    """

    document: Document
    digest: str
    layout: bytes | None = None
    evidence: tuple[tuple[int, int], ...] | None = None
    pictures: Sequence[Pixels] = ()


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case with the digest of its record."""

    case: Case
    digest: str


@dataclass(frozen=True, slots=True)
class LedgerPoint:
    """A point: the part of a document or case it addresses, and its vectors, shape (dim,)."""

    id: str
    owner: str
    kind: Literal["passage", "case", "image", "figure"]
    start: int
    end: int
    payload: Mapping[str, str]
    text: Vectors | None = None
    image: Vectors | None = None
    sparse: SparseVector | None = None


@dataclass(frozen=True, slots=True)
class LedgerBatch:
    """What is stored together or not at all; `links` pair a file's key with what it gave.

    `objects` need no links of their own: that a file gave its object's case and picture is noted with them.
    """

    documents: Sequence[StoredDocument] = field(default_factory=tuple)
    cases: Sequence[StoredCase] = field(default_factory=tuple)
    points: Sequence[LedgerPoint] = field(default_factory=tuple)
    files: Sequence[FileRecord] = field(default_factory=tuple)
    links: Sequence[tuple[str, FileLink]] = field(default_factory=tuple)
    objects: Sequence[StoredObject] = field(default_factory=tuple)


class SourceReader(Protocol):
    """The ledger's reading side, for tools."""

    async def collection(self, name: str) -> CollectionRecord | None:
        """What a collection was made with; None for an unknown one."""
        ...

    async def resolve(
        self, collection: str, ids: Sequence[str]
    ) -> list[tuple[str, Passage | Case]]:
        """Point ids with the sources behind them, in the order given; unknown ids are left out.

        An image's point resolves to its case, a figure's to its caption.
        """
        ...

    async def document(self, collection: str, document_id: str) -> Document | None:
        """A document by its id."""
        ...

    async def boxes(
        self, collection: str, document_id: str, start: int, end: int
    ) -> tuple[PageBox, ...]:
        """One rectangle per line of `[start, end)`, reading order; empty for unpaged documents."""
        ...

    async def terms(self, collection: str, ids: Sequence[str]) -> Mapping[str, frozenset[int]]:
        """The term numbers of each point; empty for a point without words."""
        ...

    async def image_points(self, collection: str, limit: int) -> list[LedgerPoint]:
        """A fixed sample of the images that are searched by, with their vectors."""
        ...


class Ledger(SourceReader, TermStatistics, Protocol):
    """The source of truth; the index can be rebuilt from it without encoding anything."""

    async def collections(self) -> list[CollectionRecord]:
        """All collections by name."""
        ...

    async def put_collection(self, record: CollectionRecord) -> None:
        """Write what a collection was made with."""
        ...

    async def drop_collection(self, name: str) -> None:
        """Remove everything of a collection."""
        ...

    async def file(self, collection: str, key: str) -> FileRecord | None:
        """The state of a file by its content key; None for an unseen one."""
        ...

    async def put_files(self, collection: str, records: Sequence[FileRecord]) -> None:
        """Write the states of files in one transaction: all or none."""
        ...

    async def holding(self, collection: str, instance: str) -> list[FileRecord]:
        """The indexed files that hold a DICOM instance, by key."""
        ...

    async def study_objects(self, collection: str, study: str) -> list[StoredObject]:
        """The DICOM objects of a study by its pseudonym, in the order in which they first came."""
        ...

    async def objects_of(self, collection: str, keys: Collection[str]) -> list[StoredObject]:
        """The DICOM objects that files gave."""
        ...

    async def sources(self, collection: str, key: str) -> frozenset[str]:
        """The sources at which a file stands."""
        ...

    async def case(self, collection: str, case_id: str) -> Case | None:
        """A case by its id."""
        ...

    async def count_files(self, collection: str) -> Mapping[FileState, int]:
        """Files by state."""
        ...

    async def files(
        self, collection: str, states: Collection[FileState], *, limit: int, after: str = ""
    ) -> list[FileRecord]:
        """Files in these states by key, those beyond `after`, at most `limit`."""
        ...

    async def files_like(self, collection: str, prefix: str) -> list[FileRecord]:
        """Files whose key begins so, at most two: enough to tell one from several."""
        ...

    async def place(
        self, collection: str, placed: Mapping[str, Collection[str]]
    ) -> Mapping[str, str]:
        """Note which keys stand at each source now (a keyed digest of a path).

        Returns:
            The keys that stand nowhere any more, each with a source where it stood. They stay known until
            they are dropped, so that a run that was killed finds them again.
        """
        ...

    async def drop_files(self, collection: str, keys: Sequence[str]) -> None:
        """Remove the states, sources and links of files; what they gave stays."""
        ...

    async def relink(self, collection: str, old: str, new: str) -> None:
        """Give what a file gave to another one."""
        ...

    async def links(self, collection: str, keys: Sequence[str]) -> Mapping[str, list[FileLink]]:
        """What each file gave, by kind and id; a file that gave nothing is left out."""
        ...

    async def givers(
        self, collection: str, links: Sequence[FileLink]
    ) -> Mapping[FileLink, frozenset[str]]:
        """The keys of the files that gave each of these; those without a file are left out."""
        ...

    async def cases_of(self, collection: str, patient: str) -> list[str]:
        """Ids of a patient's cases, by the patient's pseudonym."""
        ...

    async def stored_before(self, collection: str, moment: str) -> tuple[list[str], list[str]]:
        """Ids of documents and of cases that were last written before a time (UTC, ISO 8601)."""
        ...

    async def image_users(
        self, digests: Collection[str]
    ) -> Mapping[str, frozenset[tuple[str, str]]]:
        """Collection and id of the cases that show each of these images, in all collections."""
        ...

    async def document_holders(self, ids: Collection[str]) -> Mapping[str, frozenset[str]]:
        """The collections that hold each of these documents."""
        ...

    async def points_of(self, collection: str, case_id: str) -> list[LedgerPoint]:
        """The points of a case with their vectors."""
        ...

    async def counts(self, collection: str) -> Mapping[str, int]:
        """Stored `documents`, `passages`, `cases` and `images`."""
        ...

    async def known(self, collection: str, owners: Mapping[str, str]) -> frozenset[str]:
        """Which documents and cases (id → digest) are stored with this very digest."""
        ...

    async def write(self, collection: str, batch: LedgerBatch) -> None:
        """Store a batch in one transaction; an owner's earlier points are superseded.

        Raises:
            RadciteError: `STORAGE_LOW`; nothing is stored.
        """
        ...

    async def forget(
        self, collection: str, documents: Sequence[str] = (), cases: Sequence[str] = ()
    ) -> int:
        """Remove documents and cases with their points and links; how many points went."""
        ...

    async def erase(self) -> None:
        """Make sure that no byte of what was removed is left in the store's files."""
        ...

    async def pending(
        self, collection: str, limit: int
    ) -> tuple[list[LedgerPoint], list[str], int]:
        """What the index lacks: points to write, ids to remove first, the mark to acknowledge."""
        ...

    async def acknowledge(self, collection: str, removed: Sequence[str], mark: int) -> None:
        """Note that the index holds every point up to the mark and none of the removed."""
        ...

    async def put_vectors(
        self, collection: str, which: DenseName, vectors: Mapping[str, Vectors | None]
    ) -> None:
        """Replace the text or image vectors of points by their ids; unknown ids are passed over.

        The index knows nothing of it until it is rebuilt.
        """
        ...

    async def mark_retracted(self, collection: str, retractions: Retractions) -> Marked:
        """Mark documents a list names, take back what an earlier one marked, and let the index have their points."""
        ...

    async def close(self) -> None:
        """Close the store."""
        ...
