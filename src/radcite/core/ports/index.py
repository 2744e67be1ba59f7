"""Points with their vectors, found again by nearness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from radcite.core.frozen import Frozen
from radcite.core.vectors import SparseVector, Vectors

__all__ = ["DenseName", "Filter", "Index", "IndexPoint", "Scored", "VectorName", "VectorQuery"]

DenseName = Literal["text", "image"]
VectorName = Literal["text", "image", "bm25"]


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
