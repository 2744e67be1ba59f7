"""Measurements as ratios within one run; exits with 1 when a goal is missed.

    python -m bench [NAME...] [--json] [--scale X]

Without a name the quick ones are taken.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.parts import bench_folder
from bench.plan import PLAN
from bench.timing import Row

_MARKS: Mapping[bool | None, str] = {True: "met", False: "MISSED", None: ""}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(
            f"  {name:10} {one.about}{'' if one.quick else ' (takes minutes)'}"
            for name, one in PLAN.items()
        ),
    )
    parser.add_argument("names", nargs="*", choices=[*PLAN, []], metavar="NAME")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--scale", type=float, default=1.0, help="times the usual input")
    parser.add_argument("--mutants", type=int, help="of fuzz: how many")
    parser.add_argument("--seed", type=int, default=7, help="of fuzz: which")
    parser.add_argument("--bare", action="store_true", help="of fuzz: the readers alone")
    parser.add_argument(
        "--journal", type=Path, help="of fuzz: notes what is done, and goes on from there"
    )
    parser.add_argument("--jobs", type=int, default=2, help="of fuzz: workers")
    options = parser.parse_args()
    named = ("mutants", "seed", "bare", "journal", "jobs")
    own = {"fuzz": {name: getattr(options, name) for name in named}}
    names = options.names or [name for name, one in PLAN.items() if one.quick]
    taken: dict[str, list[Row]] = {}
    for name in names:
        sys.stderr.write(f"{name} …\n")
        with bench_folder() as folder:
            taken[name] = PLAN[name].take(folder, options.scale, **own.get(name, {}))
    (_print_json if options.json else _print_table)(taken)
    return int(any(row.met is False for rows in taken.values() for row in rows))


def _print_json(taken: Mapping[str, Sequence[Row]]) -> None:
    rows = [{"bench": name, **asdict(row), "met": row.met} for name in taken for row in taken[name]]
    print(json.dumps({"schema": "radcite.bench/1", "rows": rows}, ensure_ascii=False))


def _print_table(taken: Mapping[str, Sequence[Row]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "measured", "value", "goal", "", "note")
    table.columns[2].justify = "right"
    for name, rows in taken.items():
        for place, row in enumerate(rows):
            value = f"{row.value:,.4g} {row.unit}".strip()
            mark = _MARKS[row.met]
            table.add_row("" if place else name, row.name, value, row.goal, mark, row.note)
        table.add_section()
    # A pipe has no width of its own, and a cut table says nothing.
    console = Console()
    console.print(table) if console.is_terminal else Console(width=140).print(table)


if __name__ == "__main__":
    sys.exit(main())
