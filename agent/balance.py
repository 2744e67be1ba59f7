"""What an answer owes its sources as a whole: none fills it alone, and those that disagree are set side by side."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from radcite.core.claims import Claim, Evidence
from radcite.core.grounding.conflict import conflict
from radcite.core.question import Task
from radcite.core.sources import Passage, Source, Term

__all__ = ["balanced"]

_TO_EACH_OTHER = 3
_ALONE = "one source alone carries the answer, though another was found"
_ARGUED: frozenset[Task] = frozenset({"literature", "consultation"})


def balanced(
    claims: Sequence[Claim], evidence: Sequence[Evidence], task: Task
) -> tuple[Claim, ...]:
    """The claims of an answer, none dropped or moved.

    Of the claims that one document alone carries, three are supported, and three more for each claim of another;
    what exceeds that is weak, unless no other document was found. A longer list of claims never weakens what a
    shorter one left supported. In an answer to a question, two claims of different documents that disagree
    are `for` and `against`.
    """
    sources = {item.key: item.source for item in evidence}
    limited = _limited(claims, sources)
    return _opposed(limited, sources) if task in _ARGUED else limited


def _limited(claims: Sequence[Claim], sources: Mapping[str, Source]) -> tuple[Claim, ...]:
    found = {name for source in sources.values() if (name := _citable(source))}
    if len(found) < 2:
        return tuple(claims)
    alone = [_only_document(claim, sources) for claim in claims]
    supported = [claim.support == "supported" for claim in claims]
    told: dict[str, int] = {}
    kept: list[Claim] = []
    for claim, name, stands in zip(claims, alone, supported, strict=True):
        if not stands or not name:
            kept.append(claim)
            continue
        told[name] = told.get(name, 0) + 1
        others = sum(good and other != name for other, good in zip(alone, supported, strict=True))
        exceeds = told[name] > _TO_EACH_OTHER * max(1, others)
        kept.append(
            claim.model_copy(update={"support": "weak", "reason": _ALONE}) if exceeds else claim
        )
    return tuple(kept)


def _only_document(claim: Claim, sources: Mapping[str, Source]) -> str:
    """The one document that carries a claim; empty for two or more, and for cases and images."""
    names = {_document(sources[one.evidence]) for one in claim.citations}
    return names.pop() if len(names) == 1 else ""


def _document(source: Source) -> str:
    return source.document_id if isinstance(source, Passage | Term) else ""


def _citable(source: Source) -> str:
    return "" if isinstance(source, Passage) and source.retracted else _document(source)


def _opposed(claims: Sequence[Claim], sources: Mapping[str, Source]) -> tuple[Claim, ...]:
    kept = list(claims)
    for first, second in combinations(range(len(kept)), 2):
        one, other = kept[first], kept[second]
        names = _only_document(one, sources), _only_document(other, sources)
        free = one.part is None and other.part is None
        if not free or not all(names) or names[0] == names[1]:
            continue
        if (one.support, other.support) != ("supported", "supported"):
            continue
        if found := conflict(one.text, other.text):
            parts = ("against", "for") if found.denied == 0 else ("for", "against")
            kept[first] = one.model_copy(update={"part": parts[0]})
            kept[second] = other.model_copy(update={"part": parts[1]})
    return tuple(kept)
