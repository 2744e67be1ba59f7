"""The `radcite` command. A command's module, and all it needs, is imported when it is called."""

import sys
from collections.abc import Sequence
from importlib import import_module

from radcite import __version__

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "demo": "cited answers from a small collection that is made here; the place to start",
    "ingest": "take files or folders into a collection: DICOM, images, PDF, text, JSONL records",
    "ask": "answer a question, with images if there are any; every statement carries its citation",
    "report": "review, sign, amend and export the reports that were drafted",
    "audit": "verify and export the record of what was asked, read, exported and signed",
    "literature": "load a list of retracted articles and mark what is stored of them",
    "calibrate": "the differential's set, with a stated coverage on the site's own labelled cases",
    "replay": "make a kept answer again and tell whether it is the same",
    "search": "find passages of the literature, or cases like an image or a description",
    "serve": "the chat in a browser, with REST, OpenAI-compatible and MCP interfaces",
    "mcp": "a Model Context Protocol server for other agents, on standard input and output",
    "user": "who may use the web service",
    "batch": "answer questions by the thousand, resumably; CSV, BibTeX and RIS of what they cite",
    "extract": "a table over many papers, each cell with its quote and page",
    "cohort": "patients of a collection by label, with small counts hidden",
    "results": "what changed between two runs of a batch",
    "eval": "run the benchmark tasks and print their tables",
    "train": "fine-tune, and make the small models that radcite carries",
    "deid": "what the privacy gate does to DICOM files, before and after, without writing",
    "ledger": "which files were taken and how far; try again, hold back, remove every trace",
    "collections": "list collections, or remove a whole one",
    "review": "images and cases held because text in them may name somebody: show, release, reject",
    "index": "rebuild, optimize or describe what is stored",
    "vault": "encrypted originals of pseudonyms, for signed exports alone; off by default",
    "backup": "the data folder as one file",
    "state": "move users, conversations, reports and the audit record from SQLite files into PostgreSQL",
    "restore": "a data folder from a backup, every file checked",
    "config": "show, start or describe the configuration",
    "doctor": "which engines, models, extras and servers work here, and how to get the others",
}
_HELP = """\
radcite {version}: answers about medical images and literature whose every citation was checked.

Usage: radcite COMMAND [OPTIONS] [ARGUMENTS]

Commands:
{commands}

`radcite COMMAND --help` tells its options. Data lives in --home DIR or RADCITE_HOME.
Exit codes: 0 ok, 1 unexpected, 2 usage, 3 some items failed, 4 a dependency is down.
radcite helps a clinician and never replaces one: what it writes is a draft until a named person signs.
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else "--help"
    if name in {"--help", "-h", "help"}:
        width = max(map(len, COMMANDS))
        commands = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
        sys.stdout.write(_HELP.format(version=__version__, commands=commands))
        sys.exit(0)
    if name == "--version":
        sys.stdout.write(f"radcite {__version__}\n")
        sys.exit(0)
    if name not in COMMANDS:
        sys.stderr.write(f"radcite: no command {name!r}; `radcite --help` lists them\n")
        sys.exit(2)
    from radcite.apps.cli.run import run_command

    sys.exit(
        run_command(name, import_module(f"radcite.apps.cli.{name}_command").app, arguments[1:])
    )
