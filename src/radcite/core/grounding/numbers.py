"""Every number of the claim stands in the quote with its unit and bound, said of the same thing."""

import re
from itertools import accumulate, combinations

from radcite.core.grounding.before_after import only_change, reordered, told_of_other_end
from radcite.core.grounding.dates import DATED
from radcite.core.grounding.equality import matching, written_in_figures
from radcite.core.grounding.ownership import names, owned_numbers, owners
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.rates import INTERVAL
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.units import is_amount
from radcite.core.grounding.words import HARD, SOFT, Cue, Quantity

__all__ = ["bound_together", "number_differs"]

_PARTING = frozenset((*HARD, *SOFT, "and", "but", "while", "whereas", "而"))
_JOINT = 5


def number_differs(pair: Pair) -> Finding | None:
    """A number without its equal in the quote, or one said of another thing there."""
    matches = matching(pair)
    for n, quantity in enumerate(pair.claim.quantities):
        if not matches[n] and not _both_arms(pair, n):
            written = pair.claim.text[quantity.start : quantity.end]
            return Finding(f"the quote does not say {written}")
    return (
        _repeated(pair, matches)
        or _swapped(pair, matches)
        or _turned_round(pair, matches)
        or _other_side(pair, matches)
        or reordered(pair, matches)
        or told_of_other_end(pair, matches)
        or _crossed(pair, matches)
    )


_ARMS = re.compile(
    r"(?:two|both) (?:arms|groups|techniques|methods|strategies|modalities)\b|两组|两者|两种"
)
_SET_AGAINST = re.compile(r"\b(?:arms|groups|versus|vs|than|compared|either)\b|组|比|与")


def _both_arms(pair: Pair, number: int) -> bool:
    """`the two groups` of a quote that sets groups against each other without counting them."""
    quantity = pair.claim.quantities[number]
    told = _ARMS.match(pair.claim.text.lower(), quantity.start) is not None
    return quantity.value == 2 and told and _SET_AGAINST.search(pair.quote.text.lower()) is not None


def _repeated(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """A number told more often than the quote has it (`24 x 24 mm` of `24 x 21 mm`)."""
    exact = [n for n in matches if written_in_figures(pair.claim.quantities[n], pair.claim)]
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


def _other_side(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """`weekly was superior to monthly` told the other way round: rates that name what is compared."""
    mine, theirs = (next(iter(r.cues_of("than")), None) for r in (pair.claim, pair.quote))
    if mine is None or theirs is None or _ways(pair.claim) != _ways(pair.quote):
        return None
    sides = [
        (_after(pair.claim, n, mine), {_after(pair.quote, m, theirs) for m in found})
        for n, found in matches.items()
        if pair.claim.quantities[n].unit == INTERVAL
    ]
    if {side for side, _ in sides} == {True, False} and all(
        side not in told for side, told in sides
    ):
        return Finding("the numbers of the two sides have changed places")
    return None


def _after(reading: Reading, number: int, cue: Cue) -> bool:
    return reading.place_at(reading.quantities[number].start) >= cue.end


def _ways(reading: Reading) -> set[str]:
    return {n for pole in reading.poles for n in pole.names if n.startswith(("more.", "quality."))}


def _joined(reading: Reading) -> list[int]:
    """Numbers of one unit that a range, a pair or a versus joins to the next."""
    return [
        n
        for n in range(len(reading.quantities) - 1)
        if reading.quantities[n].unit == reading.quantities[n + 1].unit
        and reading.quantities[n + 1].start - reading.quantities[n].end <= _JOINT
    ]


def _swapped(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """A number that the quote says of another thing than the claim does."""
    changed = only_change(pair.quote)
    for n, candidates in matches.items():
        if not candidates:
            continue
        kind = _kind(pair.quote.quantities[candidates[0]])
        whole = pair.claim.quantities[n].part == "whole"
        rivals = [
            m
            for m, other in enumerate(pair.quote.quantities)
            if _kind(other) == kind and (other.part == "whole") == whole
        ]
        if len(rivals) < 2 or changed.issuperset(rivals):
            continue
        said_of = _said_of(pair, n)
        owned = owners(pair.quote, rivals)
        if (
            bound_together(pair, n, matches)
            or _counts_all(pair, n, candidates)
            or _spans(pair, n, candidates, rivals)
        ):
            continue
        if not any(_bound_alike(pair, said_of, owned, m) for m in candidates):
            written = pair.claim.text[pair.claim.quantities[n].start : pair.claim.quantities[n].end]
            return Finding(f"the quote says {written} of something else")
    return None


def _kind(quantity: Quantity) -> str:
    """What may stand for what: any date for a date, any dose or amount in blood for another, whatever its unit."""
    if quantity.unit in DATED:
        return "date"
    return "amount" if is_amount(quantity.unit) else quantity.unit


def _counts_all(pair: Pair, number: int, candidates: list[int]) -> bool:
    """`of the 67 lesions`, `112例中`: the whole that the quote opens with."""
    quantity, reading = pair.claim.quantities[number], pair.claim
    before = [w.text.lower() for w in reading.words if w.end <= quantity.start][-2:]
    whole = "of" in before or reading.text[quantity.end : quantity.end + 4].find("中") >= 0
    at = (pair.quote.place_at(pair.quote.quantities[m].start) for m in candidates)
    return whole and any(place in pair.quote.opening for place in at)


_SPAN = frozenset(("over", "within", "at", "after", "by", "until", "before", "during", "for"))


def _spans(pair: Pair, number: int, candidates: list[int], rivals: list[int]) -> bool:
    """`over 30 days` in both, beside times that no `over` leads in: when it was, not how long."""

    def led_by(reading: Reading, n: int) -> str:
        place = reading.place_at(reading.quantities[n].start)
        return reading.words[place - 1].text.lower() if place else ""

    mine = led_by(pair.claim, number)
    others = [led_by(pair.quote, m) for m in rivals if m not in candidates]
    told = all(led_by(pair.quote, m) == mine for m in candidates)
    return (
        pair.claim.quantities[number].unit == "time"
        and mine in _SPAN
        and told
        and mine not in others
    )


def bound_together(pair: Pair, number: int, matches: dict[int, list[int]]) -> bool:
    """`grade 3 in 25 %`: numbers of one stretch that also share a stretch of the quote, its subject told first."""
    mine, theirs = _stretches(pair.claim), _stretches(pair.quote)
    at = mine[pair.claim.place_at(pair.claim.quantities[number].start)]
    group = [
        n for n, q in enumerate(pair.claim.quantities) if mine[pair.claim.place_at(q.start)] == at
    ]
    homes = [
        {theirs[pair.quote.place_at(pair.quote.quantities[m].start)] for m in matches[n]}
        for n in group
    ]
    shared = homes[0].intersection(*homes[1:])
    units = [pair.claim.quantities[n].unit for n in group]
    if len(group) < 2 or len(shared) != 1 or len(set(units)) < len(units):
        return False
    (home,) = shared
    content = [p for p in pair.content() if mine[p] == at]
    return all(any(theirs[q] in (home, 0) for q in pair.links[p]) for p in content)


def _stretches(reading: Reading) -> list[int]:
    """For each word how many marks and joining words stand before it."""
    return list(accumulate(int(word.text.lower() in _PARTING) for word in reading.words))


def _crossed(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """`grade 3 in 12%` of `grade 2 in 12% and grade 3 in 40%`."""
    mine, theirs = _stretches(pair.claim), _stretches(pair.quote)
    at = [theirs[pair.quote.place_at(q.start)] for q in pair.quote.quantities]
    kinds = {(home, q.unit) for home, q in zip(at, pair.quote.quantities, strict=True)}
    for one, other in combinations(matches, 2):
        first, second = (pair.claim.quantities[n] for n in (one, other))
        if mine[pair.claim.place_at(first.start)] != mine[pair.claim.place_at(second.start)]:
            continue
        homes = [{at[m] for m in matches[n]} for n in (one, other)]
        rivals = all((b, first.unit) in kinds for b in homes[1]) and all(
            (a, second.unit) in kinds for a in homes[0]
        )
        if first.unit != second.unit and homes[0].isdisjoint(homes[1]) and rivals:
            return Finding("two numbers of the claim belong to different things")
    return None


def _said_of(pair: Pair, number: int) -> list[int]:
    """Words of the claim that its number is said of: all content when it is the only one of its unit."""
    kind = _kind(pair.claim.quantities[number])
    mine = [k for k, other in enumerate(pair.claim.quantities) if _kind(other) == kind]
    if len(mine) == 1:
        return list(range(len(pair.links)))
    owned = owners(pair.claim, mine)
    return [p for p in range(len(pair.links)) if number in owned.get(p, ())]


def _bound_alike(
    pair: Pair, said_of: list[int], owned: dict[int, frozenset[int]], match: int
) -> bool:
    """Whether words said of a number fit the stretch of its match in the quote."""
    if _denied_otherwise(pair, said_of, owned, match):
        return False
    stretch = {q for q, held in owned.items() if match in held}
    others = {pair.claim.words[p].key for p in pair.content() if p not in said_of}
    sides = {
        p for pole in pair.claim.poles if _tells_when(pole) for p in range(pole.first, pole.end)
    }
    content = [
        p
        for p in said_of
        if (pair.carries(p) or p in sides)
        and pair.links[p]
        and pair.claim.words[p].key not in others
    ]
    meant = pair.meant(frozenset(said_of))
    if not stretch or not meant:
        return True
    linked = {q for place in meant for q in pair.links[place]}
    later = {q for q, held in owned.items() if match not in held and min(held) > match}
    number_at = {
        n: pair.quote.place_at(pair.quote.quantities[n].start) for n in {*owned_numbers(owned)}
    }
    spent = {q for q, held in owned.items() if max(held) < match and q > number_at[max(held)]}
    spent -= {*pair.quote.opening, *_wholes(pair.quote, number_at, match)}
    if any(pair.links[place] <= later or pair.links[place] <= spent for place in content):
        return False
    earlier = {pair.quote.words[q].key for q, held in owned.items() if max(held) < match}
    telling = {
        q for q in stretch if pair.quote.words[q].key not in earlier and names(pair.quote, q)
    }
    return not telling or bool(telling & linked)


def _tells_when(pole: Cue) -> bool:
    return any(name.startswith(("order.", "when.")) for name in pole.names)


def _wholes(reading: Reading, number_at: dict[int, int], match: int) -> set[int]:
    """`of lesions` of `A in 88% of lesions, B in 3%`: the whole of the later share too."""

    def whole(number: int) -> range:
        place = number_at[number] + 1
        while place < len(reading.words) and place in reading.numeric:
            place += 1
        if place >= len(reading.words) or reading.words[place].text.lower() != "of":
            return range(0)
        end = next((p for p in range(place, len(reading.words)) if reading.words[p].is_mark), place)
        return range(place, end)

    if match not in number_at or whole(match):
        return set()
    return {p for number in number_at if number < match for p in whole(number)}


def _denied_otherwise(
    pair: Pair, said_of: list[int], owned: dict[int, frozenset[int]], match: int
) -> bool:
    """`12% of those without` told of those with: arms that only a denial tells apart."""
    if any(match in (n, n + 1) for n in _joined(pair.quote)):
        return False
    denied = {n for negation in pair.quote.negations for n in owned.get(negation.at, ())}
    claim = any(negation.at in said_of for negation in pair.claim.negations)
    return denied != owned_numbers(owned) and bool(denied) and claim != (match in denied)
