"""The index of a data folder, lent by the process that owns it to others of the same user.

The engine in process lets one process in. Its owner answers on a socket in the folder, open to the folder's owner
alone; everything else in the folder lets several processes in by itself.
"""

import asyncio
import os
import socket
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeVar

import numpy as np

from radcite import __version__
from radcite.backends.index.qdrant_edge import checked_vectors
from radcite.core.errors import DependencyDown, ErrorCode, RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ports import (
    DenseName,
    Filter,
    Index,
    IndexPoint,
    Scored,
    VectorName,
    VectorQuery,
)
from radcite.core.vectors import SparseVector, Vectors

__all__ = ["BorrowedIndex", "borrow_index", "lend_index"]

_SOCKET = "index.sock"
_MOST_BYTES = 1 << 30
# What the kernels at hand take as the address of a socket.
_LONGEST_ADDRESS = 100
_ModelT = TypeVar("_ModelT", bound=Frozen)


class _Point(Frozen):
    id: str
    payload: Mapping[str, str]
    dense: Mapping[DenseName, str]
    sparse: SparseVector | None


class _Query(Frozen):
    using: VectorName
    vector: str | SparseVector
    limit: int
    filter: Filter
    exact: bool


class _Call(Frozen):
    method: Literal["greet", "create", "upsert", "delete", "search", "count", "optimize", "drop"]
    collection: str = ""
    dims: Mapping[DenseName, int] = {}
    points: tuple[_Point, ...] = ()
    ids: tuple[str, ...] = ()
    queries: tuple[_Query, ...] = ()


class _Failure(Frozen):
    code: ErrorCode
    detail: str
    detail_zh: str

    def error(self) -> RadciteError:
        if self.code == "RETRIEVAL_UNAVAILABLE":
            return DependencyDown(self.code, self.detail, self.detail_zh)
        return RadciteError(self.code, self.detail, self.detail_zh)


class _Reply(Frozen):
    failure: _Failure | None = None
    version: str = __version__
    hits: tuple[tuple[Scored, ...], ...] = ()
    count: int = 0


class BorrowedIndex:
    """`Index` of a data folder that another process owns.

    Args:
        home: The data folder.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    async def create(self, collection: str, dims: Mapping[DenseName, int]) -> None:
        """Make the collection if it is not there."""
        await self._ask(_Call(method="create", collection=collection, dims=dims))

    async def upsert(self, collection: str, points: Sequence[IndexPoint]) -> None:
        """Write points."""
        checked_vectors(points)
        told = tuple(_told_point(point) for point in points)
        await self._ask(_Call(method="upsert", collection=collection, points=told))

    async def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove points."""
        await self._ask(_Call(method="delete", collection=collection, ids=tuple(ids)))

    async def search(self, collection: str, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
        """Hits of each query, best first."""
        told = tuple(_told_query(query) for query in queries)
        reply = await self._ask(_Call(method="search", collection=collection, queries=told))
        return [list(hits) for hits in reply.hits]

    async def count(self, collection: str) -> int:
        """Points in the collection."""
        return (await self._ask(_Call(method="count", collection=collection))).count

    async def optimize(self, collection: str) -> None:
        """Build the approximate-search graph."""
        await self._ask(_Call(method="optimize", collection=collection))

    async def drop(self, collection: str) -> None:
        """Remove the collection."""
        await self._ask(_Call(method="drop", collection=collection))

    async def close(self) -> None:
        """Nothing is held between two calls."""

    async def version(self) -> str:
        """The version of radcite that lends the index."""
        return (await self._ask(_Call(method="greet"))).version

    async def _ask(self, call: _Call) -> _Reply:
        try:
            with _short(self._home) as home:
                reader, writer = await asyncio.open_unix_connection(str(home / _SOCKET))
            try:
                await _tell(writer, call)
                reply = await _hear(reader, _Reply)
            finally:
                writer.close()
        except (OSError, EOFError) as exc:
            raise DependencyDown(
                "RETRIEVAL_UNAVAILABLE",
                "the process that owned the data folder has ended",
                "占用数据目录的进程已结束",
            ) from exc
        if reply.failure is not None:
            raise reply.failure.error()
        return reply


async def borrow_index(home: Path) -> BorrowedIndex | None:
    """The index of the process that owns a data folder; None where that one lends nothing.

    Raises:
        RadciteError: `HOME_LOCKED` where it is another version of radcite, which may store things in another form.
    """
    index = BorrowedIndex(home)
    try:
        version = await index.version()
    except DependencyDown:
        return None
    if version != __version__:
        raise RadciteError(
            "HOME_LOCKED",
            f"the data folder is in use by radcite {version}",
            f"数据目录正由 radcite {version} 使用",
        )
    return index


@asynccontextmanager
async def lend_index(home: Path, index: Index) -> AsyncGenerator[None]:
    """Answer others at the folder's socket for as long as the block runs. The caller owns the folder."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _tell(writer, await _answered(index, await _hear(reader, _Call)))
        except (OSError, EOFError, ValueError):
            # The other end has gone, or is none of ours.
            pass
        finally:
            writer.close()

    (home / _SOCKET).unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.fchmod(listening.fileno(), 0o600)
    with _short(home) as near:
        listening.bind(str(near / _SOCKET))
    (home / _SOCKET).chmod(0o600)
    server = await asyncio.start_unix_server(answer, sock=listening)
    try:
        yield
    finally:
        server.close()
        with suppress(OSError):
            (home / _SOCKET).unlink()


async def _answered(index: Index, call: _Call) -> _Reply:
    try:
        return await _carried_out(index, call)
    except RadciteError as error:
        told = _Failure(code=error.code, detail=error.detail, detail_zh=error.detail_zh)
        return _Reply(failure=told)


async def _carried_out(index: Index, call: _Call) -> _Reply:
    name = call.collection
    match call.method:
        case "search":
            found = await index.search(name, [_meant_query(query) for query in call.queries])
            return _Reply(hits=tuple(map(tuple, found)))
        case "count":
            return _Reply(count=await index.count(name))
        case "upsert":
            await index.upsert(name, [_meant_point(point) for point in call.points])
        case "delete":
            await index.delete(name, call.ids)
        case "greet":
            pass
        case _:
            await _set_up(index, call)
    return _Reply()


async def _set_up(index: Index, call: _Call) -> None:
    if call.method == "create":
        await index.create(call.collection, call.dims)
    elif call.method == "optimize":
        await index.optimize(call.collection)
    elif call.method == "drop":
        await index.drop(call.collection)


def _told_point(point: IndexPoint) -> _Point:
    dense: dict[DenseName, str] = {name: _told(row) for name, row in point.dense.items()}
    return _Point(id=point.id, payload=point.payload, dense=dense, sparse=point.sparse)


def _meant_point(point: _Point) -> IndexPoint:
    dense: dict[DenseName, Vectors] = {name: _meant(row) for name, row in point.dense.items()}
    return IndexPoint(point.id, point.payload, dense, point.sparse)


def _told_query(query: VectorQuery) -> _Query:
    vector = query.vector
    return _Query(
        using=query.using,
        vector=vector if isinstance(vector, SparseVector) else _told(vector),
        limit=query.limit,
        filter=query.filter,
        exact=query.exact,
    )


def _meant_query(query: _Query) -> VectorQuery:
    vector = query.vector if isinstance(query.vector, SparseVector) else _meant(query.vector)
    return VectorQuery(query.using, vector, query.limit, query.filter, query.exact)


def _told(row: "Sequence[float] | Vectors") -> str:
    return b64encode(np.asarray(row, dtype="<f4").tobytes()).decode()


def _meant(row: str) -> Vectors:
    return np.frombuffer(b64decode(row), dtype="<f4").astype(np.float32)


async def _tell(writer: asyncio.StreamWriter, message: Frozen) -> None:
    content = message.model_dump_json().encode()
    writer.write(len(content).to_bytes(4, "big") + content)
    await writer.drain()


async def _hear(reader: asyncio.StreamReader, kind: type[_ModelT]) -> _ModelT:
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > _MOST_BYTES:
        raise ValueError("too long")
    return kind.model_validate_json(await reader.readexactly(size))


@contextmanager
def _short(home: Path) -> Generator[Path]:
    """The folder under a name that leaves room for the socket's in its address."""
    if len(os.fsencode(home / _SOCKET)) <= _LONGEST_ADDRESS:
        yield home
        return
    with TemporaryDirectory(prefix="radcite-") as folder:
        near = Path(folder) / "h"
        near.symlink_to(home.resolve())
        yield near
