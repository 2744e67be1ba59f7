"""The index on a Qdrant server or cluster, through qdrant-client."""

import asyncio
import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import SecretStr

from radcite.backends.index.qdrant_edge import HNSW_EF, PAYLOAD_KEYWORDS, checked_vectors
from radcite.core.errors import DependencyDown
from radcite.core.ports import DenseName, Filter, IndexPoint, Scored, VectorQuery
from radcite.core.vectors import SparseVector

__all__ = ["ServerIndex"]

_BATCH = 256
_PLAIN = re.compile(r"[\w-]+", re.ASCII)
_T = TypeVar("_T")


class ServerIndex:
    """`Index` over a Qdrant server; radcite's collections carry a prefix there.

    Args:
        url: The server's address, or `:memory:` for qdrant-client's own in-process mode.
        api_key: The server's key.
        prefix: Put before every collection's name.
        timeout_seconds: Bound on one request.
        shards: Shards of a new collection; replicas follow the cluster's default.
    """

    def __init__(
        self,
        url: str,
        api_key: SecretStr | None = None,
        *,
        prefix: str = "radcite_",
        timeout_seconds: int = 30,
        shards: int | None = None,
    ) -> None:
        from qdrant_client import AsyncQdrantClient

        key = api_key.get_secret_value() if api_key else None
        self._client: AsyncQdrantClient = (
            AsyncQdrantClient(location=":memory:")
            if url == ":memory:"
            else AsyncQdrantClient(
                url=url, api_key=key, timeout=timeout_seconds, check_compatibility=False
            )
        )
        self._local = url == ":memory:"
        self._prefix = prefix
        self._shards = shards
        self._known: set[str] = set()

    async def create(self, collection: str, dims: Mapping[DenseName, int]) -> None:
        """Make the collection with its payload indexes if it is not there."""
        from qdrant_client import models

        if await self._exists(collection):
            return
        await _asked(
            self._client.create_collection(
                self._name(collection),
                vectors_config={
                    name: models.VectorParams(size=size, distance=models.Distance.COSINE)
                    for name, size in dims.items()
                },
                sparse_vectors_config={"bm25": models.SparseVectorParams()},
                shard_number=self._shards,
            )
        )
        if not self._local:
            for keyword in PAYLOAD_KEYWORDS:
                await _asked(
                    self._client.create_payload_index(
                        self._name(collection), keyword, models.PayloadSchemaType.KEYWORD
                    )
                )

    async def upsert(self, collection: str, points: Sequence[IndexPoint]) -> None:
        """Write points and wait until the server has applied them."""
        checked_vectors(points)
        for first in range(0, len(points), _BATCH):
            batch = [_point(point) for point in points[first : first + _BATCH]]
            await _asked(self._client.upsert(self._name(collection), batch, wait=True))

    async def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove points."""
        from qdrant_client import models

        if ids and await self._exists(collection):
            selector = models.PointIdsList(points=list(ids))
            await _asked(self._client.delete(self._name(collection), selector, wait=True))

    async def search(self, collection: str, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
        """Hits of each query, best first, in one request."""
        if not await self._exists(collection):
            return [[] for _ in queries]
        asked = [i for i, query in enumerate(queries) if _can_match(query)]
        found: list[list[Scored]] = [[] for _ in queries]
        if asked:
            replies = await _asked(
                self._client.query_batch_points(
                    self._name(collection),
                    [_request(queries[i], local=self._local) for i in asked],
                )
            )
            for i, reply in zip(asked, replies, strict=True):
                hits = [Scored(str(hit.id), hit.score) for hit in reply.points]
                found[i] = sorted(hits, key=lambda hit: (-hit.score, hit.id))
        return found

    async def count(self, collection: str) -> int:
        """Points in the collection."""
        if not await self._exists(collection):
            return 0
        return (await _asked(self._client.count(self._name(collection)))).count

    async def optimize(self, collection: str) -> None:
        """Wait until the server's own optimiser has caught up."""
        from qdrant_client import models

        if self._local or not await self._exists(collection):
            return
        while True:
            info = await _asked(self._client.get_collection(self._name(collection)))
            if info.status == models.CollectionStatus.GREEN:
                return
            await asyncio.sleep(1)

    async def drop(self, collection: str) -> None:
        """Remove the collection."""
        self._known.discard(collection)
        if await self._exists(collection):
            self._known.discard(collection)
            await _asked(self._client.delete_collection(self._name(collection)))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _name(self, collection: str) -> str:
        """The server takes no slashes, wildcards and the like: such names go as hexadecimals."""
        plain = _PLAIN.fullmatch(collection)
        return self._prefix + (collection if plain else f".{collection.encode().hex()}")

    async def _exists(self, collection: str) -> bool:
        if collection not in self._known and await _asked(
            self._client.collection_exists(self._name(collection))
        ):
            self._known.add(collection)
        return collection in self._known


async def _asked(call: Awaitable[_T]) -> _T:
    from httpx import HTTPError
    from qdrant_client.http.exceptions import ApiException

    try:
        return await call
    except (ApiException, HTTPError, OSError) as exc:
        raise DependencyDown(
            "RETRIEVAL_UNAVAILABLE", "the Qdrant server failed", "Qdrant 服务器出错"
        ) from exc


def _can_match(query: VectorQuery) -> bool:
    has_terms = not isinstance(query.vector, SparseVector) or bool(query.vector.indices)
    return has_terms and query.limit > 0


def _point(point: IndexPoint) -> Any:
    from qdrant_client import models

    vector: dict[str, Any] = {name: list(map(float, row)) for name, row in point.dense.items()}
    if point.sparse is not None and point.sparse.indices:
        vector["bm25"] = models.SparseVector(
            indices=list(point.sparse.indices), values=list(point.sparse.values)
        )
    return models.PointStruct(id=point.id, vector=vector, payload=dict(point.payload))


def _request(query: VectorQuery, *, local: bool) -> Any:
    from qdrant_client import models

    vector = (
        models.SparseVector(indices=list(query.vector.indices), values=list(query.vector.values))
        if isinstance(query.vector, SparseVector)
        else list(map(float, query.vector))
    )
    return models.QueryRequest(
        query=vector,
        using=query.using,
        limit=query.limit,
        filter=_filter(query.filter),
        # The client's own mode is always exact and warns of being told so.
        params=None if local else models.SearchParams(hnsw_ef=HNSW_EF, exact=query.exact),
    )


def _filter(conditions: Filter) -> Any:
    from qdrant_client import models

    def conditions_of(fields: Mapping[str, tuple[str, ...]]) -> list[Any]:
        return [
            models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))
            for name, values in fields.items()
            if values
        ]

    return models.Filter(
        must=conditions_of(conditions.must), must_not=conditions_of(conditions.must_not)
    )
