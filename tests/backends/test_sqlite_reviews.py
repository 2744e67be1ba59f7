import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from radcite.backends.sqlite_reviews import SqliteReviews
from radcite.core.review import decide, sign
from tests.contracts.review import AT, ReviewStoreContract, draft


class TestSqliteReviews(ReviewStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteReviews]:
        store = SqliteReviews(tmp_path / "reviews.sqlite")
        yield store
        await store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET record = replace(record, 'Left', 'Right')",
        "DELETE FROM versions",
        "INSERT OR REPLACE INTO versions SELECT report, number, 0, '{}' FROM versions",
    ],
)
async def test_the_file_itself_holds_a_signed_version(tmp_path: Path, statement: str) -> None:
    store = SqliteReviews(tmp_path / "reviews.sqlite")
    await store.add(draft())
    for finding in ("F1", "F2"):
        await store.change(None, "r1", partial(decide, finding=finding, decision="accepted"))
    signed = await store.change(None, "r1", partial(sign, signer="Dr Ann Lee", at=AT))
    await store.close()
    with sqlite3.connect(tmp_path / "reviews.sqlite") as other:
        other.execute("PRAGMA recursive_triggers=ON")
        with pytest.raises(sqlite3.IntegrityError, match="a signed version is not"):
            other.execute(statement)
    other.close()
    again = SqliteReviews(tmp_path / "reviews.sqlite")
    assert await again.report("ann", "r1") == signed
    await again.close()


async def test_a_forgotten_report_leaves_no_byte_and_the_next_signed_one_is_held_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "reviews.sqlite"
    store = SqliteReviews(path)
    for report in (draft(), draft().model_copy(update={"report_id": "r2"})):
        await store.add(report)
        for finding in ("F1", "F2"):
            step = partial(decide, finding=finding, decision="accepted")
            await store.change(None, report.report_id, step)
        step = partial(sign, signer="Dr Ann Lee", at=AT)
        await store.change(None, report.report_id, step)
    await store.forget(["r1", "unknown"])
    await store.erase()
    assert [one.report_id for one in await store.reports(None)] == ["r2"]
    await store.close()
    assert b'"report_id":"r1"' not in path.read_bytes()
    with (
        sqlite3.connect(path) as other,
        pytest.raises(sqlite3.IntegrityError, match="a signed version is not removed"),
    ):
        other.execute("DELETE FROM versions")
    other.close()
