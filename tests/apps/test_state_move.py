"""State moves from SQLite files into PostgreSQL as a whole or not at all, and goes on there."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from radcite.apps.asking import AskOptions, open_asker
from radcite.apps.configuration import load_settings
from radcite.apps.upkeep.state_moving import MOVED
from radcite.apps.wiring import open_house
from radcite.backends.state.home_lock import hold_home
from radcite.core.claims import Answer
from tests.apps.web.serving import RADCITE
from tests.postgres import fresh_database

Run = Callable[..., Any]
ASKED = ("ask", "Left pleural effusion on a chest radiograph", "--task", "caption", "--json")
TABLES = "users, sessions, keys, threads, turns, studies, reports, versions, held, entries"


async def fill(home: Path, cases: Path) -> Answer:
    """A user's conversation, and two answers whose reports are undecided and whose threads wait for a signature."""
    async with open_house(load_settings({"home": home})) as house:
        await house.ingestor(jobs=1)([cases], "default")
        await house.conversations.new_thread("ann", "why\0?")
        async with open_asker(house) as ask:
            asked = AskOptions(text="Left pleural effusion on a chest radiograph", task="caption")
            await ask(asked)
            outcome = await ask(asked)
    assert isinstance(outcome, Answer)
    return outcome


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    made = tmp_path_factory.mktemp("filled")
    case = {"case_id": "c1", "report": "Left pleural effusion. No pneumothorax."}
    (made / "cases.jsonl").write_text(json.dumps(case), "utf-8")
    return made / "home", asyncio.run(fill(made / "home", made / "cases.jsonl"))


@pytest.fixture
def draft(filled: tuple[Path, Answer], tmp_path: Path) -> Answer:
    """The latest answer of a home that keeps its state in SQLite files."""
    shutil.copytree(filled[0], tmp_path / "home")
    return filled[1]


@pytest.fixture
def url(postgres: str) -> str:
    return fresh_database(postgres)


def told(ended: Any) -> dict[str, Any]:
    return json.loads(ended.stdout)


def as_a_process(*arguments: str) -> str:
    """What a command prints that inherits nothing of what the suite has set or loaded."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("LANGGRAPH")}
    return subprocess.run(
        [RADCITE, *arguments], env=given, capture_output=True, text=True, check=True
    ).stdout


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(url) as db:
        return db.execute(statement.encode()).fetchall()


def test_what_was_drafted_is_signed_and_replayed_there_and_the_audit_record_verifies(
    draft: Answer, url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert draft.review
    name, trace = draft.review.report_id, draft.trace_id
    monkeypatch.setenv("RADCITE_STATE__URL", url)
    moved = json.loads(as_a_process("state", "move", "--json"))
    assert (moved["reports"], moved["conversations"], moved["agent_threads"]) == (2, 1, 2)
    assert rows(url, "SELECT title FROM threads") == [("why\N{REPLACEMENT CHARACTER}?",)]
    assert moved["audit_events"] == len(rows(url, "SELECT * FROM entries")) > 2
    assert told(run("audit", "verify", "--json"))["faults"] == []
    run("report", "decide", name, "accept", "F1")
    run("report", "decide", name, "reject", "F2", "--reason", "not assessed")
    run("report", "sign", name, "--signer", "Dr Ann Lee")
    assert told(run("replay", trace, "--json"))["identical"] is True
    verdict = told(run("audit", "verify", "--json"))
    assert (verdict["faults"], verdict["events"] > moved["audit_events"]) == ([], True)
    left = {path.name for path in (tmp_path / "home" / MOVED).iterdir()}
    assert {"audit.sqlite", "reviews.sqlite", "conversations.sqlite", "threads.sqlite"} <= left
    assert not list((tmp_path / "home").glob("audit.sqlite*"))


def test_who_does_not_know_the_new_place_can_do_nothing_that_is_on_record(
    draft: Answer, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADCITE_STATE__URL", url)
    run("state", "move")
    monkeypatch.delenv("RADCITE_STATE__URL")
    assert told(run(*ASKED, code=4))["code"] == "AUDIT_UNAVAILABLE"
    monkeypatch.setenv("RADCITE_STATE__URL", url)
    assert told(run("audit", "verify", "--json"))["faults"] == []
    assert draft.review
    assert told(run("report", "show", draft.review.report_id, "--json"))


def test_a_database_that_holds_state_is_refused_and_nothing_is_changed(
    draft: Answer, url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert draft
    monkeypatch.setenv("RADCITE_STATE__URL", url)
    monkeypatch.setenv("RADCITE_HOME", str(tmp_path / "other"))
    run("user", "ls")
    monkeypatch.setenv("RADCITE_HOME", str(tmp_path / "home"))
    rows(url, "INSERT INTO users (name, role, password) VALUES ('ann', 'reader', '-') RETURNING 1")
    assert "VALIDATION" in run("state", "move", code=2).stderr
    assert (tmp_path / "home" / "reviews.sqlite").is_file()
    assert rows(url, "SELECT count(*) FROM reports") == [(0,)]


def test_a_move_that_fails_midway_leaves_the_database_empty_and_is_done_again(
    draft: Answer, url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert draft
    monkeypatch.setenv("RADCITE_STATE__URL", url)
    threads = tmp_path / "home" / "threads.sqlite"
    with closing(sqlite3.connect(threads)) as db, db:
        kept = db.execute("SELECT rowid, checkpoint FROM checkpoints").fetchall()
        # The last that is read: those before it are copied by then.
        first = min(row[0] for row in kept)
        db.execute("UPDATE checkpoints SET checkpoint = ? WHERE rowid = ?", (b"\xc1", first))
    run("state", "move", code=1)
    for table in TABLES.split(", "):
        assert rows(url, f"TABLE {table}") == []
    assert rows(url, "SELECT count(*) FROM checkpoints") > [(0,)]
    assert threads.is_file()
    with closing(sqlite3.connect(threads)) as db, db:
        db.executemany(
            "UPDATE checkpoints SET checkpoint = ? WHERE rowid = ?", [row[::-1] for row in kept]
        )
    assert told(run("state", "move", "--json"))["agent_threads"] == 2
    assert rows(url, "SELECT count(*) FROM checkpoints") == [(len(kept),)]


def test_it_asks_for_an_address_for_state_and_for_a_folder_that_nobody_uses(
    draft: Answer, url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert draft
    assert "CONFIG_INVALID" in run("state", "move", code=2).stderr
    monkeypatch.setenv("RADCITE_STATE__URL", url)
    with hold_home(tmp_path / "home"):
        assert "HOME_LOCKED" in run("state", "move", code=4).stderr
    assert "NOT_FOUND" in run("state", "move", "--home", str(tmp_path / "none"), code=2).stderr


def test_an_audit_record_that_was_altered_is_not_moved(
    draft: Answer, url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert draft
    monkeypatch.setenv("RADCITE_STATE__URL", url)
    with closing(sqlite3.connect(tmp_path / "home" / "audit.sqlite")) as db, db:
        db.execute("DROP TRIGGER event_stays")
        db.execute("UPDATE entries SET hash = 'x' WHERE number = 1")
    assert "AUDIT_UNAVAILABLE" in run("state", "move", code=4).stderr
