"""Which words of a sentence a number is said of."""

from collections.abc import Sequence

from radcite.core.grounding.reading import Reading

__all__ = ["names", "owned_numbers", "owners"]

_BREAKS = frozenset(",;:)，；：）而由至到对")
_CHANGES = frozenset("升降提比增减")
_BREAK_WORDS = frozenset(
    ["and", "whereas", "while", "but", "versus", "vs", "than", "against", "but", "compared"]
)
_VERSUS_GAP = 5
_AND = frozenset(("and", "和", "与", "及", "、"))
_FINITE = frozenset(("was", "were", "is", "are", "had", "has", "have", "did"))


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
        listed = reading.words[place].text == "、" and place < max(places)
        changing = place < max(places) and reading.words[place].text in _CHANGES
        if held and (listed or changing or _breaks(reading, place)):
            owned.update(dict.fromkeys(stretch, frozenset(held)))
            stretch, held = [], set()
        stretch.append(place)
        if place in places:
            held.add(places[place])
    if held:
        last = max(p for p in stretch if p in places)
        own = [p for p in stretch if p <= last]
        named = any(names(reading, p) for p in own)
        if not named and (shared := _shared_predicate(reading, sorted(places), last)) is not None:
            stretch = [p for p in stretch if p < shared]
        owned.update(dict.fromkeys(own if named else stretch, frozenset(held)))
    if len(numbers) == 2:
        owned.update(_versus(reading, numbers))
        owned.update(_respective(reading, numbers))
    return owned


def _shared_predicate(reading: Reading, numbers: list[int], last: int) -> int | None:
    """Where the verb of `30% of A and 12% of B had nodules` stands, which belongs to both numbers."""
    words = [word.text.lower() for word in reading.words]
    between = words[numbers[0] + 1 : last]
    if any(word in _FINITE or word.endswith("ed") for word in between):
        return None
    verbs = (p for p in range(last + 1, len(words)) if words[p] in _FINITE)
    return next((p for p in verbs if words[p - 1] not in ("who", "which", "that")), None)


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


def owned_numbers(owned: dict[int, frozenset[int]]) -> set[int]:
    """All numbers that own a word."""
    return {n for held in owned.values() for n in held}


def names(reading: Reading, place: int) -> bool:
    """Whether a word names something: neither free nor part of a number."""
    return place not in reading.free and place not in reading.numeric
