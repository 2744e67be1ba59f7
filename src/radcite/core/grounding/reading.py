"""A sentence as the rules see it: words with their concepts, clauses, cues, negation, numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from radcite.core.grounding.dates import DAY
from radcite.core.grounding.lexicon import Lexicon, Phrases, key_of, lexicon
from radcite.core.grounding.negation import Negation, negations, paired_nor
from radcite.core.grounding.quantities import quantities
from radcite.core.grounding.rates import INTERVAL, overlaps
from radcite.core.grounding.words import HARD, SOFT, Cue, Phrase, Quantity, Word
from radcite.core.normalization import is_cjk, normalize
from radcite.core.sources import Language

__all__ = ["Reading", "read"]

_WORD = re.compile(
    r"[㐀-䶿一-鿿豈-﫿]|[A-Za-zα-ωµ]+\d+[A-Za-z0-9]*|[A-Za-zα-ωµ]+(?=n't)|n't|[A-Za-zα-ωµ]+"
    r"|\d+(?:[.,]\d+)*[A-Za-z]*|[;:,，。；：、（）()!?！？/]"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules know of a sentence. Places are word numbers unless said otherwise."""

    text: str
    language: Language
    words: tuple[Word, ...]
    phrases: tuple[Phrase, ...]
    cues: tuple[Cue, ...]
    free: frozenset[int]
    function: frozenset[int]
    numeric: frozenset[int]
    clause: tuple[int, ...]
    negations: tuple[Negation, ...]
    quantities: tuple[Quantity, ...]
    concepts: Mapping[str, frozenset[int]]
    poles: tuple[Cue, ...]

    def clause_words(self, number: int) -> list[int]:
        """Places of the words of a clause."""
        return [place for place, clause in enumerate(self.clause) if clause == number]

    def cues_of(self, *names: str) -> list[Cue]:
        """Cues of any of the tables, in order."""
        return [cue for cue in self.cues if not cue.names.isdisjoint(names)]

    @property
    def opening(self) -> range:
        """Words before the first comma of a sentence that opens with whom or when it is about."""
        end = next((p for p, word in enumerate(self.words) if word.key in SOFT), 0)
        first = self.words[0].text.lower() if self.words else ""
        fronted = first in _OPENERS or (
            self.language == "zh" and 0 < end < 16 and self.words[end - 1].text == "中"
        )
        return range(end if fronted else 0)

    def has(self, *names: str) -> bool:
        """Whether a cue of any of the tables stands in the sentence."""
        return any(not cue.names.isdisjoint(names) for cue in self.cues)

    @property
    def measures(self) -> list[Quantity]:
        """The numbers that measure or count: neither how often nor on which day."""
        return [quantity for quantity in self.quantities if quantity.unit not in _WHEN]

    @property
    def told(self) -> str:
        """The text with each number in its base unit, and every range written alike."""
        pieces: list[str] = []
        reached = 0
        for number in self.quantities:
            between = self.text[reached : number.start]
            pieces.append("~" if reached and _TO.fullmatch(between) else between.casefold())
            pieces.append(f"{number.bound}{number.value:g}{number.unit}")
            reached = number.end
        return "".join([*pieces, self.text[reached:].casefold()]).strip(" .。;,")

    def place_at(self, offset: int) -> int:
        """The word that covers or follows a code point."""
        for place, word in enumerate(self.words):
            if word.end > offset:
                return place
        return len(self.words) - 1


_WHEN = frozenset((DAY, INTERVAL))
_TO = re.compile(r" ?(?:[-–—~～]|to|至|到) ?")
_OPENERS = frozenset(
    ("among", "of", "in", "from", "after", "at", "during", "within", "over", "by", "for", "with")
)
_LABELS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@lru_cache(maxsize=4096)
def read(text: str, language: Language) -> Reading:
    """Reads one sentence."""
    text = _prepared(normalize(text).text)
    table = lexicon(language)
    measured = quantities(text, language)
    words = tuple(Word(m.group(), _key(m), m.start(), m.end()) for m in _WORD.finditer(text))
    words = _ranked(_sheltered(words), measured)
    measured = tuple(q for q in measured if q.unit != "nth")
    keys = [word.key for word in words]
    surface = [word.text if word.is_label else word.text.lower() for word in words]
    whole = {
        p for p, w in enumerate(words) if any(_part_of(w, q) for q in measured if q.unit in _WHEN)
    }
    cues = tuple(Cue(*found) for found in table.cues.longest(surface) if found[0] not in whole)
    phrases = [Phrase(*found) for found in table.synonyms.all(keys)]
    phrases += _negative_phrases(cues, table)
    clause = _clauses(words, cues, language)
    numeric = frozenset(
        place
        for place, word in enumerate(words)
        if any(q.lead <= word.start < q.tail or _part_of(word, q) for q in measured)
    )
    marks = {p for p, word in enumerate(words) if word.is_mark}
    free = marks | _places(table.free, surface)
    return Reading(
        text=text,
        language=language,
        words=words,
        phrases=tuple(phrases),
        cues=cues,
        free=frozenset((free | _cue_words(cues)) - _content_cues(cues)),
        function=frozenset((marks | _places(table.function, surface)) - _content_cues(cues)),
        numeric=numeric,
        clause=clause,
        negations=negations(words, cues, clause),
        quantities=measured,
        concepts=_index(words, phrases),
        poles=tuple(Cue(*found) for found in table.poles.longest(surface)),
    )


def _part_of(word: Word, quantity: Quantity) -> bool:
    return overlaps(quantity, word.start, word.end)


def _sheltered(words: Sequence[Word]) -> tuple[Word, ...]:
    """Marks within brackets part no clauses: `(hazard ratio, 0.70; 95% CI, 0.59 to 0.83)` is one aside."""
    depth = 0
    kept: list[Word] = []
    for word in words:
        depth = max(0, depth + (word.text in "(（") - (word.text in ")）"))
        inside = depth > 0 and (word.key in HARD or word.key in SOFT)
        kept.append(replace(word, key="、") if inside else word)
    return tuple(kept)


def _key(match: re.Match[str]) -> str:
    word = match.group()
    after = match.string[match.end() : match.end() + 1]
    alone = match.start() > 0 and match.string[match.start() - 1] != "&" and after in " .,;:)"
    label = len(word) == 1 and word in _LABELS and alone
    return word if label else key_of(word.lower())


def _places(table: Phrases, surface: Sequence[str]) -> set[int]:
    return {place for first, end, _ in table.longest(surface) for place in range(first, end)}


def _ranked(words: Sequence[Word], measured: Sequence[Quantity]) -> tuple[Word, ...]:
    """Words of `第三` and `首` carry the rank as their key: a rank names a thing, it measures none."""
    ranks = [q for q in measured if q.unit == "nth"]
    return tuple(
        next((replace(w, key=f"nth{q.value:g}") for q in ranks if q.start <= w.start < q.end), w)
        for w in words
    )


def _prepared(text: str) -> str:
    """Prefix words written as one, so that `non-fatal` is never read as `fatal`."""
    text = re.sub(r"\b(non)[- ]([a-z])", r"\1\2", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(never)-([a-z])", r"\1\2", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(can)(not)\b", r"\1 \2", text, flags=re.IGNORECASE)
    text = _figures(text)
    text = re.sub(r"(?<=\d)(?: ?至 ?|[～–-])(?=\d+(?:\.\d+)? ?[a-zA-Z%㐀-鿿])", "~", text)
    text = re.sub(r"([左右])侧?([上中下])肺(?!叶)", r"\1肺\2叶", text)
    return _SIGN.sub(lambda sign: _written_out(sign, text), text)


_SIGN = re.compile(r" ?[（(] ?(?:(?P<plus>[+＋]{1,4})|[-－−–—]) ?[)）]")


def _written_out(sign: re.Match[str], text: str) -> str:
    """`(+)` and `(-)` after the name of a marker, in the words of the sentence's language."""
    if any(map(is_cjk, text)):
        return "阳性" if sign["plus"] else "阴性"
    return " positive" if sign["plus"] else " negative"


_GROUPED = re.compile(r"(?<![A-Za-z0-9.,])[1-9]\d{0,2}(?: \d{3})+(?![\w.,]*\d)")
_SPREAD = re.compile(r"[(（](\d+(?:\.\d+)?) ?(?:±|\+/-) ?(\d+(?:\.\d+)?)[)）] ?")


def _figures(text: str) -> str:
    """Numbers in one way of writing: `100 000`, `.92`, `(12.3±4.1) mm`."""
    text = _GROUPED.sub(lambda match: match.group().replace(" ", ","), text)
    text = re.sub(r"(?<![A-Za-z0-9.])\.(?=\d)", "0.", text)
    return re.sub(r" ?(?:±|\+/-) ?", "±", _SPREAD.sub(r"\1±\2 ", text))


def _cue_words(cues: Sequence[Cue]) -> set[int]:
    """Words of cues that a rule of its own checks, so that coverage need not."""
    checked = [cue for cue in cues if not all(n.startswith(("negative:", "+")) for n in cue.names)]
    return {place for cue in checked for place in range(cue.first, cue.end)}


def _content_cues(cues: Sequence[Cue]) -> set[int]:
    """Words of cues that are content besides: they must be covered, whatever they are made of."""
    content = [cue for cue in cues if all(name.startswith("+") for name in cue.names)]
    return {place for cue in content for place in range(cue.first, cue.end)}


def _negative_phrases(cues: Sequence[Cue], table: Lexicon) -> list[Phrase]:
    made: list[Phrase] = []
    for cue in cues:
        names = (name[9:] for name in cue.names if name.startswith("negative:"))
        made.extend(Phrase(cue.first, cue.end, table.negatives[name]) for name in names)
    return made


def _index(words: Sequence[Word], phrases: Sequence[Phrase]) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for place, word in enumerate(words):
        if not word.is_mark:
            found.setdefault(word.key, set()).add(place)
    for phrase in phrases:
        for name in phrase.names:
            found.setdefault(name.lstrip(">"), set()).update(range(phrase.first, phrase.end))
    return {name: frozenset(places) for name, places in found.items()}


def _clauses(words: Sequence[Word], cues: Sequence[Cue], language: Language) -> tuple[int, ...]:
    """A clause number for each word: new after a hard mark, at a linking word, at a Chinese comma."""
    links = {cue.first for cue in cues if "boundary" in cue.names}
    links |= {p for p in range(1, len(words)) if words[p].key == "as" and words[p - 1].key in SOFT}
    links -= set(paired_nor(words))
    numbers: list[int] = []
    current = 0
    for place, word in enumerate(words):
        if place in links and numbers and language == "en":
            current += 1
        numbers.append(current)
        fronted = 0 in links and current == 0
        if word.key in HARD or (word.key in SOFT and (language == "zh" or fronted)):
            current += 1
    return tuple(numbers)
