"""The audit record: whatever is edited, removed, moved or cut off behind its back is found."""

import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest

from radcite.backends.state.audit import AuditFile, AuditServer, SqlAudit
from radcite.core.audit import AuditVerdict
from radcite.core.errors import DependencyDown
from tests.contracts.audit import AuditLogContract, event
from tests.postgres import fresh_database

EVENTS = 8
Tamper = Callable[[sqlite3.Connection, random.Random], None]


def opened(home: Path) -> SqlAudit:
    return SqlAudit(home, AuditFile(home / "audit.sqlite"))


class TestPostgresAudit(AuditLogContract):
    @pytest.fixture
    async def log(self, tmp_path: Path, postgres: str) -> AsyncIterator[SqlAudit]:
        log = SqlAudit(tmp_path, AuditServer(fresh_database(postgres)))
        yield log
        await log.close()

    @pytest.fixture
    async def broken(self, tmp_path: Path) -> AsyncIterator[SqlAudit]:
        log = SqlAudit(tmp_path, AuditServer("postgresql://radcite@127.0.0.1:9/none"))
        yield log
        await log.close()

    async def test_what_is_altered_behind_its_back_is_held_or_found(
        self, tmp_path: Path, postgres: str
    ) -> None:
        url = fresh_database(postgres)
        log = SqlAudit(tmp_path, AuditServer(url))
        for number in range(1, EVENTS + 1):
            await log.record(event(number))
        with psycopg.connect(url, autocommit=True) as other:
            for statement in (b"UPDATE entries SET record = ''", b"DELETE FROM entries"):
                with pytest.raises(psycopg.IntegrityError, match="an event is"):
                    other.execute(statement)
            assert (await log.verify()).intact
            other.execute(b"ALTER TABLE entries DISABLE TRIGGER ALL")
            other.execute(
                b"UPDATE entries SET record = replace(record, 'ann', 'bob') WHERE number = 3"
            )
        assert [fault.number for fault in (await log.verify()).faults] == [3]
        await log.close()


class TestSqliteAudit(AuditLogContract):
    @pytest.fixture
    async def log(self, tmp_path: Path) -> AsyncIterator[SqlAudit]:
        log = opened(tmp_path)
        yield log
        await log.close()

    @pytest.fixture
    async def broken(self, tmp_path: Path) -> AsyncIterator[SqlAudit]:
        (tmp_path / "audit.sqlite").mkdir()
        log = opened(tmp_path)
        yield log
        await log.close()


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A record of eight events."""
    home = tmp_path / "home"
    home.mkdir()
    log = opened(home)
    for number in range(1, EVENTS + 1):
        await log.record(event(number))
    await log.close()
    with sqlite3.connect(home / "audit.sqlite") as file:
        file.execute("PRAGMA journal_mode=DELETE")
    file.close()
    return home


async def verdict(home: Path) -> AuditVerdict:
    log = opened(home)
    try:
        return await log.verify()
    finally:
        await log.close()


def edited(db: sqlite3.Connection, dice: random.Random) -> None:
    """A character of the text, the hash or the signature replaced, added or removed."""
    number, column = dice.randint(1, EVENTS), dice.randint(1, 3)
    row = list(db.execute("SELECT * FROM entries WHERE number = ?", (number,)).fetchone())
    text = row[column]
    at, letter = dice.randrange(len(text)), dice.choice('0123456789abcdefXZ{}" ')
    changed = text[:at] + dice.choice((letter, "")) + text[at + dice.choice((0, 1)) :]
    row[column] = changed if changed != text else text + " "
    db.execute("DELETE FROM entries WHERE number = ?", (number,))
    db.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", row)


def removed(db: sqlite3.Connection, dice: random.Random) -> None:
    for number in dice.sample(range(1, EVENTS + 1), dice.randint(1, EVENTS)):
        db.execute("DELETE FROM entries WHERE number = ?", (number,))


def renumbered(db: sqlite3.Connection, dice: random.Random) -> None:
    """Rows removed from anywhere, and the rest numbered again without a gap."""
    removed(db, dice)
    rows = db.execute("SELECT record, hash, signature FROM entries ORDER BY number").fetchall()
    db.execute("DELETE FROM entries")
    db.executemany(
        "INSERT INTO entries VALUES (?, ?, ?, ?)", [(n, *row) for n, row in enumerate(rows, 1)]
    )


def reordered(db: sqlite3.Connection, dice: random.Random) -> None:
    first, second = dice.sample(range(1, EVENTS + 1), 2)
    for old, new in ((first, -1), (second, first), (-1, second)):
        db.execute("UPDATE entries SET number = ? WHERE number = ?", (new, old))


def cut_off(db: sqlite3.Connection, dice: random.Random) -> None:
    db.execute("DELETE FROM entries WHERE number > ?", (dice.randrange(EVENTS),))


def repeated(db: sqlite3.Connection, dice: random.Random) -> None:
    source = dice.randint(1, EVENTS)
    db.execute(
        "INSERT INTO entries SELECT ?, record, hash, signature FROM entries WHERE number = ?",
        (EVENTS + dice.randint(1, 3), source),
    )


async def test_every_one_of_a_thousand_random_alterations_is_found(
    home: Path, tmp_path: Path
) -> None:
    dice = random.Random(20261127)
    kinds: tuple[Tamper, ...] = (edited, edited, removed, renumbered, reordered, cut_off, repeated)
    assert (await verdict(home)).intact
    missed: list[tuple[int, str]] = []
    for trial in range(1_000):
        copy = tmp_path / "copy"
        shutil.copytree(home, copy, dirs_exist_ok=True)
        tamper = dice.choice(kinds)
        with sqlite3.connect(copy / "audit.sqlite") as db:
            db.execute("PRAGMA synchronous=OFF")
            db.execute("DROP TRIGGER event_stays")
            db.execute("DROP TRIGGER event_is_kept")
            tamper(db, dice)
        db.close()
        if (await verdict(copy)).intact:
            missed.append((trial, tamper.__name__))
    assert missed == []


async def test_the_file_itself_holds_an_event(home: Path) -> None:
    db = sqlite3.connect(home / "audit.sqlite")
    db.execute("PRAGMA recursive_triggers=ON")
    for statement in (
        "UPDATE entries SET record = ''",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT number, '', '', '' FROM entries",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="an event is"):
            db.execute(statement)
    db.close()


async def test_a_record_that_does_not_reach_its_head_takes_no_further_event(home: Path) -> None:
    with sqlite3.connect(home / "audit.sqlite") as db:
        db.execute("DROP TRIGGER event_is_kept")
        db.execute("DELETE FROM entries WHERE number = ?", (EVENTS,))
    db.close()
    log = opened(home)
    with pytest.raises(DependencyDown, match="AUDIT_UNAVAILABLE"):
        await log.record(event())
    await log.close()


@pytest.mark.parametrize("gone", ["audit.sqlite", "audit.head", "audit.key"])
async def test_a_record_that_lost_one_of_its_files_is_not_begun_anew(home: Path, gone: str) -> None:
    (home / gone).unlink()
    log = opened(home)
    with pytest.raises(DependencyDown, match="AUDIT_UNAVAILABLE"):
        await log.record(event())
    await log.close()


async def test_a_record_replaced_as_a_whole_does_not_hold_a_checkpoint_kept_elsewhere(
    home: Path,
) -> None:
    kept = (await verdict(home)).checkpoint
    for name in ("audit.sqlite", "audit.head", "audit.key"):
        (home / name).unlink()
    log = opened(home)
    assert not (await log.verify(kept)).intact
    for number in range(1, EVENTS + 1):
        await log.record(event(number))
    assert (await log.verify()).intact
    assert not (await log.verify(kept)).intact
    await log.close()


async def test_two_processes_write_one_record(home: Path) -> None:
    one, other = opened(home), opened(home)
    for number in range(6):
        await (one if number % 2 else other).record(event(number))
    assert (await one.verify()).events == EVENTS + 6
    await one.close()
    await other.close()


async def test_an_event_past_the_head_is_kept_and_the_record_goes_on(home: Path) -> None:
    """A process that dies between the event and the head leaves the head one behind."""
    head = (home / "audit.head").read_bytes()
    log = opened(home)
    await log.record(event())
    (home / "audit.head").write_bytes(head)
    assert (await log.verify()).intact
    await log.record(event())
    assert (await log.verify()).events == EVENTS + 2
    await log.close()
