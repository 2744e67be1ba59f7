"""When a number of the claim says the same as one of the quote: unit, bound, rounding and part included."""

import re

from radcite.core.grounding.dates import DATED, falls_on
from radcite.core.grounding.pairing import Pair
from radcite.core.grounding.parts import parts_agree
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.units import YEAR
from radcite.core.grounding.words import Quantity

__all__ = ["equal_quantities", "matching", "written_in_figures"]

_ABOUT_POINTS = 3.0
_MORE_POINTS = 15.0
_ROUNDING = 1e-6


def matching(pair: Pair) -> dict[int, list[int]]:
    """For each number of the claim the numbers of the quote that say the same."""
    return {
        n: [
            m
            for m, other in enumerate(pair.quote.quantities)
            if equal_quantities(quantity, other, pair)
        ]
        for n, quantity in enumerate(pair.claim.quantities)
    }


def equal_quantities(claim: Quantity, quote: Quantity, pair: Pair) -> bool:
    """Whether two numbers say the same, units and bounds included."""
    if claim.unit == "decade":
        ends = {_years(q) for q in pair.quote.quantities}
        return {claim.value, claim.value + 9} <= ends and _years(quote) == claim.value
    if {claim.unit, quote.unit} <= DATED:
        return falls_on(claim, quote) and _bounds_agree(claim, quote)
    if _share_of_one(claim, quote, pair):
        return True
    if not parts_agree(claim, quote) or not _units_agree(claim, quote, pair):
        return False
    if claim.unit == "%" and quote.unit == "%" and not written_in_figures(claim, pair.claim):
        return _fraction_fits(claim, quote)
    if claim.unit != quote.unit:
        return _years(claim) == _years(quote) and _bounds_agree(claim, quote)
    equal = abs(claim.value - quote.value) <= 1e-9 + 1e-6 * abs(quote.value)
    return equal and _bounds_agree(claim, quote)


def _share_of_one(claim: Quantity, quote: Quantity, pair: Pair) -> bool:
    """`0.92` told as `92%`, or the other way round."""
    if {claim.unit, quote.unit} != {"", "%"} or claim.bound != quote.bound:
        return False
    one, share = (claim, quote) if quote.unit == "%" else (quote, claim)
    written = written_in_figures(claim, pair.claim) and written_in_figures(quote, pair.quote)
    return written and 0 < one.value < 1 and abs(100 * one.value - share.value) < _ROUNDING


def _bounds_agree(claim: Quantity, quote: Quantity) -> bool:
    """Equal bounds; a value `reached` is the value or more, and `以上` may leave out the value itself."""
    bounds = {claim.bound, quote.bound}
    loose = (
        bounds <= {"reached", "", ">="} if "reached" in bounds else bounds <= {"above", ">", ">="}
    )
    return len(bounds) == 1 or (loose and not bounds <= {">", ">="})


def _years(quantity: Quantity) -> float:
    return quantity.value / YEAR if quantity.unit == "time" else quantity.value


def written_in_figures(quantity: Quantity, reading: Reading) -> bool:
    """Whether a number is written in digits, not in words (`a third`)."""
    return any(char.isdigit() for char in reading.text[quantity.start : quantity.end])


def _fraction_fits(claim: Quantity, quote: Quantity) -> bool:
    """`about a third` for 34 %, `more than half` for 52 %, `half` for 50 %."""
    if claim.bound == ">":
        return claim.value < quote.value <= claim.value + _MORE_POINTS
    if claim.bound == "<":
        return claim.value - _MORE_POINTS <= quote.value < claim.value
    return abs(claim.value - quote.value) <= (_ABOUT_POINTS if claim.about else 0.05)


def _units_agree(claim: Quantity, quote: Quantity, pair: Pair) -> bool:
    if claim.unit == quote.unit:
        return True
    ages = {claim.unit, quote.unit} <= {"", "age", "time"}
    return ages and (_is_age(claim, pair.claim) and _is_age(quote, pair.quote))


def _is_age(quantity: Quantity, reading: Reading) -> bool:
    text = reading.text.lower()
    around = (
        text[max(0, quantity.start - 9) : quantity.start]
        + "|"
        + text[quantity.end : quantity.end + 8]
    )
    return (
        quantity.unit == "age"
        or _OF_AGE.search(text[: quantity.start]) is not None
        or any(
            w in around for w in ("aged", "age", "older", "younger", "-old", " old", "years of age")
        )
    )


_OF_AGE = re.compile(
    r"(?:people|persons|patients|adults|women|men|those) (?:over|under|above|below) $"
)
