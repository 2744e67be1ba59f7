"""`radcite serve` as a process: every operation of its schema under fuzz, and one owner of the data folder."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.apps.web.scene import PASSWORD, copied, events
from tests.apps.web.serving import RADCITE, served


@pytest.fixture(scope="module")
def home(collection_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(collection_home, tmp_path_factory.mktemp("process") / "home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    # The sweep is to reach the routes, not the throttle.
    many = {
        "RADCITE_SERVE__ASKS_PER_MINUTE": "100000",
        "RADCITE_SERVE__UPLOADS_PER_MINUTE": "100000",
    }
    with served(home, many) as base:
        yield base


def known(address: str, image: Path) -> dict[str, list[str]]:
    """Names of what there is, so that the sweep meets more than what does not exist."""
    with httpx.Client(base_url=address, timeout=120) as client:
        files = [("files", ("asked.dcm", image.read_bytes()))]
        study = events(client.post("/api/studies", files=files))[-1][1]["study"]
        asked = {"text": "What is the most likely diagnosis?", "study": study["study"]}
        told = events(client.post("/api/ask", json=asked))
        client.post("/api/ask", json={"text": "What is a pleural effusion?"})
        threads = [one["thread"] for one in client.get("/api/threads").json()]
        reports = [one["report_id"] for one in client.get("/api/reports").json()]
    sources = [data["source"] for name, data in told if name == "evidence"]
    return {
        "study": [study["study"]],
        "digest": [image["digest"] for series in study["series"] for image in series["images"]],
        "thread": threads,
        "report": reports,
        "finding": ["F1", "F2"],
        "heading": ["findings", "impression"],
        "id": [one["case_id"] for one in sources if one["kind"] == "case"],
        "what": ["cases", "literature"],
    }


def configured(folder: Path, names: dict[str, list[str]]) -> None:
    """A configuration of schemathesis: most requests name something that is there, and none removes it."""
    lines = [
        f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in names.items()
    ]
    bound = "dictionary = '{}', probability = 0.8"
    lines.append("[parameters]")
    for name in names:
        where = "query" if name == "id" else "path"
        lines.append(f"'{where}.{name}' = {{{bound.format(name)}}}")
    lines.append(f"'query.study' = {{{bound.format('study')}}}")
    lines.append("[[operations]]\ninclude-method = 'DELETE'")
    lines.append("parameters = {'path.study' = 'none', 'path.thread' = 'none'}")
    (folder / "schemathesis.toml").write_text("\n".join(lines), "utf-8")


@pytest.mark.timeout(900)
def test_no_operation_of_the_schema_answers_with_a_server_error(
    address: str, home: Path, tmp_path: Path
) -> None:
    names = known(address, home / "demo/questions/chest-a.dcm")
    assert all(names.values()), names
    configured(tmp_path, names)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json"),
        *("--checks", "not_a_server_error", "--continue-on-failure", "--seed", "7", "--no-color"),
        *("--max-examples", os.environ.get("RADCITE_FUZZ_EXAMPLES", "8")),
        *("--phases", "coverage,fuzzing,stateful", "--suppress-health-check=all"),
        # A busy machine loads the libraries of an export slowly, once.
        *("--request-timeout", "60"),
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=840)
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert "Tested: " in ran.stdout
    sys.stdout.write(ran.stdout)


def command(home: Path, *arguments: str) -> dict[str, Any]:
    """What another command says beside the server."""
    told = [RADCITE, *arguments, "--json", "--home", str(home)]
    ran = subprocess.run(told, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_other_commands_ingest_and_ask_beside_it_and_it_sees_what_they_did(
    address: str, home: Path, tmp_path: Path
) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Zebra sign\n\nThe zebra sign of the tests measures 41 mm.\n", "utf-8")
    assert command(home, "ingest", str(note))["documents"] == 1
    question = "What does the zebra sign of the tests measure?"
    outcome = command(home, "ask", question)
    assert "41 mm" in outcome["claims"][0]["text"]
    found = httpx.get(f"{address}/api/search/literature", params={"query": question}, timeout=30)
    assert "zebra" in found.json()["hits"][0]["source"]["text"]
    assert command(home, "search", "literature", question)["hits"] == found.json()["hits"]


def test_a_backup_made_meanwhile_answers_as_the_folder_does(
    address: str, home: Path, tmp_path: Path
) -> None:
    assert address
    assert command(home, "backup", str(tmp_path / "live.tar"))["files"] > 3
    again = tmp_path / "again"
    command(again, "restore", str(tmp_path / "live.tar"))
    query = ("search", "cases", "effusion")
    assert command(again, *query)["hits"] == command(home, *query)["hits"] != []
    assert command(again, "audit", "verify")["faults"] == []


def test_a_second_server_finds_the_data_folder_in_use(address: str, home: Path) -> None:
    assert address
    ran = subprocess.run([RADCITE, "serve", "--home", str(home)], capture_output=True)
    assert ran.returncode == 4
    assert b"HOME_LOCKED" in ran.stderr


def test_users_are_managed_while_it_runs(address: str, home: Path) -> None:
    assert address

    def user(*arguments: str, told: str = "") -> str:
        command = [RADCITE, "user", *arguments, "--home", str(home)]
        return subprocess.run(
            command, input=told, capture_output=True, text=True, check=True
        ).stdout

    user("add", "ann", "--role", "signer", "--collection", "default", told=f"{PASSWORD}\n")
    assert user("ls").split() == ["ann", "signer", "default"]
    assert user("key", "ann", "--scope", "ask").startswith("rck_")
    user("rm", "ann")
    assert user("ls") == ""
