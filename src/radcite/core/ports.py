"""What the house asks of its engines. One contract suite each, in `tests/contracts/`."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, Field

from radcite.core.audit import AuditEntry, AuditEvent, AuditVerdict, Checkpoint
from radcite.core.claims import Claim, Evidence
from radcite.core.frozen import Frozen
from radcite.core.sources import Language
from radcite.core.vectors import Pixels, SparseVector, Vectors

__all__ = [
    "AuditLog",
    "ChatMessage",
    "ChatModel",
    "ChatPrompt",
    "DenseName",
    "Entailment",
    "Filter",
    "ImageEncoder",
    "ImageLabel",
    "ImageLabeler",
    "ImageReading",
    "ImageStore",
    "Index",
    "IndexPoint",
    "Reranker",
    "Scored",
    "SparseEncoder",
    "SupportJudge",
    "TermStatistics",
    "TextEncoder",
    "TokenCounter",
    "Tracker",
    "VectorName",
    "VectorQuery",
    "Verdict",
]

ReplyT = TypeVar("ReplyT", bound=BaseModel)
DenseName = Literal["text", "image"]
VectorName = Literal["text", "image", "bm25"]


class TextEncoder(Protocol):
    """Texts to unit vectors of one space."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model: equal fingerprints mean comparable vectors."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def languages(self) -> frozenset[Language]:
        """Languages the model reads; a query in another one is left to the sparse encoder."""
        ...

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of documents in the order given: shape (len(texts), dim), unit length.

        Raises:
            RadciteError: `EMBEDDING_INVALID` when the model returns zero or non-finite vectors.
        """
        ...

    async def encode_query(self, text: str) -> Vectors:
        """The vector of a question, shape (1, dim), unit length."""
        ...


class ImageEncoder(Protocol):
    """Images, and where the model has a text tower also texts, to unit vectors of one space."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def reads_text(self) -> bool:
        """Whether `encode_text` works."""
        ...

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        """Vectors of display-ready images in the order given: (len(images), dim), unit length.

        Raises:
            RadciteError: `EMBEDDING_INVALID` when the model returns zero or non-finite vectors.
        """
        ...

    async def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts in the image space: (len(texts), dim), unit length.

        Raises:
            RadciteError: `VALIDATION` when the model has no text tower (`reads_text` is false).
        """
        ...


class ImageLabel(Frozen):
    """What an image shows, of one kind (`modality`, `body_part`, `view`, `finding`), with a calibrated probability."""

    kind: str
    value: str
    probability: float = Field(ge=0, le=1)


class ImageReading(Frozen):
    """All that a model makes of an image: probabilities by head and value, whether or not they are high enough to say.

    `uncalibrated` are those before calibration; `is_foreign`: the image is of another domain.
    """

    probabilities: Mapping[str, Mapping[str, float]]
    uncalibrated: Mapping[str, Mapping[str, float]]
    is_foreign: bool


class ImageLabeler(Protocol):
    """A trained model of what an image shows; it abstains by leaving a kind out."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    async def read(self, images: Sequence[Pixels]) -> list[ImageReading]:
        """What the model makes of each image."""
        ...

    async def label(self, images: Sequence[Pixels]) -> list[tuple[ImageLabel, ...]]:
        """The labels that each image gets, at most one a kind; none for an image of another domain.

        Raises:
            RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels.
        """
        ...


class ImageStore(Protocol):
    """De-identified pixels by the digest of the file they came from."""

    async def put(self, digest: str, pixels: Pixels, frame: int = 0) -> str:
        """Keep an image; its address (`radcite-image:<digest>/<frame>`). Repeating it changes nothing.

        Raises:
            RadciteError: `STORAGE_LOW`; nothing is half-written.
        """
        ...

    async def pixels(self, digest: str, frame: int = 0) -> Pixels:
        """The stored image.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def drop(self, digest: str) -> None:
        """Remove every frame of an image; those of an unknown one are none."""
        ...


class TermStatistics(Protocol):
    """How many points of a collection hold a term; what inverse document frequency needs."""

    async def document_count(self, collection: str) -> int:
        """Points with a sparse vector."""
        ...

    async def document_frequencies(
        self, collection: str, terms: Sequence[int]
    ) -> Mapping[int, int]:
        """Points that hold each term number; a term that none holds is left out."""
        ...


class SparseEncoder(Protocol):
    """Texts to BM25-weighted sparse vectors: the dot product of query and document is the score."""

    @property
    def fingerprint(self) -> str:
        """Name, version and parameters of tokeniser and weighting."""
        ...

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Saturated term frequencies of documents in the order given; empty for a text without terms."""
        ...

    async def encode_query(self, text: str, collection: str) -> SparseVector:
        """Inverse document frequencies of the query's distinct terms within the collection."""
        ...


class Filter(Frozen):
    """Conditions on payload keywords; all must hold.

    `must` maps a field to the values of which one must stand there, `must_not` to values that must not.
    """

    must: Mapping[str, tuple[str, ...]] = {}
    must_not: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """What an index keeps of a point. `id` is a UUID in text form; payload values are keywords."""

    id: str
    payload: Mapping[str, str]
    dense: Mapping[DenseName, "Sequence[float] | Vectors"] = field(
        default_factory=dict[DenseName, Vectors]
    )
    sparse: SparseVector | None = None


@dataclass(frozen=True, slots=True)
class VectorQuery:
    """One nearest-neighbour search; `vector` is dense for `text` and `image`, sparse for `bm25`."""

    using: VectorName
    vector: "Sequence[float] | Vectors | SparseVector"
    limit: int
    filter: Filter = Filter()  # noqa: RUF009 - frozen
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """A point's id and its raw score: cosine in [-1, 1] for dense vectors, BM25 for sparse."""

    id: str
    score: float


class Index(Protocol):
    """Nearest neighbours by named vectors with keyword filters; a cache that the ledger can rebuild."""

    async def create(self, collection: str, dims: Mapping[DenseName, int]) -> None:
        """Make the collection with its payload indexes if it is not there."""
        ...

    async def upsert(self, collection: str, points: Sequence[IndexPoint]) -> None:
        """Write points, replacing those of the same id; durable once it returns.

        Raises:
            RadciteError: `EMBEDDING_INVALID` for a zero or non-finite vector; nothing is written.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        ...

    async def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove points; unknown ids are passed over."""
        ...

    async def search(self, collection: str, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
        """Hits of each query, best first, equal scores by id; a missing collection has none.

        Raises:
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        ...

    async def count(self, collection: str) -> int:
        """Points in the collection; 0 for a missing one."""
        ...

    async def optimize(self, collection: str) -> None:
        """Build the approximate-search graph; blocks until it is done."""
        ...

    async def drop(self, collection: str) -> None:
        """Remove the collection; a missing one is no error."""
        ...

    async def close(self) -> None:
        """Release files and connections."""
        ...


class ChatMessage(Frozen):
    """One turn for a chat model. `images` are PNG data URIs of de-identified pixels."""

    role: Literal["system", "user", "assistant"]
    content: str
    images: tuple[str, ...] = ()


class ChatPrompt(Frozen):
    """Rendered messages and which prompt made them (`answer.v1.en`)."""

    name: str
    messages: tuple[ChatMessage, ...] = ()
    max_tokens: int = 1024
    temperature: float = 0.0


class TokenCounter(Protocol):
    """Counts in the tokens of the served model."""

    async def context(self) -> int | None:
        """How many tokens a prompt and its reply may take together; None where the server does not say."""
        ...

    async def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text: by the model's own tokenizer where it is served, else estimated.

        An estimate is corrected by what the server charged for earlier prompts. Raises nothing.
        """
        ...


class ChatModel(Protocol):
    """A language model that replies in a given form."""

    @property
    def name(self) -> str:
        """The served model's or adapter's name."""
        ...

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        """One reply, decoded under the JSON schema of `reply` and validated.

        Raises:
            DependencyDown: `LLM_UNAVAILABLE` or `TIMEOUT` after bounded retries.
            RadciteError: `LLM_BAD_OUTPUT` when no valid reply came after bounded retries, or the
                prompt is longer than the model's context.
        """
        ...

    def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        """The reply as it is written: free text, or JSON decoded under the schema of `reply`, not validated.

        Raises as `complete`, also midway; a reply in a wrong form is the reader's to find.
        """
        ...

    async def probe(self) -> None:
        """A one-token completion. Raises `DependencyDown` when the model cannot answer."""
        ...


class Verdict(Frozen):
    """Whether a quote carries a claim, and why. `score` is in [0, 1], higher is surer."""

    support: Literal["supported", "weak", "unsupported"]
    reason: str
    score: float | None = None


class SupportJudge(Protocol):
    """Decides whether quoted words entail a claim."""

    @property
    def fingerprint(self) -> str:
        """Name and version of rules or model."""
        ...

    async def judge(
        self, claim: Claim, quotes: Sequence[str], evidence: Sequence[Evidence]
    ) -> Verdict:
        """The verdict for one claim.

        Args:
            claim: The claim; its citations were already found at their places.
            quotes: The cited words, in the order of the claim's citations.
            evidence: The evidence the claim cites.
        """
        ...


class Entailment(Protocol):
    """A trained model of whether a quote carries a claim; it reads the words and nothing else."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    @property
    def thresholds(self) -> Mapping[Language, float]:
        """By language, the probability from which a claim is taken for carried; a language not named is not judged."""
        ...

    async def carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The probability, in [0, 1], that the first text of each pair carries the second."""
        ...


class Reranker(Protocol):
    """A trained model that reads a question and a text together and says how well the one answers the other."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    @property
    def shares(self) -> Mapping[Language, float]:
        """By language, how much the model counts beside the search's own score, in [0, 1]; others are left alone."""
        ...

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """A score for each text in the order given: higher is better, comparable for one query only."""
        ...


class Tracker(Protocol):
    """Where a training run's figures go."""

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Note figures of a step; a step may be noted more than once."""
        ...

    def close(self) -> None:
        """Finish; nothing is lost when it is not called."""
        ...


class AuditLog(Protocol):
    """The record of what was done: it only grows, and tells when it was tampered with."""

    async def record(self, event: AuditEvent) -> Checkpoint:
        """Append an event; it is durable, linked and signed once this returns.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`; nothing may be shown then.
        """
        ...

    async def probe(self) -> None:
        """Whether an event could be recorded now; nothing is.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`.
        """
        ...

    def entries(self, start: int = 1) -> AsyncIterator[AuditEntry]:
        """The events from a number on, in order.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`, also at an event that was altered.
        """
        ...

    async def verify(self, kept: Checkpoint | None = None) -> AuditVerdict:
        """Read the whole record and tell what is wrong with it.

        Args:
            kept: A checkpoint that was kept elsewhere and must still hold.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE` when the key cannot be read.
        """
        ...

    async def close(self) -> None:
        """Close the record."""
        ...
