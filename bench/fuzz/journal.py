"""What became of the groups of mutants that were done, so that a run which was ended goes on where it was."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

__all__ = ["note", "read_journal"]


def note(journal: Path, count: int, seed: int, number: int, tally: dict[str, Any]) -> None:
    """Add a group's tally to the journal, as one line."""
    line = json.dumps({"mutants": count, "seed": seed, "group": number, "tally": tally})
    with journal.open("a") as file:
        file.write(line + "\n")


def read_journal(journal: Path, count: int, seed: int) -> dict[int, dict[str, Any]]:
    """The tallies, by group, of those groups of this very run that are noted; a line that a kill cut off is none."""
    found: dict[int, dict[str, Any]] = {}
    for line in journal.read_text().splitlines() if journal.exists() else ():
        try:
            noted = json.loads(line)
        except ValueError:
            continue
        if (noted["mutants"], noted["seed"]) != (count, seed):
            continue
        tally = noted["tally"]
        tally["outcomes"] = {kind: Counter(codes) for kind, codes in tally["outcomes"].items()}
        tally["cut"] = Counter(tally["cut"])
        found[noted["group"]] = tally
    return found
