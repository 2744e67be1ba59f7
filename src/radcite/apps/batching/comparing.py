"""Two runs of a batch side by side."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Literal

from radcite.apps.batching.results import ResultLine, read_results
from radcite.core.claims import Answer
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sources import Case, Passage

__all__ = ["Change", "compare_results", "sampled"]


class Change(Frozen):
    """How one question's result differs; `gone` and `new` are claims, `sources_gone` and `sources_new` what was read.

    `why` names what differed underneath: `question`, `evidence`, `prompt`, `model`, `parts` (encoders, judge),
    `collection`, `version`, `degraded`, `language`, `task`; none of them: the model answered otherwise by itself.
    """

    id: str
    kind: Literal["added", "removed", "answered", "abstained", "failed", "changed"]
    why: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    sources_gone: tuple[str, ...] = ()
    sources_new: tuple[str, ...] = ()


def compare_results(one: Path, other: Path) -> Iterator[Change]:
    """The questions whose results differ, in the order of their ids.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file, `RECORD_INVALID` for one that holds no results.
    """
    for path in (one, other):
        if not path.is_file():
            raise RadciteError("NOT_FOUND", path.name)
    earlier = {line.id: line for line in read_results(one)}
    later = {line.id: line for line in read_results(other)}
    for result_id in sorted(earlier.keys() | later.keys()):
        change = _change(result_id, earlier.get(result_id), later.get(result_id))
        if change is not None:
            yield change


def sampled(changes: Sequence[Change], most: int, seed: int = 0) -> list[Change]:
    """At most `most` changes of each kind with the same reasons, in their order."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for place, change in enumerate(changes):
        alike.setdefault((change.kind, *change.why), []).append(place)
    rng = Random(seed)  # noqa: S311 - a sample to look at
    chosen = [
        place for places in alike.values() for place in rng.sample(places, min(most, len(places)))
    ]
    return [changes[place] for place in sorted(chosen)]


def _change(result_id: str, one: ResultLine | None, other: ResultLine | None) -> Change | None:
    if other is None:
        return Change(id=result_id, kind="removed", gone=_claims(one))
    if one is None:
        return Change(id=result_id, kind="added", new=_claims(other))
    before, after = _claims(one), _claims(other)
    if before == after and _kind(one) == _kind(other):
        return None
    read, reads = _sources(one), _sources(other)
    return Change(
        id=result_id,
        kind="changed" if _kind(one) == _kind(other) else _kind(other),
        why=_reasons(one, other),
        gone=tuple(text for text in before if text not in after),
        new=tuple(text for text in after if text not in before),
        sources_gone=tuple(name for name in read if name not in reads),
        sources_new=tuple(name for name in reads if name not in read),
    )


def _kind(line: ResultLine) -> Literal["answered", "abstained", "failed"]:
    if line.outcome is None:
        return "failed"
    return "answered" if isinstance(line.outcome, Answer) else "abstained"


def _claims(line: ResultLine | None) -> tuple[str, ...]:
    if line is None or not isinstance(line.outcome, Answer):
        return ()
    return tuple(claim.text for claim in line.outcome.claims)


def _sources(line: ResultLine) -> dict[str, str]:
    """What was read, by document or case, with its words."""
    if not isinstance(line.outcome, Answer):
        return {}
    found: dict[str, str] = {}
    for item in line.outcome.evidence:
        source = item.source
        if isinstance(source, Passage):
            found[f"{source.document_id} [{source.start}-{source.end}]"] = source.text
        elif isinstance(source, Case):
            found[f"case {source.case_id}"] = source.searched_text()
    return found


def _reasons(one: ResultLine, other: ResultLine) -> tuple[str, ...]:
    differs = {
        "question": one.question != other.question,
        "evidence": _sources(one) != _sources(other),
    }
    if one.made is not None and other.made is not None:
        a, b = one.made, other.made
        differs["prompt"] = a.prompts != b.prompts
        differs["model"] = a.model != b.model
        differs["parts"] = a.parts != b.parts
        differs["collection"] = a.collection != b.collection
        differs["version"] = a.radcite != b.radcite
    if one.outcome is not None and other.outcome is not None:
        differs["degraded"] = one.outcome.degraded != other.outcome.degraded
        differs["language"] = one.outcome.language != other.outcome.language
        differs["task"] = one.outcome.task != other.outcome.task
    return tuple(name for name, differing in differs.items() if differing)
