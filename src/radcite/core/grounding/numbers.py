"""Every number of the claim stands in the quote with its unit and bound, said of the same thing."""

from collections.abc import Sequence

from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.quantities import Quantity
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.units import YEAR

__all__ = ["equal_quantities", "number_differs", "owners"]

_BREAKS = frozenset(",;:，；：而由至到对升降比增减")
_BREAK_WORDS = frozenset(
    ["and", "whereas", "while", "but", "versus", "vs", "than", "against", "but", "compared"]
)
_VERSUS_GAP = 5
_JOINT = 5
_AND = frozenset(("and", "和", "与", "及", "、"))
_ABOUT_POINTS = 3.0
_MORE_POINTS = 15.0


def number_differs(pair: Pair) -> Finding | None:
    """A number without its equal in the quote, or one said of another thing there."""
    matches: dict[int, list[int]] = {}
    for n, quantity in enumerate(pair.claim.quantities):
        matches[n] = [
            m
            for m, other in enumerate(pair.quote.quantities)
            if equal_quantities(quantity, other, pair)
        ]
        if not matches[n]:
            written = pair.claim.text[quantity.start : quantity.end]
            return Finding(f"the quote does not say {written}")
    return (
        _repeated(pair, matches)
        or _swapped(pair, matches)
        or _turned_round(pair, matches)
        or _reordered(pair, matches)
    )


def _repeated(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """A number told more often than the quote has it (`24 x 24 mm` of `24 x 21 mm`)."""
    exact = [n for n in matches if _written_number(pair.claim.quantities[n], pair.claim)]
    for n in exact:
        told = [k for k in exact if matches[k] == matches[n]]
        if len(told) > len(matches[n]):
            return Finding("a number is told more often than the quote has it")
    return None


def _turned_round(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """`6 to 8` told as `8 to 6`, `(9% vs 22%)` as `(22% vs 9%)`."""
    claim, quote = _joined(pair.claim), _joined(pair.quote)
    for n in claim:
        forward = any(m in matches[n] and m + 1 in matches[n + 1] for m in quote)
        backward = any(m + 1 in matches[n] and m in matches[n + 1] for m in quote)
        if backward and not forward:
            return Finding("two numbers have changed places")
    return None


def _joined(reading: Reading) -> list[int]:
    """Numbers of one unit that a range, a pair or a versus joins to the next."""
    return [
        n
        for n in range(len(reading.quantities) - 1)
        if reading.quantities[n].unit == reading.quantities[n + 1].unit
        and reading.quantities[n + 1].start - reading.quantities[n].end <= _JOINT
    ]


def equal_quantities(claim: Quantity, quote: Quantity, pair: Pair) -> bool:
    """Whether two numbers say the same, units and bounds included."""
    if claim.unit == "decade":
        ends = {_years(q) for q in pair.quote.quantities}
        return {claim.value, claim.value + 9} <= ends and _years(quote) == claim.value
    if not _units_agree(claim, quote, pair):
        return False
    if claim.unit == "%" and quote.unit == "%" and not _written_number(claim, pair.claim):
        return _fraction_fits(claim, quote)
    if claim.unit != quote.unit:
        return _years(claim) == _years(quote) and _bounds_agree(claim, quote)
    equal = abs(claim.value - quote.value) <= 1e-9 + 1e-6 * abs(quote.value)
    return equal and _bounds_agree(claim, quote)


def _bounds_agree(claim: Quantity, quote: Quantity) -> bool:
    """Equal bounds; a value that is `reached` is the value or more."""
    bounds = {claim.bound, quote.bound}
    return len(bounds) == 1 or ("reached" in bounds and bounds <= {"reached", "", ">="})


def _years(quantity: Quantity) -> float:
    return quantity.value / YEAR if quantity.unit == "time" else quantity.value


def _written_number(quantity: Quantity, reading: Reading) -> bool:
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
    return quantity.unit == "age" or any(
        w in around
        for w in ("aged", "age", "older", "younger", "-old", " old", "岁", "years of age")
    )


def owners(reading: Reading, numbers: Sequence[int]) -> dict[int, frozenset[int]]:
    """For each word the numbers (out of those given) that its stretch of the sentence holds.

    A stretch ends at a mark or a joining word once it holds a number. Words after the last number belong
    to it only when no content stands before it in its stretch. `A than B (x vs y)`: x is A's, y is B's.
    """
    places = {reading.place_at(reading.quantities[n].start): n for n in numbers}
    owned: dict[int, frozenset[int]] = {}
    stretch: list[int] = []
    held: set[int] = set()
    for place in range(len(reading.words)):
        if held and _breaks(reading, place):
            owned.update(dict.fromkeys(stretch, frozenset(held)))
            stretch, held = [], set()
        stretch.append(place)
        if place in places:
            held.add(places[place])
    if held:
        last = max(p for p in stretch if p in places)
        own = [p for p in stretch if p <= last]
        named = any(_names(reading, p) for p in own)
        owned.update(dict.fromkeys(own if named else stretch, frozenset(held)))
    if len(numbers) == 2:
        owned.update(_versus(reading, numbers))
        owned.update(_respective(reading, numbers))
    return owned


def _breaks(reading: Reading, place: int) -> bool:
    word = reading.words[place].text.lower()
    if word in _BREAKS or word in _BREAK_WORDS:
        return True
    return (
        word == "to" and place - 1 not in reading.numeric and reading.words[place - 1].text != "%"
    )


def _versus(reading: Reading, numbers: Sequence[int]) -> dict[int, frozenset[int]]:
    """`more often after A than after B (x vs y)`."""
    than = next(iter(reading.cues_of("than")), None)
    first, second = (reading.place_at(reading.quantities[n].start) for n in numbers)
    if than is None or first < than.end or second - first > _VERSUS_GAP:
        return {}
    pole = max((pole.end for pole in reading.poles if pole.end <= than.first), default=0)
    mark = next((p for p in range(than.end, first) if reading.words[p].is_mark), first)
    left = dict.fromkeys(range(pole, than.first), frozenset({numbers[0]}))
    return left | dict.fromkeys(range(than.end, mark), frozenset({numbers[1]}))


def _respective(reading: Reading, numbers: Sequence[int]) -> dict[int, frozenset[int]]:
    """`A and B had x and y, respectively`: x is A's and y is B's."""
    first, second = (reading.place_at(reading.quantities[n].start) for n in numbers)
    joined = [p for p in range(first) if reading.words[p].text.lower() in _AND]
    if not joined or second - first > _VERSUS_GAP or not reading.has("respectively"):
        return {}
    left = dict.fromkeys(range(joined[-1]), frozenset({numbers[0]}))
    return left | dict.fromkeys(range(joined[-1], first), frozenset({numbers[1]}))


def _swapped(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """A number that the quote says of another thing than the claim does."""
    for n, candidates in matches.items():
        unit = pair.quote.quantities[candidates[0]].unit
        rivals = [m for m, other in enumerate(pair.quote.quantities) if other.unit == unit]
        if len(rivals) < 2:
            continue
        said_of = _said_of(pair, n)
        owned = owners(pair.quote, rivals)
        if not any(_bound_alike(pair, said_of, owned, m, matches) for m in candidates):
            written = pair.claim.text[pair.claim.quantities[n].start : pair.claim.quantities[n].end]
            return Finding(f"the quote says {written} of something else")
    return None


def _said_of(pair: Pair, number: int) -> list[int]:
    """Words of the claim that its number is said of: all content when it is the only one of its unit."""
    unit = pair.claim.quantities[number].unit
    mine = [k for k, other in enumerate(pair.claim.quantities) if other.unit == unit]
    if len(mine) == 1:
        return list(range(len(pair.links)))
    owned = owners(pair.claim, mine)
    return [p for p in range(len(pair.links)) if number in owned.get(p, ())]


def _bound_alike(
    pair: Pair,
    said_of: list[int],
    owned: dict[int, frozenset[int]],
    match: int,
    matches: dict[int, list[int]],
) -> bool:
    """Whether words said of a number fit the stretch of its match in the quote."""
    stretch = {q for q, held in owned.items() if match in held}
    content = [p for p in said_of if pair.carries(p) and pair.links[p]]
    meant = pair.meant(frozenset(said_of))
    if not stretch or not meant:
        return True
    linked = {q for place in meant for q in pair.links[place]}
    later = {q for q, held in owned.items() if match not in held and min(held) > match}
    number_at = {
        n: pair.quote.place_at(pair.quote.quantities[n].start) for n in {*owned_numbers(owned)}
    }
    spent = {q for q, held in owned.items() if max(held) < match and q > number_at[max(held)]}
    if any(pair.links[place] <= later or pair.links[place] <= spent for place in content):
        return False
    earlier = {pair.quote.words[q].key for q, held in owned.items() if max(held) < match}
    telling = {
        q for q in stretch if pair.quote.words[q].key not in earlier and _names(pair.quote, q)
    }
    return not telling or bool(telling & linked)


def owned_numbers(owned: dict[int, frozenset[int]]) -> set[int]:
    """All numbers that own a word."""
    return {n for held in owned.values() for n in held}


def _names(reading: Reading, place: int) -> bool:
    return place not in reading.free and place not in reading.numeric


def _reordered(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """`from x to y` told as `from y to x`."""
    claim, quote = _from_to(pair.claim), _from_to(pair.quote)
    for start, end in claim:
        for other_start, other_end in quote:
            if (
                other_end in matches[start]
                and other_start in matches[end]
                and other_start not in matches[start]
            ):
                return Finding("the numbers before and after are swapped")
    return None


_FROM = frozenset(("from", "由", "从"))
_TO = frozenset(("to", "至", "到", "为"))


def _from_to(reading: Reading) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for n in range(len(reading.quantities) - 1):
        first, second = reading.quantities[n], reading.quantities[n + 1]
        before = [w.text.lower() for w in reading.words if w.end <= first.start][-12:]
        between = {w.text.lower() for w in reading.words if first.end <= w.start < second.start}
        if not _FROM.isdisjoint(before[-8:]) and not _TO.isdisjoint(between):
            pairs.append((n, n + 1))
        elif {"rather", "than"} <= between or {"instead", "of"} <= between:
            pairs.append((n + 1, n))
    return pairs
