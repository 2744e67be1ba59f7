"""Names in Chinese text: family names with what may follow them, weighed against what medical texts are made of."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import NamedTuple

from radcite.core.naming.chinese_cues import (
    ADDRESSED,
    AFTER_NAMES,
    AMBIGUOUS,
    ANY_DOTTED,
    APART,
    BORN,
    DOTTED,
    EDGE,
    EDGE_BEFORE,
    EPONYM,
    HAN,
    HEADED,
    JAPANESE,
    LABELLED_SHORT,
    LEFT_COLON,
    LEFT_LABEL,
    LEFT_LIST,
    LEFT_NAMED,
    LEFT_WEAK,
    NICKNAME,
    NOT_GIVEN,
    ONE_PEOPLE,
    OTHER_PEOPLES,
    RIGHT,
    RIGHT_SOFT,
    SHORT,
    SPACED,
    SPLIT,
    TAKEN,
    THING_AFTER,
    TITLED,
    VERBS,
    WORDS,
)
from radcite.core.naming.found import Found
from radcite.core.naming.lexicon import foreign_words, pairs, zh_given, zh_surnames, zh_words

__all__ = ["chinese_names", "follows_naming", "is_word"]

# Score that a name without any cue has to reach, in natural logarithms, and from which a person is asked.
_SURE, _DOUBT = 8.5, 5.5
_PRIOR = -6.0
_RARE_GIVEN = 0.00002
_CUED, _UNCUED_COST = 2.5, 4.0
# The most that what stands around a name may add.
_MOST_TOLD = 16.0
_REACH = 12
# How likely the second character of a word is after the first, and by how much more than elsewhere: logarithms.
_OF_A_WORD, _LIKELIER = -5.0, 3.0


_LEFT_CUES = (
    (LEFT_COLON, 9.0),
    (LEFT_LABEL, 4.5),
    (LEFT_WEAK, 1.5),
    (LEFT_LIST, 1.0),
    (EDGE_BEFORE, 1.0),
)
_RIGHT_CUES = ((HEADED, 7.0), (TITLED, 5.0), (RIGHT, 3.5), (RIGHT_SOFT, 1.5), (EDGE, 1.0))


class _Candidate(NamedTuple):
    start: int
    end: int
    score: float


def chinese_names(text: str) -> Iterator[Found]:
    """The names in a text, in no order; they may overlap where one is found in two ways."""
    if not re.search(rf"[{HAN}]", text):
        return
    foreign = {at for start, end in _foreign(text) for at in range(start, end)}
    for one in _names(text):
        # `布鲁津斯基征`: a family name within a sound that is imitated is nobody's.
        if foreign.isdisjoint(range(one.start, one.end)):
            yield one


def _foreign(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_foreign_words(), EPONYM):
        for match in pattern.finditer(text):
            if not LEFT_NAMED.search(text[max(0, match.start() - _REACH) : match.start()]):
                yield match.span()


def _names(text: str) -> Iterator[Found]:
    for pattern in (DOTTED, OTHER_PEOPLES, JAPANESE):
        for match in pattern.finditer(text):
            if pattern is OTHER_PEOPLES and ONE_PEOPLE.fullmatch(match[0]):
                continue
            yield Found(match.start(), match.end(), "NAME", sure=True)
    for match in ANY_DOTTED.finditer(text):
        yield Found(*match.span(), "NAME", sure=True)
    cued = [*_addressed(text), *_short(text)]
    yield from cued
    # What begins within `小邓` is no name: `邓送来`.
    within = {at for one in cued for at in range(one.start + 1, one.end)}
    yield from (one for one in _weighed(text) if one.start not in within)
    yield from _parted(text, SPLIT)
    yield from _parted(text, SPACED)
    for match in _with_surname(APART).finditer(text):
        if LEFT_NAMED.search(text[max(0, match.start() - _REACH) : match.start()]):
            yield Found(*match.span(), "NAME", sure=True)


def _parted(text: str, gap: "re.Pattern[str]") -> Iterator[Found]:
    """Names that a line end or a space parts, found in the text without these."""
    breaks = [match.span() for match in gap.finditer(text)]
    if not breaks:
        return
    gaps = {at for start, end in breaks for at in range(start, end)}
    places = [at for at in range(len(text)) if at not in gaps]
    joined = "".join(text[at] for at in places)
    for one in (*_weighed(joined), *_short(joined)):
        start, end = places[one.start], places[one.end - 1] + 1
        if not gaps.isdisjoint(range(start, end)):
            yield Found(start, end, "NAME", one.sure)


def _addressed(text: str) -> Iterator[Found]:
    table = pairs()
    for match in _with_surname(ADDRESSED).finditer(text):
        start, name = match.start("name"), match["name"]
        before = text[start - 1 : start]
        # `任何医生`, `主任医师`, `当时医生`: the character belongs to a word.
        if match["lead"] is None and _is_han(before) and len(name) == 1:
            of_a_word = table.after(before, name) > log(0.02) or before + name in WORDS
            rare = (
                zh_surnames()[name] < 0.001 and table.after(before, name) > table.single(name) + 0.7
            )
            if of_a_word or rare or name in "于时来和经那边别后问越向都班员":
                continue
        elif name in "于时来和经那边别后但么" and match["lead"] is None:
            continue
        yield Found(match.start(), match.end("name"), "NAME", sure=True)
    for match in _with_surname(BORN).finditer(text):
        yield Found(match.start("name"), match.end("name"), "NAME", sure=True)


def _short(text: str) -> Iterator[Found]:
    for match in _with_surname(SHORT).finditer(text):
        yield Found(*match.span("name"), "NAME", sure=True)
    for match in NICKNAME.finditer(text):
        yield Found(match.start("name"), match.end("name"), "NAME", sure=True)
    surnames = zh_surnames()
    for match in LABELLED_SHORT.finditer(text):
        for one in re.finditer(rf"[{HAN}]+", match["names"]):
            said = one[0].lstrip("小老")
            named = bool(said) and (said[0] in surnames or said[:2] in surnames)
            if named and not _is_word(said) and said[-1] not in NOT_GIVEN:
                at = match.start("names")
                yield Found(at + one.start(), at + one.end(), "NAME", sure=True)


def _weighed(text: str) -> Iterator[Found]:
    """Family name and given name, wherever they weigh more than the words they may be."""
    best: list[_Candidate] = []
    # What a score is made of reaches no farther; runs of one character cost one look.
    scores: dict[tuple[str, str, int, int], float | None] = {}
    for start in range(len(text) - 1):
        for size, given in ((s, g) for s in _surname_sizes(text, start) for g in (1, 2)):
            window = (text[max(0, start - _REACH) : start], text[start : start + 2 * _REACH])
            if (*window, size, given) not in scores:
                scores[*window, size, given] = _score(text, start, size, given)
            score = scores[*window, size, given]
            if score is not None:
                best.append(_Candidate(start, start + size + given, score))
    covered = bytearray(len(text))
    for one in sorted(best, key=lambda each: (-each.score, each.start)):
        if one.score < _DOUBT:
            break
        if not any(covered[one.start : one.end]):
            covered[one.start : one.end] = b"\1" * (one.end - one.start)
            yield Found(one.start, one.end, "NAME", sure=one.score >= _SURE)


def _surname_sizes(text: str, start: int) -> Iterator[int]:
    surnames = zh_surnames()
    if text[start : start + 2] in surnames and len(text[start : start + 2]) == 2:
        yield 2
    if text[start] in surnames:
        yield 1


def _score(text: str, start: int, size: int, given: int) -> float | None:
    end = start + size + given
    name = text[start:end]
    if len(name) < size + given or not all(map(_is_han, name)):
        return None
    if re.match("周[一二三四五六日天末]", name) or (
        name[0] == "周"
        and start
        and text[start - 1] in "下上本每这一二两三四五六七八九十几数孕第隔多"
    ):
        return None
    # `郭奶奶`, `柯老师`: a form of address is no given name.
    if TITLED.match(text, start + size):
        return None
    if any(char in NOT_GIVEN for char in name[size:]) or (
        size == 1 and _is_word(text[start : start + 5])
    ):
        return None
    if _is_thing(text, start, end):
        return None
    score = _name_weight(name, size) - _word_weight(text, start, end) + _PRIOR
    if score + _MOST_TOLD < _DOUBT:
        return None
    told = _context(text, start, end)
    score += told
    eaten = RIGHT.match(text[end - 1 : end + 8]) or VERBS.match(text, end - 1)
    if given == 2 and (eaten or text[end - 1] in AFTER_NAMES):
        score -= _UNCUED_COST
    uncued = size == 1 and name[0] in AMBIGUOUS and told < _CUED
    return score - _UNCUED_COST * uncued


def _is_thing(text: str, start: int, end: int) -> bool:
    """Whether what stands around a place makes it a drug, a device or what is named after somebody."""
    if TAKEN.search(text[max(0, start - 2 * _REACH) : start]):
        return True
    labelled = LEFT_COLON.search(text[max(0, start - _REACH) : start]) is not None
    return THING_AFTER.match(text, end) is not None and not labelled


def _name_weight(name: str, size: int) -> float:
    shares = zh_given()
    weight = log(zh_surnames()[name[:size]]) + log(0.8 if len(name) - size == 2 else 0.2)
    return weight + sum(log(shares.get(char, _RARE_GIVEN)) for char in name[size:])


def _word_weight(text: str, start: int, end: int) -> float:
    """How likely these characters follow each other as words, from the one before to the one after."""
    table = pairs()
    before = text[start - 1] if start and _is_han(text[start - 1]) else "^"
    chars = before + text[start:end]
    weight = sum(table.after(one, other) for one, other in pairwise(chars))
    after = text[end : end + 1]
    if _is_han(after):
        # A name says nothing about what follows it; a word does.
        weight += max(table.after(text[end - 1], after) - table.single(after), -3.0)
    else:
        weight += table.after(text[end - 1], "$") - log(0.3)
    return weight


def _context(text: str, start: int, end: int) -> float:
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    left = next((worth for cue, worth in _LEFT_CUES if cue.search(before)), 0.0)
    return left + next((worth for cue, worth in _RIGHT_CUES if cue.match(after)), 0.0)


def _is_word(said: str) -> bool:
    return any(said[:size] in zh_words() for size in (2, 3, 4, 5))


def is_word(name: str) -> bool:
    """Whether characters are a word of medicine or of every day as well as a name."""
    if name in zh_words() or len(name) != 2 or name[0] in "小晓":
        return name in zh_words()
    share = pairs().after(*name)
    return share > _OF_A_WORD and share > pairs().single(name[1]) + _LIKELIER


def follows_naming(text: str, start: int, end: int) -> bool:
    """Whether what stands around a word says that it is somebody's name."""
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    if HEADED.match(after) or TITLED.match(after):
        return True
    labelled = LEFT_COLON.search(before) or LEFT_NAMED.search(before)
    if labelled and EDGE.match(after):
        return True
    told = labelled or LEFT_LABEL.search(before)
    return told is not None and RIGHT.match(after) is not None


@lru_cache(maxsize=1)
def _foreign_words() -> "re.Pattern[str]":
    return re.compile("|".join(sorted(foreign_words(), key=lambda word: (-len(word), word))))


@lru_cache(maxsize=8)
def _with_surname(pattern: "re.Pattern[str]") -> "re.Pattern[str]":
    names = sorted(zh_surnames(), key=len, reverse=True)
    double = "|".join(name for name in names if len(name) == 2)
    single = "".join(name for name in names if len(name) == 1)
    return re.compile(pattern.pattern.replace("SURNAME", f"(?:{double}|[{single}])"))


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
