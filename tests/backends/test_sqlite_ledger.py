from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from radcite.backends.sqlite_ledger import SqliteLedger
from radcite.core.errors import RadciteError
from radcite.core.ledger import CollectionRecord
from tests.contracts.ledger import C, LedgerContract, batch_of, drained, passage_point


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    async def ledger(self, tmp_path: Path) -> AsyncIterator[SqliteLedger]:
        ledger = SqliteLedger(tmp_path / "ledger.sqlite")
        yield ledger
        await ledger.close()


async def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    first = SqliteLedger(path)
    record = CollectionRecord(name=C, sparse="bm25/1")
    await first.put_collection(record)
    await first.write(C, batch_of("a", passage_point("p", "a")))
    await drained(first)
    await first.write(C, batch_of("b", passage_point("q", "b")))
    await first.forget(C, ["a"])
    await first.close()
    again = SqliteLedger(path)
    assert await again.collection(C) == record
    points, removed, _ = await again.pending(C, 10)
    assert ([point.id for point in points], removed) == (["q"], ["p"])
    assert await again.document_frequencies(C, [1, 7]) == {1: 1, 7: 1}
    await again.close()


async def test_a_second_reader_sees_what_was_written(tmp_path: Path) -> None:
    writer, reader = (SqliteLedger(tmp_path / "ledger.sqlite") for _ in range(2))
    await writer.write(C, batch_of("a", passage_point("p", "a")))
    assert [name for name, _ in await reader.resolve(C, ["p"])] == ["p"]
    await reader.close()
    await writer.close()


def test_a_file_that_is_no_ledger_is_refused_without_its_path(tmp_path: Path) -> None:
    path = tmp_path / "patient-name.sqlite"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    with pytest.raises(RadciteError, match="INTERNAL") as caught:
        SqliteLedger(path)
    assert "patient-name" not in str(caught.value) + caught.value.detail_zh


def test_a_folder_that_is_not_there_is_an_error_of_our_own(tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="INTERNAL"):
        SqliteLedger(tmp_path / "nowhere" / "ledger.sqlite")
