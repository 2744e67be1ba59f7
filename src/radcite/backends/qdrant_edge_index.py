"""The embedded index: one Qdrant Edge shard per collection, in process."""

import asyncio
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

import numpy as np

from radcite.backends.storage import require_headroom
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.ports import DenseName, Filter, IndexPoint, Scored, VectorQuery
from radcite.core.vectors import SparseVector

__all__ = ["PAYLOAD_KEYWORDS", "EdgeIndex", "checked_vectors"]

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
        shard = await _engine(lambda: self._open(collection))
        if shard is not None and ids:
            await _engine(lambda: _delete(shard, ids))

    async def search(self, collection: str, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
        """Hits of each query, best first."""
        shard = await _engine(lambda: self._open(collection))
        if shard is None:
            return [[] for _ in queries]
        return await _engine(lambda: _search(shard, queries))

    async def count(self, collection: str) -> int:
        """Points in the collection."""
        from qdrant_edge import CountRequest

        shard = await _engine(lambda: self._open(collection))
        return 0 if shard is None else await _engine(lambda: int(shard.count(CountRequest())))

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
        path = self._path(collection)
        if path.exists():
            await asyncio.to_thread(shutil.rmtree, path)

    async def close(self) -> None:
        """Close every shard."""
        while self._shards:
            _, shard = self._shards.popitem()
            await _engine(shard.close)

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


def checked_vectors(points: Sequence[IndexPoint]) -> None:
    """Refuse vectors that the engines would take without a word.

    Raises:
        RadciteError: `EMBEDDING_INVALID` for a zero or non-finite vector.
    """
    for point in points:
        for vector in point.dense.values():
            total = float(np.square(np.asarray(vector, dtype=np.float64)).sum())
            if not np.isfinite(total) or total == 0:
                raise RadciteError(
                    "EMBEDDING_INVALID", f"point {point.id}: vector is zero or not finite"
                )
        if point.sparse is not None and not np.isfinite(point.sparse.values).all():
            raise RadciteError("EMBEDDING_INVALID", f"point {point.id}: weight is not finite")


async def _engine(call: Callable[[], _T]) -> _T:
    """Run a blocking engine call aside; the engine's errors are bare exceptions."""
    try:
        return await asyncio.to_thread(call)
    except (RadciteError, OSError):
        raise
    except Exception as exc:
        raise DependencyDown(
            "RETRIEVAL_UNAVAILABLE", "the embedded index failed", "内嵌索引出错"
        ) from exc


def _point(point: IndexPoint) -> Any:
    import qdrant_edge as edge

    vector: dict[str, Any] = {name: list(map(float, row)) for name, row in point.dense.items()}
    if point.sparse is not None and point.sparse.indices:
        vector["bm25"] = edge.SparseVector(list(point.sparse.indices), list(point.sparse.values))
    return edge.Point(UUID(point.id), vector, dict(point.payload))


def _delete(shard: Any, ids: Sequence[str]) -> None:
    import qdrant_edge as edge

    shard.update(edge.UpdateOperation.delete_points([UUID(point_id) for point_id in ids]))
    shard.flush()


def _search(shard: Any, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
    import qdrant_edge as edge

    found: list[list[Scored]] = []
    for query in queries:
        if isinstance(query.vector, SparseVector):
            vector: Any = edge.SparseVector(list(query.vector.indices), list(query.vector.values))
            empty = not query.vector.indices
        else:
            vector, empty = list(map(float, query.vector)), False
        if empty or query.limit < 1:
            found.append([])
            continue
        request = edge.QueryRequest(
            limit=query.limit,
            query=edge.Query.Nearest(vector, query.using),
            filter=_filter(query.filter),
            params=edge.SearchParams(exact=query.exact),
        )
        hits = [Scored(str(hit.id), float(hit.score)) for hit in shard.query(request)]
        found.append(sorted(hits, key=lambda hit: (-hit.score, hit.id)))
    return found


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
