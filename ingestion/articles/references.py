"""Entries of an article's list of references, with what their text tells of them."""

import re
from collections.abc import Iterator, Sequence

from radcite.core.sources import Reference
from radcite.ingestion.articles.article_words import doi_in, pmid_in

__all__ = ["listed", "reference"]

_URL = re.compile(r"(?:https?://|www\.|\b10\.\d{4,9}/)\S+")
_YEAR = r"(?:19[2-9]\d|20[0-4]\d)"
# Where it stands in the common styles: (2019), 2019; or 2019. A page number seldom does.
_PLACED_YEAR = re.compile(rf"\(({_YEAR})[a-z]?\b|\b({_YEAR})[a-z]?(?=\s*[;.:,)，。；])")
_ANY_YEAR = re.compile(rf"\b{_YEAR}\b")
_LONGEST = 1_200
_FEWEST = 3
# So many numbers that are not found, one after another, do not end a list.
_MISSED = 3


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
        paragraphs: What stands below the heading, in order. An entry may be broken over them, and one may hold several.
    """
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
