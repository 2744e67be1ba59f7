"""How many patients of a collection carry a label, without telling of so few that one could be known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    """Counts by a field. `total` are all patients; a case without a patient's pseudonym counts as one."""

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
    ordered = sorted(kept, key=lambda value: (-(kept[value] or -1), value))
    return Cohort(
        by=by,
        least=least,
        total=total if total >= least else None,
        counts=tuple(Count(value=value, patients=kept[value]) for value in ordered),
    )


def suppressed(
    counted: Mapping[str, int], least: int, *, adds_up: bool
) -> Mapping[str, int | None]:
    """The counts, without those below `least`.

    Where the counts add up to the total, a single hidden one could be worked out: then the next smallest is hidden too.

    Source: Hundepool et al., Statistical Disclosure Control (2012), secondary suppression.
    """
    kept: dict[str, int | None] = {
        value: number if number >= least else None for value, number in counted.items()
    }
    hidden = [value for value, number in kept.items() if number is None]
    shown = [value for value, number in kept.items() if number is not None]
    if adds_up and len(hidden) == 1 and shown:
        kept[min(shown, key=lambda value: (counted[value], value))] = None
    return kept


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
