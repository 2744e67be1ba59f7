"""What names are told by: lists of names, eponyms and common words, and which Chinese characters follow which."""

from functools import lru_cache
from importlib.resources import files
from math import log

__all__ = [
    "Pairs",
    "common_words",
    "eponyms",
    "family_names",
    "foreign_words",
    "generic_words",
    "given_names",
    "kinds_of_surgery",
    "pairs",
    "particles",
    "plain_words",
    "words_too",
    "zh_given",
    "zh_surnames",
    "zh_words",
]

_TIERS = {0: 0.025, 1: 0.0044, 2: 0.0006, 3: 0.00007, 4: 0.0002}
_GIVEN_TIERS = {0: 0.006, 1: 0.0008, 2: 0.0003}
_SMOOTHING = 20.0


def _read(name: str) -> str:
    return files("radcite.core.naming").joinpath("data", name).read_text("utf-8")


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Given names in Latin letters, lower case."""
    return frozenset(_read("given.en.txt").lower().split())


@lru_cache(maxsize=1)
def family_names() -> frozenset[str]:
    """Family names in Latin letters, lower case."""
    return frozenset(_read("family.en.txt").lower().split())


@lru_cache(maxsize=1)
def eponyms() -> frozenset[str]:
    """People after whom diseases, signs, tests and instruments are named, lower case; joined ones in parts too."""
    names = _read("eponyms.en.txt").lower().split()
    # `Miller-Fisher` makes no eponym of everybody who is called Fisher.
    people = family_names() | given_names()
    parts = (part for name in names if "-" in name for part in name.split("-"))
    return frozenset((*names, *(part for part in parts if part not in people)))


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Words of medical texts, lower case; names of things among them."""
    return frozenset((_read("words.en.txt") + _read("products.en.txt")).lower().split())


@lru_cache(maxsize=1)
def plain_words() -> frozenset[str]:
    """Words of medical texts that are written small within a sentence."""
    return frozenset(word for word in _read("words.en.txt").split() if word[0].islower())


@lru_cache(maxsize=1)
def words_too() -> frozenset[str]:
    """Names that are words, months or products as well, lower case."""
    return frozenset(_read("words_too.en.txt").split())


@lru_cache(maxsize=1)
def generic_words() -> frozenset[str]:
    """Words that are written large where a name may stand: roles, days, headings, lower case."""
    return frozenset(_read("generic.en.txt").split())


@lru_cache(maxsize=1)
def kinds_of_surgery() -> frozenset[str]:
    """What stands before `surgery` and is no place, lower case."""
    return frozenset(_read("kinds_of_surgery.en.txt").split())


@lru_cache(maxsize=1)
def particles() -> frozenset[str]:
    """What stands small within a name, such as `van`."""
    return frozenset(_read("particles.en.txt").split())


@lru_cache(maxsize=1)
def zh_surnames() -> dict[str, float]:
    """Chinese family names, of one or two characters, with the share of people who bear them."""
    lines = [line for line in _read("surnames.zh.txt").splitlines() if not line.startswith("#")]
    shares: dict[str, float] = {}
    for tier, line in enumerate(lines):
        for name in line.split() if " " in line else line:
            shares.setdefault(name, _TIERS[tier])
    return shares


@lru_cache(maxsize=1)
def zh_given() -> dict[str, float]:
    """Characters of Chinese given names with their share among such characters."""
    lines = [line for line in _read("given.zh.txt").splitlines() if not line.startswith("#")]
    shares: dict[str, float] = {}
    for tier, line in enumerate(lines):
        for char in line:
            shares.setdefault(char, _GIVEN_TIERS[tier])
    return shares


@lru_cache(maxsize=1)
def zh_words() -> frozenset[str]:
    """Chinese words that begin like a name: drugs, findings, places, words of every day."""
    return frozenset(_read("words.zh.txt").split())


@lru_cache(maxsize=1)
def foreign_words() -> frozenset[str]:
    """Diseases, signs, drugs and makers whose Chinese names imitate a foreign sound."""
    return frozenset(_read("foreign.zh.txt").split())


class Pairs:
    """How likely one Chinese character follows another in medical texts; `^` and `$` are the ends of a run."""

    def __init__(self, lines: list[str]) -> None:
        self._single = _levels(lines[0][1:])
        self._total = sum(self._single.values())
        self._follow = {line[0]: _levels(line[1:]) for line in lines[1:] if line}

    def single(self, char: str) -> float:
        """The logarithm of a character's share."""
        return log((self._single.get(char, 0.0) + 0.5) / self._total)

    def after(self, first: str, second: str) -> float:
        """The logarithm of the probability that `second` follows `first`."""
        seen = self._single.get(first, self._total / 20 if first == "^" else 0.0)
        share = (self._single.get(second, 0.0) + 0.5) / self._total
        if second == "$":
            share = 0.08
        count = self._follow.get(first, {}).get(second, 0.0)
        return log((count + _SMOOTHING * share) / (seen + _SMOOTHING))


@lru_cache(maxsize=1)
def pairs() -> Pairs:
    """The counts that the package carries."""
    return Pairs(_read("pairs.zh.txt").splitlines())


def _levels(line: str) -> dict[str, float]:
    return {line[at]: 2.0 ** int(line[at + 1], 36) for at in range(0, len(line) - 1, 2)}
