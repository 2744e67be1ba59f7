"""The word tables of the rules, read once from the package's data files."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from radcite.core.normalization import is_cjk
from radcite.core.sources import Language
from radcite.core.tokens import stem

__all__ = ["Lexicon", "Phrases", "key_of", "keys_of", "lexicon"]

_WORD = re.compile(r"n't|[a-zα-ωµ]+\d+[a-z0-9]*|[a-zα-ωµ]+|\d+(?:[.,]\d+)*[a-z]*|[^\W]")
_FAMILY = re.compile(
    r"(?<=.{5})(?:ational|ation|ition|atori|ativ|ment|ance|ence|anc|enc|ant|ent|ical|ion|ous|ist"
    r"|ic|al|iv|er|or|at|iz|is|i|e)$"
)


def _spelling(word: str) -> str:
    """American spelling of a British one, applied alike to every word that is compared."""
    if len(word) < 6:
        return {"metre": "meter", "fibre": "fiber", "litre": "liter"}.get(word, word)
    word = word.replace("ae", "e").replace("oe", "e")
    word = re.sub(r"our(?=$|s$|ed$|ing$|al$|ally$|able$)", "or", word)
    word = re.sub(r"is(?=e$|es$|ed$|ing$|ation$|ations$)", "iz", word)
    return re.sub(r"([tb])re(?=s?$)", r"\1er", word)


@lru_cache(maxsize=50_000)
def key_of(word: str) -> str:
    """What words of one family share: spelling made one, stem, derivational ending dropped."""
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return word
    return _FAMILY.sub("", stem(_spelling(word)))


@lru_cache(maxsize=20_000)
def keys_of(phrase: str) -> tuple[str, ...]:
    """Keys of a phrase's words; each Chinese character is a word."""
    return tuple(key_of(word) for word in _split(phrase.lower()))


def _split(text: str) -> list[str]:
    words: list[str] = []
    for match in _WORD.finditer(text):
        word = match.group()
        words.extend(word if is_cjk(word[0]) else (word,))
    return words


class Phrases:
    """Finds the phrases of a table in a row of words or keys; names say what a phrase belongs to.

    Args:
        entries: Phrases with the name each belongs to.
        keyed: Whether words of one family match (`detect`, `detection`), or only the very words.
    """

    def __init__(self, entries: Iterable[tuple[str, str]], *, keyed: bool = True) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], frozenset[str]]] = {}
        for phrase, name in entries:
            keys = keys_of(phrase) if keyed else tuple(_split(phrase.lower()))
            if keys:
                bucket = self._by_first.setdefault(keys[0], {})
                bucket[keys] = bucket.get(keys, frozenset()) | {name}
        self._lengths = {
            first: sorted({len(keys) for keys in bucket}, reverse=True)
            for first, bucket in self._by_first.items()
        }

    def all(self, keys: Sequence[str]) -> list[tuple[int, int, frozenset[str]]]:
        """Every phrase that stands in the row: `(first, end, names)`."""
        found: list[tuple[int, int, frozenset[str]]] = []
        for first, key in enumerate(keys):
            for length in self._lengths.get(key, ()):
                names = self._by_first[key].get(tuple(keys[first : first + length]))
                if names is not None and first + length <= len(keys):
                    found.append((first, first + length, names))
        return found

    def longest(self, keys: Sequence[str]) -> list[tuple[int, int, frozenset[str]]]:
        """The longest phrases from left to right, without overlap."""
        kept: list[tuple[int, int, frozenset[str]]] = []
        reached = 0
        for first, end, names in self.all(keys):
            if first >= reached:
                kept.append((first, end, names))
                reached = end
        return kept


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The tables of one language; see the data files for what each holds."""

    synonyms: Phrases
    cues: Phrases
    free: Phrases
    function: Phrases
    negatives: Mapping[str, frozenset[str]]
    poles: Phrases


@lru_cache(maxsize=2)
def lexicon(language: Language) -> Lexicon:
    """The tables of a language, read once."""
    cues = tomllib.loads(_file(f"cues.{language}.toml"))
    groups = _groups(f"synonyms.{language}.txt")
    synonyms = [(member, f"g{n}") for n, group in enumerate(groups) for member in group]
    synonyms += _general(language, Phrases(synonyms))
    negatives = {
        word: _concepts(positive, Phrases(synonyms)) for word, positive in cues["negatives"].items()
    }
    entries = [(word, name) for name, words in cues["cues"].items() for word in words]
    entries += [(word, f"negative:{word}") for word in negatives]
    free = [(word, kind) for kind, words in cues["free"].items() for word in words]
    function = [(word, kind) for word, kind in free if kind != "frames"]
    poles = [
        (word, f"{axis}.{pole}")
        for axis, sides in cues["poles"].items()
        for pole, words in enumerate(sides)
        for word in words
    ]
    return Lexicon(
        synonyms=Phrases(synonyms),
        cues=Phrases(entries, keyed=False),
        free=Phrases(free, keyed=False),
        function=Phrases(function, keyed=False),
        negatives=negatives,
        poles=Phrases(poles, keyed=False),
    )


def _general(language: Language, known: Phrases) -> list[tuple[str, str]]:
    """`specific > general`: in a quote, not in a claim, the specific word carries the general one too."""
    entries: list[tuple[str, str]] = []
    for line in _lines(f"general.{language}.txt"):
        specific, _, general = line.partition(">")
        names = {name for word in general.split("|") for name in _concepts(word, known)}
        entries += [(word, f">{name}") for word in specific.split("|") for name in names]
    return entries


def _concepts(phrase: str, known: Phrases) -> frozenset[str]:
    keys = keys_of(phrase)
    whole = [names for first, end, names in known.all(keys) if (first, end) == (0, len(keys))]
    own = {keys[0]} if len(keys) == 1 else {" ".join(keys)}
    return frozenset(own).union(*whole)


def _groups(name: str) -> list[list[str]]:
    return [[word.strip() for word in line.split("|")] for line in _lines(name)]


def _lines(name: str) -> list[str]:
    lines = (line.strip() for line in _file(name).splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _file(name: str) -> str:
    return resources.files("radcite.core.grounding").joinpath("data", name).read_text("utf-8")
