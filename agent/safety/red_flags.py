"""Emergencies told by rules, outside any model: their advice stands before every answer."""

import re
import tomllib
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from pydantic import Field

from radcite.agent.safety.scope import Reading, Scope, compile_words, read
from radcite.core.frozen import Frozen
from radcite.core.normalization import is_cjk
from radcite.core.sources import Language

__all__ = [
    "Heard",
    "RedFlag",
    "find_red_flags",
    "heard",
    "load_red_flags",
    "plain_words",
    "red_flags",
    "said_plainly",
]

_TOGETHER = 600
_SENTENCE = re.compile(r"[^.!?;。！？；\n]+[.!?;。！？；]?")
# What asks for help tells what is the matter.
_ASKS_HELP = re.compile(
    r"(怎么办|咋办|怎么处理|怎么做|要紧吗|严重吗|要不要去|去医院吗|能吃|吃什么药?|用什么药|挂什么科"
    r"|what now|(what )?(should|can|do|must) (i|we)( do| take| give (him|her|them|it))?( now)?"
    r"|should (i|we) (call|go)\b.*|is (it|this) (serious|an emergency|normal)|(can you|please) help)\W*$",
    re.IGNORECASE,
)
_SHORT_WORDS = 12
_SHORT_CHARACTERS = 14
# Who asks for help may tell more in the same breath: age, sex, since when.
_FOR_HELP = 2


class RedFlag(Frozen):
    """An emergency: its own names, the signs that tell it, and the advice in both languages.

    A sign is a sum of cues, `a + b`: all of them, near each other. A rule that is `always` is not
    silenced by negation, by a literature question or by the reading of wording when a sign of it stands in the words.
    Signs that are `handed_over` get no answer even where the literature is asked.
    """

    id: str
    names: tuple[str, ...]
    signs: tuple[str, ...]
    always: bool = False
    handed_over: tuple[str, ...] = ()
    advice_en: str = Field(validation_alias="en")
    advice_zh: str = Field(validation_alias="zh")
    source: str

    def advice(self, language: Language) -> str:
        """What to do now, in the language of the answer."""
        return self.advice_en if language == "en" else self.advice_zh


class Heard(Frozen):
    """What alarms: every rule, and those of them that are `always` heard because a sign of theirs stands.

    `person`: whether a person must take over, since such a sign is spoken of somebody, or is handed over always.
    """

    rules: tuple[RedFlag, ...]
    certain: tuple[RedFlag, ...]
    person: bool


class _File(Frozen):
    scope: Scope
    cues: dict[str, tuple[str, ...]]
    rules: dict[str, dict[str, str | bool | tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class _Compiled:
    scope: dict[str, re.Pattern[str]]
    cues: dict[str, re.Pattern[str]]
    names: dict[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class _Finder:
    reading: Reading
    words: _Compiled
    seen: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def alarms(self, rule: RedFlag) -> bool:
        """Whether the emergency is named, or one of its signs stands, outside every void stretch."""
        return self._named(rule) or self.shows(rule)

    def shows(self, rule: RedFlag) -> bool:
        """Whether one of its signs stands."""
        return any(self._sign(tuple(sign.split(" + ")), always=rule.always) for sign in rule.signs)

    def hands_over(self, rule: RedFlag) -> bool:
        """Whether a sign that is always heard asks no books, or is one that no book's question excuses."""
        if any(self._places(sign, always=True) for sign in rule.handed_over):
            return True
        void = (*self.reading.denied, *self.reading.framed_names)
        signs = (sign for sign in rule.signs if " + " not in sign)
        return any(_outside(self.words.cues[sign], self.reading.text, void) for sign in signs)

    def _named(self, rule: RedFlag) -> bool:
        if not rule.names:
            return False
        framed = self.reading.framed if rule.always else self.reading.framed_names
        void = (*self.reading.denied, *framed)
        return bool(_outside(self.words.names[rule.id], self.reading.text, void))

    def _sign(self, cues: Sequence[str], *, always: bool) -> bool:
        found: list[list[int]] = []
        for cue in cues:
            places = self._places(cue, always=always)
            if not places:
                return False
            found.append(places)
        return len(found) == 1 or any(_near(start, found[1:]) for start in found[0])

    def _places(self, cue: str, *, always: bool) -> list[int]:
        if cue not in self.seen:
            void = () if always else (*self.reading.denied, *self.reading.framed)
            self.seen[cue] = _outside(self.words.cues[cue], self.reading.text, void)
        return self.seen[cue]


@lru_cache(maxsize=1)
def load_red_flags() -> tuple[RedFlag, ...]:
    """Every rule, in the order of the file."""
    return tuple(
        RedFlag.model_validate({"id": name} | rule) for name, rule in _load().rules.items()
    )


def red_flags(text: str, language: Language) -> tuple[str, ...]:
    """The advice for every emergency the words speak of, in the language of the answer."""
    return tuple(rule.advice(language) for rule in find_red_flags(text))


def find_red_flags(text: str) -> tuple[RedFlag, ...]:
    """The rules that alarm at these words, in the order of the file, in time linear in their length."""
    return heard(text).rules


def heard(text: str) -> Heard:
    """The rules that alarm at these words, and those of them that nothing silences."""
    plain = plain_words(text)
    if not plain:
        return Heard(rules=(), certain=(), person=False)
    words = _compiled()
    finder = _Finder(read(plain, words.scope), words)
    rules = tuple(rule for rule in load_red_flags() if finder.alarms(rule))
    certain = tuple(rule for rule in rules if rule.always and finder.shows(rule))
    person = any(finder.hands_over(rule) for rule in certain)
    return Heard(rules=rules, certain=certain, person=person)


def said_plainly(text: str) -> bool:
    """Whether a short sentence that asks nothing, or asks for help, alarms by itself, whatever is said around it."""
    sentences = (match[0].strip() for match in _SENTENCE.finditer(text))
    return any(
        (_is_short(sentence, _FOR_HELP) if _ASKS_HELP.search(sentence) else _tells(sentence))
        and heard(sentence).rules
        for sentence in sentences
        if sentence
    )


def _tells(sentence: str) -> bool:
    return _is_short(sentence) and sentence[-1] not in "?？"


def _is_short(sentence: str, times: int = 1) -> bool:
    if any(is_cjk(char) for char in sentence):
        return len(sentence) <= times * _SHORT_CHARACTERS
    return len(sentence.split()) <= times * _SHORT_WORDS


def plain_words(text: str) -> str:
    """A text in lower case, full-width forms, quotation marks and spaces made alike."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    straight = re.sub(r"[’‘`´]", "'", folded)
    return re.sub(r"[^\S\n]+", " ", straight).strip()


def _outside(pattern: re.Pattern[str], text: str, void: Sequence[tuple[int, int]]) -> list[int]:
    ends = _reach(void)
    return [match.start() for match in pattern.finditer(text) if not _covered(match.start(), ends)]


def _reach(void: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(void):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end > start:
            merged.append((start, end))
    return merged


def _covered(place: int, merged: Sequence[tuple[int, int]]) -> bool:
    after = bisect_left(merged, (place + 1, 0))
    return after > 0 and place < merged[after - 1][1]


def _near(start: int, others: Sequence[Sequence[int]]) -> bool:
    def close(places: Sequence[int]) -> bool:
        at = bisect_left(places, start - _TOGETHER)
        return at < len(places) and places[at] <= start + _TOGETHER

    return all(close(places) for places in others)


@lru_cache(maxsize=1)
def _load() -> _File:
    text = files("radcite.agent.safety").joinpath("red_flags.toml").read_text("utf-8")
    return _File.model_validate(tomllib.loads(text))


@lru_cache(maxsize=1)
def _compiled() -> _Compiled:
    file = _load()
    return _Compiled(
        scope={kind: compile_words(list(patterns)) for kind, patterns in file.scope},
        cues={name: compile_words(patterns) for name, patterns in file.cues.items()},
        names={rule.id: compile_words(rule.names) for rule in load_red_flags()},
    )
