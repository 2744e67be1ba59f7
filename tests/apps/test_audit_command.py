"""What is done at the command line is on record before it is shown, and the record holds nothing of a patient."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.auditevent import AuditEvent

Run = Callable[..., Any]
REPORT = "Left pleural effusion. No pneumothorax."
PATIENT = "MRN-77 Zhang Wei 张伟"


@pytest.fixture
def home(tmp_path: Path, run: Run) -> Path:
    case = {"case_id": "acc-4711", "report": REPORT, "modality": "CR", "patient_id": "MRN-78"}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case), "utf-8")
    run("ingest", "cases.jsonl", "--json")
    return tmp_path / "home"


def recorded(run: Run) -> list[dict[str, Any]]:
    lines = run("audit", "export").stdout.splitlines()
    return [json.loads(line)["event"] for line in lines]


def drafted(run: Run) -> str:
    asked = ("ask", "Left pleural effusion on a chest radiograph", "--task", "caption")
    return json.loads(run(*asked, "--patient", PATIENT, "--json").stdout)["review"]["report_id"]


@pytest.mark.usefixtures("home")
def test_each_search_answer_reading_export_and_signature_is_one_event(run: Run) -> None:
    run("search", "cases", "pleural effusion")
    report = drafted(run)
    run("report", "ls")
    run("report", "show", report)
    run("report", "decide", report, "accept", "F1", "F2")
    run("report", "sign", report, "--signer", "Dr Ann Lee")
    run("report", "export", report)
    run("report", "show", "unknown", code=2)
    events = recorded(run)
    assert [one["action"] for one in events] == [
        "ingest",
        "search",
        "search",
        "answer",
        "read",
        "read",
        "review",
        "sign_off",
        "export",
        "failure",
        "export",
    ]
    assert {one["actor"] for one in events} == {"local"}
    search, answer = events[2], events[3]
    assert search["question"] == answer["question"]
    assert answer["patient"].startswith("P-")
    assert answer["report"] == report
    assert set(answer["subjects"]) <= set(search["subjects"])
    assert (events[7]["signer"], events[7]["version"]) == ("Dr Ann Lee", 1)
    assert (events[9]["code"], events[9]["detail"]) == ("NOT_FOUND", "report show")
    verdict = json.loads(run("audit", "verify", "--json").stdout)
    assert (verdict["intact"], verdict["events"]) == (True, len(events))


@pytest.mark.usefixtures("home")
def test_nothing_of_the_patient_or_the_question_stands_in_the_record(run: Run, home: Path) -> None:
    drafted(run)
    written = (home / "audit.sqlite").read_bytes() + run("audit", "export").stdout.encode()
    log = home / "audit.sqlite-wal"
    written += log.read_bytes() if log.exists() else b""
    for secret in (
        "MRN-77",
        "MRN-78",
        "Zhang",
        "张伟",
        "acc-4711",
        "pleural",
        "effusion",
        "radiograph",
    ):
        assert secret.encode() not in written


def test_where_the_record_cannot_be_written_nothing_is_shown_or_signed(
    home: Path, run: Run
) -> None:
    report = drafted(run)
    run("report", "decide", report, "accept", "F1", "F2")
    for path in home.glob("audit.sqlite*"):
        path.unlink()
    (home / "audit.sqlite").mkdir()
    commands = (
        ("ask", "pleural effusion"),
        ("search", "cases", "pleural effusion"),
        ("report", "ls"),
        ("report", "show", report),
        ("report", "export", report),
        ("report", "sign", report, "--signer", "Dr Ann Lee"),
        ("audit", "export"),
    )
    for command in commands:
        told = run(*command, code=4)
        assert told.stdout == ""
        assert "AUDIT_UNAVAILABLE" in told.stderr
    with sqlite3.connect(home / "reviews.sqlite") as file:
        assert file.execute("SELECT max(signed) FROM versions").fetchone() == (0,)
    file.close()


def test_an_altered_event_is_told_in_both_languages_with_exit_code_3(home: Path, run: Run) -> None:
    drafted(run)
    kept = run("audit", "verify", "--json").stdout
    (home.parent / "kept.json").write_text(kept, "utf-8")
    run("report", "ls")
    run("audit", "verify", "--checkpoint", "kept.json")
    with sqlite3.connect(home / "audit.sqlite") as file:
        file.execute("DROP TRIGGER event_stays")
        file.execute("UPDATE entries SET record = replace(record, 'local', 'other')")
    file.close()
    told = run("audit", "verify", code=3).stdout
    assert "event 1 / 事件 1: was altered / 被改动" in told
    assert "AUDIT_UNAVAILABLE" in run("audit", "export", "--out", "log.jsonl", code=4).stderr
    assert not (home.parent / "log.jsonl").exists()


@pytest.mark.usefixtures("home")
def test_the_record_leaves_as_fhir_audit_events(run: Run) -> None:
    drafted(run)
    run("report", "show", "unknown", code=2)
    lines = run("audit", "export", "--format", "fhir").stdout.splitlines()
    made = [AuditEvent.model_validate_json(line) for line in lines]
    assert [one.action for one in made] == ["C", "E", "E", "E", "R"]
    outcomes = [one.outcome.code.code for one in made]
    assert outcomes == ["success", "success", "success", "error", "success"]
    assert made[2].patient.identifier.value.startswith("P-")
    assert len({one.id for one in made}) == len(made)


@pytest.mark.usefixtures("home")
def test_what_changes_or_takes_data_is_one_event_each(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    schema = {"type": "object", "properties": {"dose": {"type": "number", "description": "dose"}}}
    (tmp_path / "columns.json").write_text(json.dumps(schema), "utf-8")
    run("cohort", "--by", "modality")
    run("extract", "columns.json", "-o", "table.csv")
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    run("user", "add", "ann", "--role", "signer")
    run("user", "key", "ann", "--scope", "ask")
    run("user", "rm", "ann")
    run("ledger", "forget", "--patient", "MRN-78", "--dry-run")
    run("backup", "monday.tar")
    run("ledger", "forget", "--patient", "MRN-78")
    run("ledger", "expire")
    run("ledger", "forget", "--patient", "MRN-78", code=2)
    told = [(one["action"], one["detail"]) for one in recorded(run)]
    assert told[:-1] == [
        ("ingest", "ingest"),
        ("read", "cohort modality"),
        ("export", "extract"),
        ("manage", "user add"),
        ("manage", "user key"),
        ("manage", "user rm"),
        ("read", "forget dry run"),
        ("export", "backup"),
        ("remove", "forget"),
        ("remove", "expire"),
        ("remove", "forget"),
        ("failure", "forget"),
    ]
    events = recorded(run)
    assert {one["account"] for one in events if one["action"] == "manage"} == {"ann"}
    forgotten = [one["patient"] for one in events if one["detail"] == "forget"]
    assert forgotten[0].startswith("P-")
    assert "MRN-78" not in json.dumps(events)
    monkeypatch.setenv("RADCITE_HOME", str(tmp_path / "again"))
    run("restore", "monday.tar")
    again = [(one["action"], one["detail"]) for one in recorded(run)]
    assert ("manage", "restore") in again
    assert json.loads(run("audit", "verify", "--json").stdout)["intact"]
    assert [AuditEvent.model_validate_json(line) for line in _fhir(run)]


def _fhir(run: Run) -> list[str]:
    return run("audit", "export", "--format", "fhir").stdout.splitlines()
