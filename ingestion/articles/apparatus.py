"""What stands in an article and says nothing of its subject: statements of its authors, and the journal's furniture."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, get_args

from radcite.core.normalization import is_cjk
from radcite.core.sentences import split_sentences
from radcite.core.sources import Statement, StatementKind
from radcite.ingestion.articles.apparatus_words import (
    AFFILIATED,
    CATEGORY,
    CONTAINER,
    FURNITURE,
    FURNITURE_HEADING,
    HEADINGS,
    LABELS,
    SAID_UNDER,
    STATED,
    SUBJECTS,
    VERBS,
)
from radcite.ingestion.articles.blocks import Block

__all__ = ["Aside", "asides_of", "statement_kind", "statements_of"]

_KINDS: tuple[StatementKind, ...] = get_args(StatementKind)
_OWN_APPROVAL = re.compile(
    r"\b(?:this|our|the) (?:\w+ ){0,3}(?:study|trial|protocol|research)\b.{0,80}approv"
    r"|approv\w* (?:for this|by the|from the|by our)|we obtained approval|declaration of helsinki"
    r"|not applicable|not required|伦理委员会|知情同意",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^(?:\d+(?:\.\d+)*\.?|[IVX]+\.|[一二三四五六七八九十]+[、.．])\s*")
_ADDRESS = re.compile(r"[\w.+-]+ ?@ ?[\w-]+\.[\w.-]+|orcid\.org/")
_PROMOTED = re.compile(
    r"ready to submit your research|biomedcentral\.com/submissions", re.IGNORECASE
)
_ABBREVIATED = re.compile(r"\W*abbrev|缩[略写]", re.IGNORECASE)
# What no article about something else is headed by.
_UNMISTAKABLE = frozenset({"acknowledgement", "contributions", "interests"})
_LONGEST_STATED = 900
_LONGEST_UNDER = 2_500
_LONGEST_FURNITURE = 2_000
_LONGEST_ADDRESS = 700
_EARLY, _HALF, _LATE, _LAST = 0.2, 0.5, 0.6, 0.75
_WORDS = re.compile(r"[^\W\d_]+")
_SHORT = 40
_TITLE_SHARE = 0.4
_PROSE_WORDS, _PROSE_CHINESE = 18, 40
_FRONT_BLOCKS = 16


class Aside(NamedTuple):
    """A stretch `[start, end)` of a text that is no evidence."""

    kind: StatementKind | Literal["furniture"]
    start: int
    end: int


def asides_of(
    text: str, blocks: Sequence[Block], title: str = "", authors: Sequence[str] = ()
) -> tuple[Aside, ...]:
    """The statements and the furniture among the blocks of an article, in their order.

    A statement is told by its heading or label and by what each of its sentences speaks of, or by the sentence
    it begins with; so an article about ethics keeps its sections on ethics. Captions, and tables after the
    front, always stay.

    Args:
        text: The article's text.
        blocks: Its parts in their order.
        title: Its title, which is kept beside it.
        authors: Their names, which are kept beside it.
    """
    reading = _Reading(text, blocks, title)
    found: dict[int, Aside] = {}
    for place, block in enumerate(blocks[:_FRONT_BLOCKS]):
        words = text[block.start : block.end]
        if block.kind == "paragraph" and _is_prose(words):
            break
        if block.kind != "caption" and _is_front(words, title, authors):
            found[place] = Aside("furniture", block.start, block.end)
    for place in range(len(blocks)):
        if place not in found:
            found |= reading.at(place)
    return tuple(found[place] for place in sorted(found))


def statements_of(text: str, asides: Sequence[Aside]) -> tuple[Statement, ...]:
    """The statements among the asides, to be kept beside the document."""
    return tuple(
        Statement(kind=one.kind, text=text[one.start : one.end])
        for one in asides
        if one.kind != "furniture"
    )


def statement_kind(heading: str) -> StatementKind | None:
    """Which statement a heading announces, if it announces one and nothing else."""
    plain = _plain(heading)
    return next((kind for kind in _KINDS if HEADINGS[kind].fullmatch(plain)), None)


def _plain(heading: str) -> str:
    words = " ".join(heading.replace("’", "'").split()).strip("【】[] \t")
    return _NUMBER.sub("", words).rstrip(".:： ").strip()


class _Reading:
    """One article, block by block."""

    def __init__(self, text: str, blocks: Sequence[Block], title: str) -> None:
        self._text, self._blocks = text, blocks
        self._subjects = frozenset(kind for kind in _KINDS if SUBJECTS[kind].search(title))
        self._length = max((block.end for block in blocks), default=1)

    def at(self, place: int) -> dict[int, Aside]:
        """The asides that begin with a block, by their places among the blocks."""
        block = self._blocks[place]
        words = self._text[block.start : block.end]
        if block.kind == "caption":
            return {}
        if block.kind == "heading" or len(words) <= 60:
            under = self._under(place, words)
            if under:
                return under
        if block.kind == "table" and not self._is_set_as_table(block, words):
            return {}
        if block.kind == "table" or _is_furniture(words) or self._is_address(block, words):
            return {place: Aside("furniture", block.start, block.end)}
        kind = None if block.kind == "heading" else self._stated(block, words)
        return {place: Aside(kind, block.start, block.end)} if kind else {}

    def _under(self, place: int, heading: str) -> dict[int, Aside]:
        """A heading of a statement or of furniture with the paragraphs below it that are of its kind."""
        plain, block = _plain(heading), self._blocks[place]
        kind = statement_kind(heading)
        if kind is None:
            if CONTAINER.fullmatch(plain):
                return {place: Aside("furniture", block.start, block.end)}
            if not FURNITURE_HEADING.fullmatch(plain):
                return {}
        elif self._is_subject(kind, block):
            return {}
        found = {
            after: Aside(kind or "furniture", below.start, below.end)
            for after, below in self._below(place, kind)
        }
        # A heading alone goes with what an earlier rule takes, or stands for an empty section.
        followed = self._next_kind(place)
        if found or followed in {"heading", None} or (kind is None and plain):
            found[place] = Aside(kind or "furniture", block.start, block.end)
        return found

    def _below(self, place: int, kind: StatementKind | None) -> Iterator[tuple[int, Block]]:
        taken = 0
        for after in range(place + 1, len(self._blocks)):
            below = self._blocks[after]
            words = self._text[below.start : below.end]
            if below.kind in {"heading", "table"} or statement_kind(words):
                return
            if below.kind == "caption":
                continue
            taken += len(words)
            if taken > _LONGEST_UNDER or not self._belongs(kind, below, words):
                return
            yield after, below

    def _belongs(self, kind: StatementKind | None, block: Block, words: str) -> bool:
        if kind is None:
            return _is_furniture(words) or self._is_address(block, words) or _supplements(words)
        if kind == "contributions":
            return len(words) < _SHORT or SAID_UNDER[kind].search(words) is not None
        if kind == "ethics":
            return self._is_ethical(block, words)
        return _all_speak(kind, words)

    def _is_ethical(self, block: Block, words: str) -> bool:
        """Whether words under a heading on ethics are the study's approval and no more."""
        late = block.start >= _HALF * self._length
        return (late or _all_speak("ethics", words)) and _is_of_this_study(words)

    def _is_set_as_table(self, block: Block, words: str) -> bool:
        """Whether what looks like a table is a list of addresses on the first pages, or an advertisement."""
        early = block.start < _EARLY * self._length
        return _PROMOTED.search(words) is not None or (early and _is_affiliation(words))

    def _next_kind(self, place: int) -> str | None:
        return self._blocks[place + 1].kind if place + 1 < len(self._blocks) else None

    def _stated(self, block: Block, words: str) -> StatementKind | None:
        """The kind of a paragraph that is a statement from its label or its first sentence on."""
        shown = words.replace("’", "'").lstrip("*∗•· \t")
        for kind in _KINDS:
            if self._is_subject(kind, block):
                continue
            label = LABELS[kind].match(shown)
            fits = label and len(words) <= _LONGEST_UNDER
            if label and fits and self._holds_under(kind, block, shown[label.end() :]):
                return kind
            short = len(words) <= _LONGEST_STATED
            if short and STATED[kind].match(shown) and _all_speak(kind, words):
                return kind
        return None

    def _holds_under(self, kind: StatementKind, block: Block, rest: str) -> bool:
        if kind in _UNMISTAKABLE or not rest.strip():
            return True
        if kind == "ethics":
            return self._is_ethical(block, rest)
        return SAID_UNDER[kind].search(rest) is not None

    def _is_subject(self, kind: StatementKind, block: Block) -> bool:
        """Whether the article is about what its authors otherwise state: only its end is a statement then."""
        return kind in self._subjects and block.start < _LAST * self._length

    def _is_address(self, block: Block, words: str) -> bool:
        """Whether a block at either end of the article tells where its authors are found."""
        if len(words) > _LONGEST_UNDER or _EARLY < block.start / self._length < _LATE:
            return False
        if len(words) <= _LONGEST_ADDRESS and _ADDRESS.search(words) and not _is_prose(words):
            return True
        return _is_affiliation(words)


def _is_furniture(words: str) -> bool:
    shown = words.replace("’", "'").strip()
    if CATEGORY.fullmatch(shown):
        return True
    return len(shown) <= _LONGEST_FURNITURE and any(rule.match(shown) for rule in FURNITURE)


def _supplements(words: str) -> bool:
    return bool(
        re.search(
            r"online version|supplementary|additional file|supporting|\((?:tif|docx?|xlsx?|pdf|zip)\)",
            words,
            re.IGNORECASE,
        )
    )


def _is_affiliation(words: str) -> bool:
    commas = sum(words.count(sign) for sign in ",，;；")
    if commas < 2 or "=" in words or _ABBREVIATED.match(words):
        return False
    if not AFFILIATED.search(words) or VERBS.search(words):
        return False
    letters = [word for word in re.findall(r"[^\W\d_]+", words) if len(word) > 3]
    capital = sum(not word[0].islower() for word in letters)
    return bool(letters) and capital >= 0.6 * len(letters)


def _all_speak(kind: StatementKind, words: str) -> bool:
    """Whether every sentence speaks of what the statement is about."""
    said = [words[start:end] for start, end in split_sentences(words)]
    return all(SAID_UNDER[kind].search(one) or len(one) < 25 for one in said)


def _is_of_this_study(words: str) -> bool:
    """Whether what is said of ethics is said of the article's own study."""
    said = (words[start:end].lstrip() for start, end in split_sentences(words))
    stated = any(STATED["ethics"].search(one) for one in said)
    return stated or _OWN_APPROVAL.search(words) is not None


def _is_prose(words: str) -> bool:
    chinese = sum(map(is_cjk, words))
    if chinese:
        return chinese >= _PROSE_CHINESE and "。" in words
    return len(words.split()) >= _PROSE_WORDS and len(VERBS.findall(words)) >= 2 and "." in words


def _is_front(words: str, title: str, authors: Sequence[str]) -> bool:
    """Whether a block above the first prose repeats what is kept beside the article, or is the journal's."""
    if _is_furniture(words) or _is_affiliation(words):
        return True
    letters = _letters(words)
    if not letters:
        return False
    whole = _letters(title)
    if whole and (letters in whole or whole in letters):
        return _TITLE_SHARE * len(whole) <= len(letters) < 2 * len(whole) + 400
    names = frozenset(_WORDS.findall(" ".join(authors).casefold()))
    said = [word for word in _WORDS.findall(words.casefold()) if len(word) > 1]
    return bool(names) and sum(word in names for word in said) >= 0.5 * len(said)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalpha())
