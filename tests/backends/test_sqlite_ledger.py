import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.core.errors import RadciteError
from radcite.core.ledger import CollectionRecord
from radcite.ingestion.studies import composed
from tests.contracts.ledger import TEXT, C, LedgerContract, batch_of, drained, passage_point


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


def ledger_of_version_1(path: Path) -> Path:
    """A file as 0.1.0 left it before there were links: two documents' worth of rows, one forgotten."""
    return ledger_of_version(1, path)


def ledger_of_version(version: int, path: Path) -> Path:
    """A file as an earlier radcite left it; that of version 2 holds a CT of three slices and its report."""
    db = sqlite3.connect(path)
    db.executescript((Path(__file__).parent / "schemas" / f"ledger.v{version}.sql").read_text())
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
    return path


async def test_a_ledger_of_version_1_is_migrated_with_everything_in_it(tmp_path: Path) -> None:
    ledger = SqliteLedger(ledger_of_version_1(tmp_path / "ledger.sqlite"))
    assert await ledger.counts(C) == {"documents": 1, "passages": 1, "cases": 1, "images": 2}
    stored = await ledger.document(C, "a")
    assert stored is not None
    assert stored.text == TEXT
    points, removed, _ = await ledger.pending(C, 10)
    assert len(points) == 3
    assert removed == ["00000000-0000-0000-0000-00000000000b"]
    assert await ledger.count_files(C) == {"indexed": 2, "quarantined": 1}
    assert await ledger.cases_of(C, "P-1") == ["c"]
    assert await ledger.image_users(["e" * 64, "0" * 64]) == {"e" * 64: {(C, "c")}}
    assert await ledger.stored_before(C, "2999-01-01T00:00:00+00:00") == (["a"], ["c"])
    assert await ledger.document_frequencies(C, [1, 7, 8, 9]) == {1: 1, 7: 1, 9: 1}
    await ledger.write(C, batch_of("b", passage_point("q", "b")))
    await ledger.close()


async def test_a_study_of_version_1_keeps_its_pictures_and_words_as_rows(tmp_path: Path) -> None:
    path = ledger_of_version_1(tmp_path / "ledger.sqlite")
    db = sqlite3.connect(path)
    db.execute(
        "UPDATE cases SET id = 'S-0123456789abcdef', record = replace(record, '\"c\"', '\"S-0123456789abcdef\"')"
    )
    db.commit()
    db.close()
    ledger = SqliteLedger(path)
    stored = await ledger.study_objects(C, "S-0123456789abcdef")
    case = await ledger.case(C, "S-0123456789abcdef")
    assert case is not None
    again = composed(case.case_id, stored)
    assert again is not None
    assert (again.images, again.report, again.patient) == (case.images, case.report, case.patient)
    await ledger.close()


async def test_a_study_of_version_2_is_the_same_case_composed_of_its_objects(
    tmp_path: Path,
) -> None:
    ledger = SqliteLedger(ledger_of_version(2, tmp_path / "ledger.sqlite"))
    (_, (name,)) = await ledger.stored_before("default", "9999")
    stored = await ledger.study_objects("default", name)
    case = await ledger.case("default", name)
    assert len(stored) == 5
    assert composed(name, stored) == case
    unread = await ledger.files("default", ["indexed"], limit=9)
    assert {(one.kind, one.content) for one in unread} == {(None, None)}
    assert all(one.instance for one in unread)
    await ledger.close()


@pytest.mark.parametrize("version", [1, 2])
def test_a_migrated_ledger_has_the_tables_of_a_new_one(tmp_path: Path, version: int) -> None:
    SqliteLedger(ledger_of_version(version, tmp_path / "old.sqlite"))
    SqliteLedger(tmp_path / "new.sqlite")
    old, new = (_shape(tmp_path / name) for name in ("old.sqlite", "new.sqlite"))
    assert old == new


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = ledger_of_version_1(tmp_path / "ledger.sqlite")
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE sources (something TEXT)")
    db.close()
    before = _shape(path)
    with pytest.raises(RadciteError, match="INTERNAL"):
        SqliteLedger(path)
    assert _shape(path) == before


def test_a_ledger_of_a_later_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    SqliteLedger(path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(RadciteError, match="HOME_NEWER") as caught:
        SqliteLedger(path)
    assert "99" in caught.value.detail
    assert "99" in caught.value.detail_zh


def _shape(path: Path) -> dict[str, object]:
    """Columns of every table, indexes and version."""
    db = sqlite3.connect(path)
    names = [
        row[0]
        for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    shape: dict[str, object] = {
        # The order of columns differs where some were added later.
        name: sorted((row[1], row[2], row[5]) for row in db.execute(f"PRAGMA table_info({name})"))
        for name in names
    }
    indexes = db.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name")
    shape["indexes"] = [row[0] for row in indexes]
    shape["version"] = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return shape


async def test_no_byte_of_what_was_forgotten_is_left_after_erasing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = SqliteLedger(path)
    for number in range(40):
        await ledger.write(
            C, batch_of(f"keep{number}", passage_point(f"p{number}", f"keep{number}"))
        )
        await ledger.write(
            C, batch_of(f"gone{number}", passage_point(f"q{number}", f"gone{number}"))
        )
    await ledger.forget(C, documents=[f"gone{number}" for number in range(40)])
    _, removed, mark = await ledger.pending(C, 1000)
    await ledger.acknowledge(C, removed, mark)
    await ledger.erase()
    for file in tmp_path.iterdir():  # noqa: ASYNC240 - a scratch folder
        assert b"gone" not in file.read_bytes(), file.name
    assert len((await ledger.stored_before(C, "2999"))[0]) == 40
    await ledger.close()
