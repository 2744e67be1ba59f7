"""The list of references in an article: where it stands, its entries, and what their text tells of them."""

import re
from collections.abc import Iterator, Sequence

from radcite.core.normalization import is_cjk
from radcite.core.sources import Reference
from radcite.ingestion.articles.article_words import doi_in, pmid_in
from radcite.ingestion.articles.blocks import Block

__all__ = ["heads_references", "listed", "reference", "with_list_marked"]

_HEADING = re.compile(
    r"\W*(?:\d+[.\d]*|[IVX]+\.|[一二三四五六七八九十]+[、.．])?\s*"
    r"(?:(?:list of |cited |selected )?references?(?: list| cited)?"
    r"(?: and (?:notes|further reading|links|recommended reading))?|notes and references"
    r"|(?:selected )?bibliography|(?:cited )?literature(?: cited)?|works cited"
    r"|(?:主\s*要\s*)?参\s*考\s*(?:文\s*献|资\s*料)|引\s*用\s*文\s*献)[\]】]?\s*(?:[:：.]|(?=\s|$))",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\W*1(?!\d)[\].)]?\s")
# What may follow a list and is none of it, though it names works in its turn.
_AFTER = re.compile(
    r"\W*(?:[A-Z]\.\s*|\d+\.?\s*)?(?:(?:online |electronic )?(?:supplement|appendi[xc]|annex)|supporting information"
    r"|figure (?:legends?|captions?)|legends?\b|tables?\b|附\s*[录表件图]|补\s*充)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*\[?\d{1,3}[\].)]?\s")
_LOCATED = re.compile(
    r"\b10\.\d{4,9}/|https?://|www\.|\bPM(?:C?ID)\b|\bdoi\b|[\d)]\s*[:：]\s*[a-z]{0,3}\d+|\[[JMCDRSPNA](?:/OL)?\]"
    r"|\bpp?\.\s*\d",
    re.IGNORECASE,
)
_AUTHORED = re.compile(
    r"\bet al\b|[^\W\d_]{2,},? (?:[A-Z]\.? ?){1,3}(?=[,.;:]|\s*\(|\Z)|等[.．,，]"
)
_URL = re.compile(r"(?:https?://|www\.|\b10\.\d{4,9}/)\S+")
_YEAR = r"(?:19[2-9]\d|20[0-4]\d)"
# Where it stands in the common styles: (2019), 2019; or 2019. A page number seldom does.
_PLACED_YEAR = re.compile(rf"\(({_YEAR})[a-z]?\b|\b({_YEAR})[a-z]?(?=\s*[;.:,)，。；])")
_ANY_YEAR = re.compile(rf"\b{_YEAR}\b")
_LONGEST = 1_200
_OPENING = 600
_LONG_WORDS, _LONG_CHINESE = 40, 80
_AHEAD = 3
_FEWEST = 3
# So many numbers that are not found, one after another, do not end a list.
_MISSED = 3


def heads_references(text: str) -> bool:
    """Whether a text is the heading of a list of references, or begins with it and the list's first number."""
    found = _HEADING.match(text)
    if found is None:
        return False
    rest = text[found.end() :].strip(" \t\n:：.")
    return not rest or _FIRST.match(rest) is not None


def with_list_marked(text: str, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks of an article, those of its lists of references marked as such.

    A list begins with its heading where entries follow, or in the second half. It ends with the next heading of
    something else or with prose; captions and tables that float in it, and what follows it, are none of it.
    """
    found = _Lists(text, blocks).places()
    return tuple(
        block.model_copy(update={"kind": "reference"}) if place in found else block
        for place, block in enumerate(blocks)
    )


class _Lists:
    """One article, of which the lists of references are looked for."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._text, self._blocks = text, blocks
        self._length = max((block.end for block in blocks), default=0)

    def places(self) -> frozenset[int]:
        found: set[int] = set()
        inside = False
        for place, block in enumerate(self._blocks):
            if block.kind == "caption":
                continue
            if self._begins(place):
                inside = True
            elif inside and self._ends(place):
                inside = False
            if inside and not self._floats(place):
                found.add(place)
        return frozenset(found)

    def _words(self, place: int) -> str:
        return self._text[self._blocks[place].start : self._blocks[place].end]

    def _begins(self, place: int) -> bool:
        if not heads_references(self._words(place)):
            return False
        late = 2 * self._blocks[place].start > self._length
        return late or _is_entry(self._words(place)) or self._entries_follow(place)

    def _ends(self, place: int) -> bool:
        words = self._words(place)
        if self._blocks[place].kind == "table" or _is_entry(words):
            return False
        if self._blocks[place].kind == "heading":
            return _AFTER.match(words) is not None or not self._entries_follow(place)
        short = len(words) <= _OPENING
        return (short and _AFTER.match(words) is not None) or _is_prose(words)

    def _floats(self, place: int) -> bool:
        """Whether a table, or the note below one, stands in the list by the chance of the page."""
        kinds = [block.kind for block in self._blocks[max(place - 1, 0) : place]]
        words = self._words(place)
        if self._blocks[place].kind == "table":
            return kinds == ["caption"] or not _is_entry(words)
        told = _NUMBERED.match(words) or _LOCATED.search(words)
        return kinds == ["table"] and self._floats(place - 1) and told is None

    def _entries_follow(self, place: int) -> bool:
        after = range(place + 1, len(self._blocks))
        some = [one for one in after if self._blocks[one].kind != "caption"][:_AHEAD]
        return any(_is_entry(self._words(one)) for one in some)


def _is_entry(words: str) -> bool:
    """Whether a text begins with an entry or the rest of one: where a work is found, and who wrote it or when."""
    opening = words[:_OPENING]
    dated = re.search(_YEAR, opening) is not None
    authored = _AUTHORED.search(opening) is not None
    if _LOCATED.search(opening):
        return dated or authored or _NUMBERED.match(opening) is not None
    return dated and authored and _NUMBERED.match(opening) is not None


def _is_prose(words: str) -> bool:
    """Whether a text is longer than an entry would be without telling where a work is found."""
    opening = words[:_OPENING]
    if _LOCATED.search(opening):
        return False
    return len(opening.split()) >= _LONG_WORDS or sum(map(is_cjk, opening)) >= _LONG_CHINESE


def reference(text: str, doi: str | None = None, pmid: str | None = None) -> Reference:
    """An entry, with its DOI, PubMed number and year as far as they are given or stand in its text."""
    return Reference(
        text=text,
        doi=doi or doi_in(text),
        pmid=pmid or pmid_in(text),
        year=_year_in(text),
    )


def _year_in(text: str) -> int | None:
    plain = _URL.sub(" ", text)
    if placed := _PLACED_YEAR.search(plain):
        return int(placed.group(1) or placed.group(2))
    any_year = _ANY_YEAR.search(plain)
    return int(any_year.group()) if any_year else None


def listed(paragraphs: Sequence[str]) -> tuple[Reference, ...]:
    """The entries of a list: parted by its running numbers, or one a paragraph where it has none.

    Args:
        paragraphs: The blocks of the list in order, with or without its heading. An entry may be broken over them,
            and one may hold several.
    """
    paragraphs = [
        _HEADING.sub("", one, count=1) if heads_references(one) else one for one in paragraphs
    ]
    whole = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    entries = list(_numbered(whole))
    if len(entries) < _FEWEST:
        entries = whole.split("\n")
    cleaned = (entry.replace("\n", " ").strip()[:_LONGEST] for entry in entries)
    return tuple(reference(entry) for entry in cleaned if any(map(str.isalpha, entry)))


def _numbered(text: str) -> Iterator[str]:
    """What stands between 1, 2, 3 … where each opens a paragraph, or follows one in the style of the first."""
    start = re.search(r"(?:^|\n)(\[?)1([.\])]?)(?=\s)", text)
    if start is None:
        return
    opens, ends = map(re.escape, start.groups())
    # A bare number follows the end of an entry; one with a point or in brackets is seldom anything else.
    before = r"(?<=\S)" if opens or ends else r"(?<=[.\])/\w])"
    number, at = 1, start.end()
    while True:
        follows = (
            re.compile(rf"(?:\n|{before}\s){opens}{after}{ends}(?=\s+\S)").search(text, at)
            for after in range(number + 1, number + 1 + _MISSED)
        )
        found = next(filter(None, follows), None)
        if found is None:
            # The last one ends with its paragraph.
            yield text[at:].split("\n", 1)[0]
            return
        yield text[at : found.start()]
        number, at = int(re.sub(r"\D", "", found.group())), found.end()
