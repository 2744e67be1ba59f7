"""The embedded index: one Qdrant Edge shard per collection, in process."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

import numpy as np

from radcite.backends.state.storage import require_headroom
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.ports import DenseName, Filter, IndexPoint, Scored, VectorQuery
from radcite.core.vectors import SparseVector, Vectors

__all__ = ["HNSW_EF", "PAYLOAD_KEYWORDS", "EdgeIndex", "checked_vectors"]

PAYLOAD_KEYWORDS = (
    "kind",
    "owner",
    "language",
    "modality",
    "body_part",
    "view",
    "patient",
    "retracted",
)
# The wider the search of the graph the truer: recall@10 .966 with the engine's own 100.
HNSW_EF = 256
_PANIC = "PanicException"
_T = TypeVar("_T")


class EdgeIndex:
    """`Index` over Qdrant Edge.

    Args:
        folder: Where the shards live; one process at a time may open it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: dict[str, Any] = {}
        self._opening = Lock()

    async def create(self, collection: str, dims: Mapping[DenseName, int]) -> None:
        """Make the collection with its payload indexes if it is not there."""
        if not self._path(collection).exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            require_headroom(self._folder)
            await _engine(lambda: self._make(collection, dims))

    async def upsert(self, collection: str, points: Sequence[IndexPoint]) -> None:
        """Write points and flush them to disk."""
        if not points:
            return
        checked_vectors(points)
        require_headroom(self._folder)
        await _engine(lambda: self._write(collection, points))

    async def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove points."""
        if ids:
            await _engine(lambda: self._delete(collection, ids))

    async def search(self, collection: str, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
        """Hits of each query, best first."""
        return await _engine(lambda: self._search(collection, queries))

    async def count(self, collection: str) -> int:
        """Points in the collection."""
        return await _engine(lambda: self._count(collection))

    async def optimize(self, collection: str) -> None:
        """Build the HNSW graph."""
        shard = await _engine(lambda: self._open(collection))
        if shard is not None:
            require_headroom(self._folder)
            await _engine(shard.optimize)

    async def drop(self, collection: str) -> None:
        """Remove the collection's files."""
        shard = self._shards.pop(collection, None)
        if shard is not None:
            await _engine(shard.close)
        await asyncio.to_thread(_remove, self._path(collection))

    async def close(self) -> None:
        """Close every shard."""
        while self._shards:
            _, shard = self._shards.popitem()
            # In this thread: at the end of a program no other takes work any more.
            shard.close()

    def _path(self, collection: str) -> Path:
        return self._folder / collection.encode().hex()

    def _make(self, collection: str, dims: Mapping[DenseName, int]) -> None:
        import qdrant_edge as edge

        path = self._path(collection)
        making = path.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        vectors = {
            name: edge.EdgeVectorParams(size=size, distance=edge.Distance.Cosine)
            for name, size in dims.items()
        }
        config = edge.EdgeConfig(
            vectors=vectors, sparse_vectors={"bm25": edge.EdgeSparseVectorParams()}
        )
        shard = edge.EdgeShard.create(str(making), config)
        for keyword in PAYLOAD_KEYWORDS:
            shard.update(
                edge.UpdateOperation.create_field_index(keyword, edge.PayloadSchemaType.Keyword)
            )
        shard.flush()
        shard.close()
        making.rename(path)

    def _open(self, collection: str) -> Any:
        from qdrant_edge import EdgeShard

        with self._opening:
            if collection not in self._shards and self._path(collection).exists():
                self._shards[collection] = EdgeShard.load(str(self._path(collection)))
            return self._shards.get(collection)

    def _write(self, collection: str, points: Sequence[IndexPoint]) -> None:
        import qdrant_edge as edge

        shard = self._open(collection)
        if shard is None:
            raise RadciteError("NOT_FOUND", f"collection {collection}", f"集合 {collection}")
        shard.update(edge.UpdateOperation.upsert_points([_point(point) for point in points]))
        shard.flush()

    def _delete(self, collection: str, ids: Sequence[str]) -> None:
        import qdrant_edge as edge

        shard = self._open(collection)
        if shard is not None:
            gone: list[Any] = [UUID(point_id) for point_id in ids]
            shard.update(edge.UpdateOperation.delete_points(gone))
            shard.flush()

    def _search(self, collection: str, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
        shard = self._open(collection)
        return [[] if shard is None else _nearest(shard, query) for query in queries]

    def _count(self, collection: str) -> int:
        from qdrant_edge import CountRequest

        shard = self._open(collection)
        return 0 if shard is None else int(shard.count(CountRequest()))


def checked_vectors(points: Sequence[IndexPoint]) -> None:
    """Refuse vectors that the engines would take without a word.

    Raises:
        RadciteError: `EMBEDDING_INVALID` for a zero or non-finite vector.
    """
    for point in points:
        rows = [np.asarray(row, dtype=np.float32) for row in point.dense.values()]
        if any(not np.isfinite(length := float(row @ row)) or length == 0 for row in rows):
            raise RadciteError(
                "EMBEDDING_INVALID", f"point {point.id}: vector is zero or not finite"
            )
        if point.sparse is not None and not all(map(isfinite, point.sparse.values)):
            raise RadciteError("EMBEDDING_INVALID", f"point {point.id}: weight is not finite")


async def _engine(call: Callable[[], _T]) -> _T:
    """Run a blocking engine call aside; the engine's errors are bare exceptions."""
    try:
        return await asyncio.to_thread(call)
    except (RadciteError, OSError):
        raise
    except Exception as exc:
        raise _failed() from exc
    except BaseException as exc:
        # A panic of the engine, as over a damaged file, is no `Exception`.
        if type(exc).__name__ != _PANIC:
            raise
        raise _failed() from exc


def _failed() -> DependencyDown:
    return DependencyDown("RETRIEVAL_UNAVAILABLE", "the embedded index failed", "内嵌索引出错")


def _point(point: IndexPoint) -> Any:
    import qdrant_edge as edge

    vector: dict[str, Any] = {name: _floats(row) for name, row in point.dense.items()}
    if point.sparse is not None and point.sparse.indices:
        vector["bm25"] = edge.SparseVector(list(point.sparse.indices), list(point.sparse.values))
    return edge.Point(UUID(point.id), vector, dict(point.payload))


def _floats(vector: "Sequence[float] | Vectors") -> list[float]:
    return np.asarray(vector, dtype=np.float32).tolist()


def _remove(path: Path) -> None:
    """Under another name first: a folder that is half removed must not pass for the collection."""
    dropped = path.with_suffix(".dropped")
    shutil.rmtree(dropped, ignore_errors=True)
    if path.exists():
        path.rename(dropped)
        shutil.rmtree(dropped)


def _nearest(shard: Any, query: VectorQuery) -> list[Scored]:
    import qdrant_edge as edge

    if isinstance(query.vector, SparseVector):
        vector: Any = edge.SparseVector(list(query.vector.indices), list(query.vector.values))
        empty = not query.vector.indices
    else:
        vector, empty = _floats(query.vector), False
    if empty or query.limit < 1:
        return []
    request = edge.QueryRequest(
        limit=query.limit,
        query=edge.Query.Nearest(vector, query.using),
        filter=_filter(query.filter),
        params=edge.SearchParams(hnsw_ef=HNSW_EF, exact=query.exact),
    )
    ranked = sorted((-hit.score, str(hit.id)) for hit in shard.query(request))
    return [Scored(point, -score) for score, point in ranked]


def _filter(conditions: Filter) -> Any:
    import qdrant_edge as edge

    def conditions_of(fields: Mapping[str, tuple[str, ...]]) -> list[Any]:
        return [
            edge.FieldCondition(key=name, match=edge.MatchAny(any=list(values)))
            for name, values in fields.items()
            if values
        ]

    return edge.Filter(
        must=conditions_of(conditions.must), must_not=conditions_of(conditions.must_not)
    )
