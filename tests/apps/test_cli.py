"""The command line as a whole: what it loads, how it ends, what its JSON looks like."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from radcite.apps.cli import COMMANDS
from radcite.apps.cli.run import exit_code, problem, run_command
from radcite.core.errors import DependencyDown, RadciteError

Run = Callable[..., Any]

_TELL_MODULES = """
import sys
from radcite.apps.cli import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write("loaded:" + ",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(home: Path, *arguments: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", _TELL_MODULES, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"RADCITE_HOME": str(home)},
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.rpartition("loaded:")[2].split(","))


def test_help_loads_no_engine(tmp_path: Path) -> None:
    heavy = {"torch", "langgraph", "llama_index", "qdrant_client", "pymupdf"}
    light = {"typer", "rich", "pydantic", "numpy", "qdrant_edge", "pydicom", "openai"}
    assert not loaded(tmp_path, "--help") & (heavy | light)


def test_help_names_every_command(run: Run) -> None:
    told = run("--help").stdout
    assert all(f"  {name} " in told for name in COMMANDS)


def test_a_cold_question_loads_no_document_reader(tmp_path: Path) -> None:
    modules = loaded(tmp_path, "ask", "Which side is the effusion on?", "--json")
    assert not modules & {"llama_index", "pymupdf", "pypdf", "pydicom", "qdrant_client", "torch"}


def test_an_abstention_is_an_answer(run: Run) -> None:
    outcome = json.loads(run("ask", "What is a meniscus sign?", "--json").stdout)
    assert outcome["schema"] == "radcite.outcome/1"
    assert (outcome["kind"], outcome["reason"]) == ("abstention", "NO_EVIDENCE")
    assert outcome["searched"]


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    assert "no command 'frobnicate'" in run("frobnicate", code=2).stderr


def test_an_unknown_option_is_a_usage_error(run: Run) -> None:
    assert "--frob" in run("ask", "why?", "--frob", code=2).stderr


def test_a_missing_file_is_told_in_both_languages_and_as_json(tmp_path: Path, run: Run) -> None:
    ended = run("ingest", "absent.pdf", "--json", code=2)
    error = json.loads(ended.stdout)
    assert (error["schema"], error["code"]) == ("radcite.error/1", "NOT_FOUND")
    assert error["title"] == {"en": "Not found", "zh": "未找到"}
    assert "Not found" in ended.stderr
    assert "未找到" in ended.stderr
    assert str(tmp_path) not in ended.stdout


def test_a_refused_file_is_listed_and_makes_the_run_partial(tmp_path: Path, run: Run) -> None:
    (tmp_path / "note.md").write_text("# Effusion\nFluid collects in the pleural space.\n")
    (tmp_path / "table.xlsx").write_bytes(b"no such reader")
    ended = run("ingest", "note.md", "table.xlsx", "--json", code=3)
    report = json.loads(ended.stdout)
    assert report["schema"] == "radcite.ingest/1"
    assert report["documents"] == 1
    assert [(one["file"], one["code"]) for one in report["quarantined"]] == [
        ("table.xlsx", "UNSUPPORTED_FILE")
    ]


def test_two_processes_do_not_share_a_home(tmp_path: Path, run: Run) -> None:
    from radcite.backends.state.home_lock import hold_home

    with hold_home(tmp_path / "home"):
        ended = run("search", "literature", "effusion", "--json", code=4)
    assert json.loads(ended.stdout)["code"] == "HOME_LOCKED"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RadciteError("VALIDATION", "limit"), 2),
        (RadciteError("CONFIG_INVALID", "index.kind"), 2),
        (DependencyDown("LLM_UNAVAILABLE", "the server"), 4),
        (RadciteError("HOME_LOCKED", "in use"), 4),
        (RadciteError("INDEX_MODEL_MISMATCH", "encoders"), 1),
    ],
)
def test_exit_codes_follow_the_error(error: RadciteError, code: int) -> None:
    assert exit_code(error) == code
    assert problem(error)["retryable"] is error.retryable


def test_an_unexpected_failure_shows_no_stack(capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise KeyError("/srv/patients/Demonstration^Phantom")

    assert run_command("fail", app, []) == 1
    told = capsys.readouterr()
    assert "INTERNAL" in told.err
    assert "Demonstration" not in told.err
    assert "Traceback" not in told.err
