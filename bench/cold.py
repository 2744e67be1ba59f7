"""What a command costs before it does anything: `--help`, and the modules of a first `ask`."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.timing import Row, Spent, interleaved, median_ratio

__all__ = ["cold_rows"]

_ROUNDS = 15
_UNWANTED = frozenset({"llama_index", "pymupdf", "fitz"})
_MAIN = "import sys; from radcite.apps.cli import main; sys.argv[0] = 'radcite'; sys.exit(main())"
# Modules go to stderr as the process ends, however the command ends it.
_TELLING = (
    "import atexit, json, sys; tell = lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr); "
    f"atexit.register(tell); {_MAIN}"
)
_QUESTION = "How is a tension pneumothorax treated?"


def cold_rows(folder: Path) -> list[Row]:
    """`radcite --help` in relation to bare Python, and what a first question imports."""
    bare, cli = [sys.executable, "-c", "pass"], [sys.executable, "-c", _MAIN]
    home = ["--home", str(folder / "home")]
    note = folder / "note.md"
    note.write_text("# Pneumothorax\n\nA tension pneumothorax is decompressed at once.\n", "utf-8")
    _run([*cli, "ingest", str(note), *home])
    ask = ["ask", _QUESTION, *home, "--json"]
    ways = {"bare": bare, "help": [*cli, "--help"]}
    spent = interleaved({name: lambda c=c: _run(c) for name, c in ways.items()}, _ROUNDS)
    asked = interleaved({"bare": lambda: _run(bare), "ask": lambda: _run([*cli, *ask])}, 3)
    return [
        *_ratio_rows(spent),
        Row("cold ask, wall", statistics.median(s.wall_s for s in asked["ask"]), "s"),
        Row("cold ask, CPU", statistics.median(s.cpu_s for s in asked["ask"]), "s"),
        _module_row(_run([sys.executable, "-c", _TELLING, *ask])),
    ]


def _ratio_rows(spent: dict[str, list[Spent]]) -> list[Row]:
    wall = {name: [s.wall_s for s in rounds] for name, rounds in spent.items()}
    cpu = {name: [s.cpu_s for s in rounds] for name, rounds in spent.items()}
    return [
        Row("--help / bare Python, wall", median_ratio(wall["help"], wall["bare"]), "x", "<= 5"),
        Row("--help / bare Python, CPU", median_ratio(cpu["help"], cpu["bare"]), "x", "<= 5"),
        Row("--help, wall", 1000 * statistics.median(wall["help"]), "ms"),
        Row("bare Python, wall", 1000 * statistics.median(wall["bare"]), "ms"),
    ]


def _module_row(ended: "subprocess.CompletedProcess[str]") -> Row:
    assert json.loads(ended.stdout)["schema"] == "radcite.outcome/1"
    modules = {name.partition(".")[0] for name in json.loads(ended.stderr.splitlines()[-1])}
    found = sorted(modules & _UNWANTED)
    note = ", ".join(found) or f"{len(modules)} packages, none of {', '.join(sorted(_UNWANTED))}"
    return Row("readers that a cold ask imports", len(found), goal="<= 0", note=note)


def _run(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
