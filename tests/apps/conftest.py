"""Commands run in this process, in a data folder of their own."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from radcite.apps.cli import main

# LangGraph reads it once, at import, whichever test imports it first.
os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"


@dataclass(frozen=True)
class Ended:
    """What a command wrote before it ended with the expected code."""

    stdout: str
    stderr: str


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RADCITE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def ended(*arguments: str, code: int = 0) -> Ended:
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        told = capsys.readouterr()
        assert stop.value.code == code, told.err
        return Ended(told.out, told.err)

    return ended
