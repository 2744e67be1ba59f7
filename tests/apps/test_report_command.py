"""A drafted report from its question to its signature, at the command line."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from radcite.apps.configuration import load_settings
from radcite.apps.stores import accounts_of, reviews_of
from radcite.core.accounts import Role, User
from radcite.core.review import Report
from tests.contracts.review import draft

Run = Callable[..., Any]
PASSWORD = " ".join(("correct", "horse", "battery"))
HOSTILE = "a <script>alert(1)</script> | [x](http://e) \n # head"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one draft, `r1`."""

    async def fill() -> None:
        reviews = reviews_of(load_settings({"home": tmp_path / "home"}))
        await reviews.add(draft())
        await reviews.close()

    asyncio.run(fill())
    return tmp_path / "home"


def document(told: Any) -> dict[str, Any]:
    return json.loads(told.stdout)


def add_user(home: Path, name: str, role: Role) -> None:
    async def add() -> None:
        accounts = accounts_of(load_settings({"home": home}))
        await accounts.add(User(name=name, role=role), PASSWORD)
        await accounts.close()

    asyncio.run(add())


def test_a_caption_is_a_draft_that_can_be_signed(tmp_path: Path, run: Run) -> None:
    case = {"case_id": "c1", "report": "Left pleural effusion. No pneumothorax.", "modality": "CR"}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case), "utf-8")
    run("ingest", "cases.jsonl", "--json")
    asked = ("ask", "Left pleural effusion on a chest radiograph", "--task", "caption")
    outcome = document(run(*asked, "--patient", "MRN-77", "--json"))
    assert outcome["kind"] == "answer"
    name = outcome["review"]["report_id"]
    [listed] = document(run("report", "ls", "--json"))["reports"]
    assert (listed["report_id"], listed["status"], listed["owner"]) == (name, "draft", "local")
    assert listed["patient"].startswith("P-")
    assert "MRN-77" not in json.dumps(listed)
    assert [one["text"] for one in listed["findings"]] == [one["text"] for one in outcome["claims"]]
    run("report", "decide", name, "accept", *listed["pending"])
    signed = document(run("report", "sign", name, "--signer", "Dr Ann Lee", "--json"))
    assert (signed["schema"], signed["status"]) == ("radcite.report/1", "final")
    assert "Dr Ann Lee" in run("report", "show", name).stdout


@pytest.mark.usefixtures("home")
def test_a_report_is_decided_signed_amended_and_each_version_stays(run: Run) -> None:
    refused = document(run("report", "sign", "r1", "--signer", "Dr Ann Lee", "--json", code=2))
    assert refused["code"] == "VALIDATION"
    assert "F1, F2" in refused["detail"]["zh"]
    run("report", "decide", "r1", "accept", "F1")
    run("report", "decide", "r1", "reject", "F2", "--reason", "not assessed")
    run("report", "sign", "r1", "--signer", "李安医生")
    run("report", "decide", "r1", "accept", "F2", code=2)
    run("report", "amend", "r1", "--reason", "second reading")
    run("report", "decide", "r1", "edit", "F1", "--text", "Small left effusion.")
    standing = run("report", "export", "r1").stdout
    assert "Left pleural effusion" in standing
    assert "Small left" not in standing
    amended = document(run("report", "sign", "r1", "--signer", "Dr Bo Wu", "--json"))
    assert (amended["status"], amended["version"]) == ("amended", 2)
    first = document(run("report", "show", "r1", "--version", "1", "--json"))
    assert (first["status"], first["findings"][0]["edited"]) == ("final", None)
    assert [one["signer"] for one in amended["signatures"]] == ["李安医生", "Dr Bo Wu"]


@pytest.mark.usefixtures("home")
def test_an_unknown_report_version_or_finding_is_not_found(run: Run) -> None:
    for arguments in (
        ("show", "r2"),
        ("show", "r1", "--version", "2"),
        ("decide", "r1", "accept", "F9"),
        ("sign", "r2", "--signer", "Dr Ann Lee"),
    ):
        assert document(run("report", *arguments, "--json", code=2))["code"] == "NOT_FOUND"


@pytest.mark.usefixtures("home")
def test_words_of_people_do_not_become_markup(run: Run) -> None:
    run("report", "decide", "r1", "edit", "F1", "F2", "--text", HOSTILE)
    run("report", "decide", "r1", "edit", "F1", "--text", "a \x1b[2J b", code=2)
    run("report", "sign", "r1", "--signer", "[bold]Ann[/] <b>")
    assert "[bold]Ann[/] <b>" in run("report", "show", "r1").stdout
    written = run("report", "export", "r1").stdout
    assert "\\<script\\>" in written
    assert "\n# head" not in written


@pytest.mark.usefixtures("home")
def test_an_export_replaces_no_file(tmp_path: Path, run: Run) -> None:
    run("report", "export", "r1", "--out", "r1.md")
    before = (tmp_path / "r1.md").read_bytes()
    assert b"DRAFT, not signed" in before
    run("report", "export", "r1", "--out", "r1.md", code=2)
    assert (tmp_path / "r1.md").read_bytes() == before


def test_where_there_are_users_one_who_may_sign_proves_it(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_user(home, "ann", "signer")
    add_user(home, "rita", "reader")
    run("report", "decide", "r1", "accept", "F1", "F2")

    def sign(name: str, password: str, code: int) -> dict[str, Any]:
        (tmp_path / "typed").write_text(password + "\n", "utf-8")
        with (tmp_path / "typed").open(encoding="utf-8") as typed:
            monkeypatch.setattr("sys.stdin", typed)
            return document(run("report", "sign", "r1", "--signer", name, "--json", code=code))

    assert sign("Dr Nobody", PASSWORD, 1)["code"] == "UNAUTHENTICATED"
    assert sign("ann", "wrong " + PASSWORD, 1)["code"] == "UNAUTHENTICATED"
    assert sign("rita", PASSWORD, 1)["code"] == "FORBIDDEN"
    assert sign("ann", PASSWORD, 0)["signatures"][0]["signer"] == "ann"


def test_what_was_altered_behind_the_store_is_told_and_not_exported(home: Path, run: Run) -> None:
    run("report", "decide", "r1", "accept", "F1", "F2")
    signed = document(run("report", "sign", "r1", "--signer", "Dr Ann Lee", "--json"))
    report = Report.model_validate({name: signed[name] for name in Report.model_fields})
    changed = report.findings[0].model_copy(update={"text": "Right pleural effusion."})
    forged = report.model_copy(update={"findings": (changed, report.findings[1])})
    with sqlite3.connect(home / "reviews.sqlite") as file:
        file.execute("DROP TRIGGER signed_stays")
        file.execute("UPDATE versions SET record = ?", (forged.model_dump_json(),))
    file.close()
    assert "ALTERED" in run("report", "show", "r1").stdout
    assert "VALIDATION" in run("report", "export", "r1", code=2).stderr
