"""The differential: conditions by the votes of the similar cases, with the cases as evidence."""

import re
from collections import defaultdict
from collections.abc import Sequence

from radcite.core.claims import Claim, Condition, DifferentialItem, Evidence
from radcite.core.conformal import Calibration, in_set
from radcite.core.sources import Case, Language
from radcite.tools.knowledge.terms import TermEntry, find_term

__all__ = [
    "argued",
    "calibrated",
    "candidates_text",
    "condition_names",
    "condition_of",
    "differential",
    "names_in",
]

_PSEUDO_VOTES = 1.0
_LOCAL = "local"
_TERMS = "radcite-terms"


def differential(evidence: Sequence[Evidence]) -> tuple[DifferentialItem, ...]:
    """Conditions by their share of the similar cases' votes, the likeliest first; empty without cases.

    A case votes for its recorded diagnosis with a weight that falls with its rank. The shares leave room for a
    condition that no similar case has, so they add up to less than 1. They are vote shares: see `calibrated`.
    """
    votes: dict[str, list[tuple[str, float]]] = defaultdict(list)
    conditions: dict[str, Condition] = {}
    cases = [item for item in evidence if isinstance(item.source, Case)]
    for rank, item in enumerate(cases):
        if name := _diagnosis(item.source):
            condition = condition_of(name)
            conditions.setdefault(condition.code, condition)
            votes[condition.code].append((item.key, 1 / (1 + rank) ** 0.5))
    total = sum(weight for cast in votes.values() for _, weight in cast) + _PSEUDO_VOTES
    items = [
        DifferentialItem(
            condition=conditions[code],
            probability=round(sum(weight for _, weight in cast) / total, 4),
            in_conformal_set=None,
            supporting=tuple(key for key, _ in cast),
            against=tuple(key for other, more in votes.items() if other != code for key, _ in more),
        )
        for code, cast in votes.items()
    ]
    return tuple(sorted(items, key=lambda item: (-item.probability, item.condition.code)))


def calibrated(
    items: Sequence[DifferentialItem], calibration: Calibration | None
) -> tuple[DifferentialItem, ...]:
    """The conditions with those of the conformal set marked, by what the site calibrated on its own cases.

    Without that, and where the stated coverage cannot be reached, `in_conformal_set` is None.
    """
    if calibration is None or calibration.least is None:
        return tuple(items)
    least = calibration.least
    return tuple(
        item.model_copy(update={"in_conformal_set": in_set(item.probability, least)})
        for item in items
    )


def candidates_text(items: Sequence[DifferentialItem], language: Language) -> str:
    """The conditions as a prompt lists them."""
    lines = [
        f"- {item.condition.display[language]}: {', '.join(item.supporting)}" for item in items
    ]
    return "\n".join(lines) or "-"


def condition_names(condition: Condition) -> tuple[str, ...]:
    """Every name of a condition, in both languages."""
    term = find_term(condition.display["en"]) if condition.system == _TERMS else None
    return (*term.en, *term.zh) if term else tuple(condition.display.values())


def names_in(text: str, name: str) -> bool:
    """Whether a text in lower case holds a name, as words of its own where the name is spelt in letters."""
    wanted = name.casefold()
    if not wanted.isascii():
        return wanted in text
    return re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?:e?s)?(?![a-z0-9])", text) is not None


def argued(
    items: Sequence[DifferentialItem], claims: Sequence[Claim]
) -> tuple[DifferentialItem, ...]:
    """The differential with the evidence of supported claims for and against its conditions; no vote changes."""

    def keys(code: str, part: str) -> list[str]:
        return [
            citation.evidence
            for claim in claims
            if (claim.condition, claim.part, claim.support) == (code, part, "supported")
            for citation in claim.citations
        ]

    return tuple(
        item.model_copy(
            update={
                "supporting": _joined(item.supporting, keys(item.condition.code, "for")),
                "against": _joined(item.against, keys(item.condition.code, "against")),
            }
        )
        for item in items
    )


def _joined(held: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*held, *more)))


def _diagnosis(source: object) -> str | None:
    if not isinstance(source, Case):
        return None
    return source.diagnosis or (source.labels[0] if len(source.labels) == 1 else None)


def condition_of(name: str) -> Condition:
    """The condition that a recorded diagnosis names: of the term file, else by its own words."""
    term: TermEntry | None = find_term(name)
    if term is None:
        return Condition(code=name.casefold(), system=_LOCAL, display={"en": name, "zh": name})
    return Condition(code=term.term_id, system=_TERMS, display={"en": term.en[0], "zh": term.zh[0]})
