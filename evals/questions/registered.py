"""Data files that lie outside the data folder: named once, verified then and whenever they are read."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.evals.datasets import digest_of
from radcite.evals.questions.definition import question_set, question_sets

__all__ = ["Described", "described", "register", "registered"]

_FILE = "datasets.json"


def register(work: Path, name: str, path: Path) -> str:
    """Note where the data of a set lies; their digest. Nothing is copied.

    Raises:
        RadciteError: `NOT_FOUND` for an unknown set or a missing file; `RECORD_INVALID` for another file than the
            set's.
    """
    definition = question_set(name)
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    digest = digest_of(path)
    wanted = definition.data.sha256
    if digest != wanted:
        raise RadciteError(
            "RECORD_INVALID",
            f"{path.name} has SHA-256 {digest[:16]}…; {name} needs {wanted[:16]}…",
            f"{path.name} 的 SHA-256 为 {digest[:16]}…；{name} 需要 {wanted[:16]}…",
        )
    known = {**registered(work), definition.data.path: path.resolve()}
    work.mkdir(parents=True, exist_ok=True)
    listed = {where: str(file) for where, file in sorted(known.items())}
    (work / _FILE).write_text(json.dumps(listed, ensure_ascii=False, indent=1), "utf-8")
    return digest


def registered(work: Path) -> Mapping[str, Path]:
    """The files that were named, by the path a set knows them under."""
    file = work / _FILE
    if not file.is_file():
        return {}
    return {where: Path(path) for where, path in json.loads(file.read_text("utf-8")).items()}


class Described(Frozen):
    """The data of one set: `verified`, `other` (another file lies there) or `missing`."""

    name: str
    path: str
    licence: str
    source: str
    state: Literal["verified", "other", "missing"]


def described(folder: Path, work: Path) -> list[Described]:
    """The data of every set, by name."""
    named = registered(work)
    found: list[Described] = []
    for one in question_sets().values():
        path = named.get(one.data.path, folder / one.data.path)
        state = "missing"
        if path.is_file():
            state = "verified" if digest_of(path) == one.data.sha256 else "other"
        found.append(
            Described(
                name=one.name,
                path=one.data.path,
                licence=one.licence,
                source=one.source,
                state=state,
            )
        )
    return found
