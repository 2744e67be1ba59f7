import asyncio
import os
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from radcite.backends.index.lent import BorrowedIndex, borrow_index, lend_index
from radcite.backends.index.qdrant_edge import EdgeIndex
from radcite.backends.index.qdrant_server import ServerIndex
from radcite.core.errors import RadciteError
from tests.contracts.index import C, IndexContract, near, point

LIVE = os.environ.get("RADCITE_TEST_QDRANT_URL")


class TestEdgeIndex(IndexContract):
    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[EdgeIndex]:
        index = EdgeIndex(tmp_path / "index")
        yield index
        await index.close()

    async def test_points_are_there_after_reopening(self, tmp_path: Path) -> None:
        first = EdgeIndex(tmp_path / "index")
        await self.filled(first)
        await first.close()
        again = EdgeIndex(tmp_path / "index")
        assert await self.ids(again, near([1, 0])) == [1, 2, 3]
        await again.close()

    async def test_writing_to_a_collection_that_is_not_there_is_refused(
        self, index: EdgeIndex, tmp_path: Path
    ) -> None:
        (tmp_path / "index").mkdir()
        with pytest.raises(RadciteError, match="NOT_FOUND"):
            await index.upsert(C, [point(1, [1, 0])])

    async def test_a_damaged_collection_is_unavailable_until_it_is_dropped(
        self, tmp_path: Path
    ) -> None:
        folder = tmp_path / "index" / C.encode().hex()
        folder.mkdir(parents=True)
        (folder / "edge_config.json").write_text("{")
        index = EdgeIndex(tmp_path / "index")
        with pytest.raises(RadciteError, match="RETRIEVAL_UNAVAILABLE"):
            await index.count(C)
        await index.drop(C)
        await self.filled(index)
        assert await index.count(C) == 4
        await index.close()


class TestBorrowedIndex(IndexContract):
    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[BorrowedIndex]:
        lent = EdgeIndex(tmp_path / "index")
        async with lend_index(tmp_path, lent):
            yield BorrowedIndex(tmp_path)
        await lent.close()

    async def test_only_the_folders_owner_reaches_it_and_it_goes_with_the_lender(
        self, tmp_path: Path
    ) -> None:
        lent = EdgeIndex(tmp_path / "index")
        async with lend_index(tmp_path, lent):
            assert (tmp_path / "index.sock").stat().st_mode & 0o077 == 0
            index = await borrow_index(tmp_path)
            assert index is not None
            # What is none of ours is not answered, and nobody else is disturbed by it.
            reader, writer = await asyncio.open_unix_connection(near_socket(tmp_path))
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
            assert await index.count(C) == 0
        with pytest.raises(RadciteError, match="RETRIEVAL_UNAVAILABLE"):
            await index.count(C)
        assert await borrow_index(tmp_path) is None
        await lent.close()

    async def test_a_folder_with_a_long_name_is_lent_too(self, tmp_path: Path) -> None:
        home = tmp_path / ("long" * 40)
        home.mkdir()
        lent = EdgeIndex(home / "index")
        async with lend_index(home, lent):
            index = await self.filled(BorrowedIndex(home))
            assert await index.count(C) == 4
        await lent.close()


def near_socket(home: Path) -> str:
    """Its address, short enough for the kernel."""
    return os.path.relpath(home / "index.sock")


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
class TestServerIndexInMemory(IndexContract):
    @pytest.fixture
    async def index(self) -> AsyncIterator[ServerIndex]:
        index = ServerIndex(":memory:")
        yield index
        await index.close()


@pytest.mark.skipif(LIVE is None, reason="RADCITE_TEST_QDRANT_URL is not set")
class TestServerIndexLive(IndexContract):
    @pytest.fixture
    async def index(self) -> AsyncIterator[ServerIndex]:
        assert LIVE
        index = ServerIndex(LIVE, prefix=f"test_{uuid4().hex}_")
        yield index
        for name in (C, "肺 结节/../x"):
            await index.drop(name)
        await index.close()


async def test_a_server_that_does_not_answer_is_unavailable() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        index = ServerIndex("http://127.0.0.1:9", timeout_seconds=2)
    with pytest.raises(RadciteError, match="RETRIEVAL_UNAVAILABLE"):
        await index.count(C)
    await index.close()
