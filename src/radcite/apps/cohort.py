"""How many patients of a collection carry a label, without telling of so few that one could be known."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from radcite.apps.wiring import House
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sources import Case

__all__ = ["Cohort", "CohortField", "Count", "count_cohort", "suppressed"]

CohortField = Literal["labels", "diagnosis", "modality", "body_part", "view", "language"]
_MANY_VALUED: frozenset[CohortField] = frozenset({"labels"})
NOT_RECORDED = "not recorded"
_END_OF_TIME = "9999"


class Count(Frozen):
    """Patients with a value; None when they are fewer than may be told, or would let such a number be worked out."""

    value: str
    patients: int | None


class Cohort(Frozen):
    """Counts by a field. `total` are all patients; a case without a patient's pseudonym counts as one.

    `total` is None when it is below `least`, or would let a hidden count be worked out though all are hidden.
    """

    by: CohortField
    least: int
    total: int | None
    counts: tuple[Count, ...]


async def count_cohort(
    house: House, collection: str, by: CohortField, *, least: int = 10
) -> Cohort:
    """Patients by the values of a field, most first.

    Raises:
        RadciteError: `VALIDATION` for a least count below 2.
    """
    if least < 2:
        raise RadciteError("VALIDATION", "the least count is 2 or more", "最小计数应不小于 2")
    _, ids = await house.ledger.stored_before(collection, _END_OF_TIME)
    patients: dict[str, set[str]] = defaultdict(set)
    everyone: set[str] = set()
    for case_id in ids:
        case = await house.ledger.case(collection, case_id)
        if case is not None:
            who = case.patient or f"case {case.case_id}"
            everyone.add(who)
            for value in _values(case, by):
                patients[value].add(who)
    counted = {value: len(who) for value, who in patients.items()}
    total = len(everyone)
    overlapping = by in _MANY_VALUED or sum(counted.values()) != total
    kept = suppressed(counted, least, adds_up=not overlapping)
    if overlapping:
        # The patients without a value are all but those with it.
        kept = {
            value: None if number is None or 0 < total - number < least else number
            for value, number in kept.items()
        }
    hidden = [value for value, number in kept.items() if number is None]
    told = total >= least and (overlapping or not _worked_out(counted, hidden, least))
    ordered = sorted(kept, key=lambda value: (-(kept[value] or -1), value))
    return Cohort(
        by=by,
        least=least,
        total=total if told else None,
        counts=tuple(Count(value=value, patients=kept[value]) for value in ordered),
    )


def suppressed(
    counted: Mapping[str, int], least: int, *, adds_up: bool
) -> Mapping[str, int | None]:
    """The counts, without those below `least`.

    Where the counts add up to a total that is told, the hidden ones together are known too. While one below `least`
    follows from that, or all of them are fewer than `least`, the next smallest is hidden with them.

    Source: Hundepool et al., Statistical Disclosure Control (2012), secondary suppression.
    """
    hidden = {value for value, number in counted.items() if number < least}
    shown = sorted(counted.keys() - hidden, key=lambda value: (counted[value], value))
    while adds_up and shown and _worked_out(counted, hidden, least):
        hidden.add(shown.pop(0))
    return {value: None if value in hidden else number for value, number in counted.items()}


def _worked_out(counted: Mapping[str, int], hidden: Collection[str], least: int) -> bool:
    """Whether a hidden count below `least` follows from the counts shown, their total and this rule."""
    small = sum(counted[value] < least for value in hidden)
    together = sum(counted[value] for value in hidden)
    larger = len(hidden) - small
    if not small or not larger:
        return small > 0 and _too_little(small, together, least)
    # The larger ones are at least `least` each and at most the smallest one shown.
    most = min((counted[value] for value in counted.keys() - hidden), default=together)
    fewest = max(small, together - larger * most)
    greatest = min(small * (least - 1), together - larger * least)
    sums = [one for one in range(fewest, greatest + 1) if _too_little(small, one, least)]
    return len(sums) == 1 and _known(small, sums[0], least)


def _too_little(small: int, together: int, least: int) -> bool:
    """Whether so many counts below `least` need others beside them, when it is known what they come to."""
    return together < least or _known(small, together, least)


def _known(small: int, together: int, least: int) -> bool:
    """Whether each is known from what they come to: there is one alone, or all are 1, or all the greatest."""
    return small == 1 or together in {small, small * (least - 1)}


def _values(case: Case, by: CohortField) -> Iterable[str]:
    match by:
        case "labels":
            return case.labels or (NOT_RECORDED,)
        case "diagnosis":
            value = case.diagnosis
        case "modality":
            value = case.modality
        case "body_part":
            value = case.body_part
        case "view":
            value = case.view
        case "language":
            value = case.language
    return (value or NOT_RECORDED,)
