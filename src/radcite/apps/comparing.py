"""Two runs of a batch side by side."""

from pathlib import Path
from typing import Literal

from radcite.apps.batch import ResultLine, read_results
from radcite.core.claims import Answer
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["Change", "compare_results"]


class Change(Frozen):
    """How one question's result differs; `gone` and `new` are claims.

    `why` names what differed underneath: `evidence`, `degraded`, `language`, `task`, `question`.
    """

    id: str
    kind: Literal["added", "removed", "answered", "abstained", "failed", "changed"]
    why: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


def compare_results(one: Path, other: Path) -> list[Change]:
    """The questions whose results differ, in the order of their ids.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file.
    """
    for path in (one, other):
        if not path.is_file():
            raise RadciteError("NOT_FOUND", path.name)
    earlier, later = read_results(one), read_results(other)
    changes = [
        _change(result_id, earlier.get(result_id), later.get(result_id))
        for result_id in sorted(earlier.keys() | later.keys())
    ]
    return [change for change in changes if change is not None]


def _change(result_id: str, one: ResultLine | None, other: ResultLine | None) -> Change | None:
    if other is None:
        return Change(id=result_id, kind="removed", gone=_claims(one))
    if one is None:
        return Change(id=result_id, kind="added", new=_claims(other))
    before, after = _claims(one), _claims(other)
    if before == after and _kind(one) == _kind(other):
        return None
    return Change(
        id=result_id,
        kind="changed" if _kind(one) == _kind(other) else _kind(other),
        why=_reasons(one, other),
        gone=tuple(text for text in before if text not in after),
        new=tuple(text for text in after if text not in before),
    )


def _kind(line: ResultLine) -> Literal["answered", "abstained", "failed"]:
    if line.outcome is None:
        return "failed"
    return "answered" if isinstance(line.outcome, Answer) else "abstained"


def _claims(line: ResultLine | None) -> tuple[str, ...]:
    if line is None or not isinstance(line.outcome, Answer):
        return ()
    return tuple(claim.text for claim in line.outcome.claims)


def _evidence(line: ResultLine) -> set[str]:
    if not isinstance(line.outcome, Answer):
        return set()
    return {item.source.model_dump_json() for item in line.outcome.evidence}


def _reasons(one: ResultLine, other: ResultLine) -> tuple[str, ...]:
    differs = {
        "question": one.question != other.question,
        "evidence": _evidence(one) != _evidence(other),
    }
    if one.outcome is not None and other.outcome is not None:
        differs["degraded"] = one.outcome.degraded != other.outcome.degraded
        differs["language"] = one.outcome.language != other.outcome.language
        differs["task"] = one.outcome.task != other.outcome.task
    return tuple(name for name, differing in differs.items() if differing)
