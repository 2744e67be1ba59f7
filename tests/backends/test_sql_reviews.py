import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from radcite.backends.state.database import PostgresState, SqliteState
from radcite.backends.state.reviews import REVIEWS_GUARDS, REVIEWS_SCHEMA, SqlReviews
from radcite.core.errors import RadciteError
from radcite.core.review_steps import decide, sign
from tests.contracts.review import AT, ReviewStoreContract, draft
from tests.postgres import fresh_database


def opened(path: Path) -> SqlReviews:
    return SqlReviews(SqliteState(path, REVIEWS_SCHEMA, REVIEWS_GUARDS, durable=True))


class TestSqliteReviews(ReviewStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqlReviews]:
        store = opened(tmp_path / "reviews.sqlite")
        yield store
        await store.close()


class TestPostgresReviews(ReviewStoreContract):
    @pytest.fixture
    async def store(self, postgres: str) -> AsyncIterator[SqlReviews]:
        url = fresh_database(postgres)
        store = SqlReviews(PostgresState(url, REVIEWS_SCHEMA, REVIEWS_GUARDS))
        yield store
        await store.close()

    async def test_the_database_itself_holds_a_signed_version_until_it_is_forgotten(
        self, postgres: str
    ) -> None:
        url = fresh_database(postgres)
        store = SqlReviews(PostgresState(url, REVIEWS_SCHEMA, REVIEWS_GUARDS))
        for name in ("r1", "r2"):
            await store.add(draft(name))
            for finding in ("F1", "F2"):
                await store.change(
                    None, name, partial(decide, finding=finding, decision="accepted")
                )
            await store.change(None, name, partial(sign, signer="Dr Ann Lee", at=AT))
        await store.forget(["r1", "unknown"])
        await store.erase()
        assert [one.report_id for one in await store.reports(None)] == ["r2"]
        with psycopg.connect(url, autocommit=True) as other:
            for statement in (b"UPDATE versions SET record = '{}'", b"DELETE FROM versions"):
                with pytest.raises(psycopg.IntegrityError, match="a signed version is not"):
                    other.execute(statement)
        await store.close()

    async def test_a_connection_that_was_cut_is_opened_again(self, postgres: str) -> None:
        url = fresh_database(postgres)
        store = SqlReviews(PostgresState(url, REVIEWS_SCHEMA, REVIEWS_GUARDS))
        await store.add(draft())
        with psycopg.connect(f"{postgres}/postgres", autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (url.rpartition("/")[2],),
            )
        assert await store.report(None, "r1") == draft()
        await store.close()


def test_a_database_that_does_not_answer_is_told() -> None:
    with pytest.raises(RadciteError, match="STATE_UNAVAILABLE"):
        PostgresState("postgresql://radcite@127.0.0.1:9/none", REVIEWS_SCHEMA)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET record = replace(record, 'Left', 'Right')",
        "DELETE FROM versions",
        "INSERT OR REPLACE INTO versions SELECT report, number, 0, '{}' FROM versions",
    ],
)
async def test_the_file_itself_holds_a_signed_version(tmp_path: Path, statement: str) -> None:
    store = opened(tmp_path / "reviews.sqlite")
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
    again = opened(tmp_path / "reviews.sqlite")
    assert await again.report("ann", "r1") == signed
    await again.close()


async def test_a_forgotten_report_leaves_no_byte_and_the_next_signed_one_is_held_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "reviews.sqlite"
    store = opened(path)
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
