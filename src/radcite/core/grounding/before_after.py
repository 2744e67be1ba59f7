"""Numbers told as one becoming the other keep their order and their times: `from x in 2010 to y in 2020`."""

from dataclasses import dataclass

from radcite.core.grounding.dates import DATED
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.rates import INTERVAL
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.words import HARD, SOFT, Cue

__all__ = ["only_change", "reordered", "told_of_other_end"]

_FROM = frozenset(("from", "由", "从"))
_TO = frozenset(("to", "至", "到", "为"))
_PARTING = HARD | SOFT | {"and", "but", "while", "whereas"}
_REACH = 8


def reordered(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
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


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a change: its number and the words that say when or in whom it was so."""

    number: int
    words: frozenset[int]


def told_of_other_end(pair: Pair, matches: dict[int, list[int]]) -> Finding | None:
    """`8% in 2010` of `from 3% in 2010 to 8% in 2020`: the number of one end told with the time of the other."""
    for first, second in _changes(pair.quote):
        for mine, other in ((first, second), (second, first)):
            told = [
                n
                for n, found in matches.items()
                if mine.number in found and other.number not in found
            ]
            if not told or any(other.number in found for found in matches.values()):
                continue
            if any(
                _leads_to(pair.claim, n) == (mine is first) for n in told if _led(pair.claim, n)
            ):
                return Finding("the numbers before and after are swapped")
            numbers = [
                {pair.quote.place_at(pair.quote.quantities[m].start) for m in matches[n]}
                for n in matches
                if n not in told and matches[n]
            ]
            links = [
                pair.links[p]
                for p in range(len(pair.links))
                if pair.links[p] and _says_when(pair, p)
            ]
            if any(places <= other.words for places in (*links, *numbers)):
                return Finding("the quote gives that number for the other end of the change")
    return None


def only_change(reading: Reading) -> set[int]:
    """The two numbers of the one change of a sentence, which share their subject; empty if there are more."""
    changes = _changes(reading)
    return {end.number for end in changes[0]} if len(changes) == 1 else set()


def _led(reading: Reading, number: int) -> str:
    """The word directly before a number where it leads from or to one, else empty."""
    at = reading.place_at(reading.quantities[number].start)
    word = reading.words[at - 1].text.lower() if at else ""
    return word if word in _FROM | _TO - {"为"} else ""


def _leads_to(reading: Reading, number: int) -> bool:
    return _led(reading, number) in _TO


def _says_when(pair: Pair, place: int) -> bool:
    return pair.carries(place) or any(p.first <= place < p.end for p in pair.claim.poles)


def _changes(reading: Reading) -> list[tuple[_End, _End]]:
    """`from x … to y …` with what stands beside either number."""
    words = [word.text.lower() for word in reading.words]
    ways = {p for pole in reading.poles if _turns(pole) for p in range(pole.first, pole.end)}
    numbers = [
        (n, q.unit, reading.place_at(q.start))
        for n, q in enumerate(reading.quantities)
        if q.unit not in DATED and q.unit != INTERVAL
    ]
    years = [reading.place_at(q.start) for q in reading.quantities if q.unit in DATED]
    found: list[tuple[_End, _End]] = []
    for begin in (p for p, word in enumerate(words) if word in _FROM):
        first = next((one for one in numbers if begin < one[2] <= begin + _REACH), None)
        second = next(
            (one for one in numbers if first and one[2] > first[2] and one[1] == first[1]), None
        )
        if first is None or second is None:
            continue
        turn = next((p for p in range(second[2] - 1, first[2], -1) if words[p] in _TO), None)
        if turn is None or any(word in _PARTING for word in words[begin:turn]):
            continue
        last = min(second[2] + _REACH, len(words))
        end = next((p for p in range(second[2], last) if words[p] in _PARTING), last)
        before = frozenset(range(begin + 1, turn)) - ways
        after = frozenset(range(turn + 1, end)) - ways
        if len(years) == 2 and not {*years} & {*range(begin, end)}:
            before, after = before | {years[0]}, after | {years[1]}
        found.append((_End(first[0], before), _End(second[0], after)))
    return found


def _turns(pole: Cue) -> bool:
    return any(name.startswith("change.") for name in pole.names)
