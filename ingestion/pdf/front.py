"""What the first page says of the article: title, authors, DOI, year."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from radcite.core.normalization import is_cjk, normalize
from radcite.ingestion.articles.article_words import doi_in, letters_of, pmid_in
from radcite.ingestion.pdf.text import Line, PageLines

__all__ = ["doi_of", "pmid_of", "title_of", "year_of"]

_YEAR = re.compile(r"\b(?:19[5-9]\d|20\d\d)\b")
_DATED = re.compile(
    r"(?:©|\(c\)|copyright|published|publication date|出版|发表|收稿)"
    r".{0,60}?\b(19[5-9]\d|20\d\d)\b",
    re.IGNORECASE | re.DOTALL,
)
_DATE = re.compile(r"D:((?:19|20)\d\d)")


def title_of(stated: str, pages: Sequence[PageLines]) -> str:
    """The title in the file's own words if the first page bears it out, else the largest lines."""
    stated = normalize(stated).text
    first = pages[0].lines if pages else ()
    if _is_title(stated) and letters_of(stated) in letters_of(
        " ".join(line.text for line in first)
    ):
        return stated
    return next(_largest(first), "")


def _largest(lines: Sequence[Line]) -> Iterator[str]:
    """Runs of lines of one size, the largest first, that are long enough for a title."""
    runs = [list(run) for _, run in groupby(lines, key=lambda line: (line.size, line.block))]
    joined: list[list[Line]] = []
    for run in runs:
        if joined and abs(joined[-1][-1].size - run[0].size) < 0.1:
            joined[-1] += run
        else:
            joined.append(run)
    for run in sorted(joined, key=lambda run: -run[0].size):
        text = normalize("\n".join(line.text for line in run)).text
        if _is_title(text):
            yield text


def _is_title(text: str) -> bool:
    chinese = sum(map(is_cjk, text))
    return chinese >= 6 or (len(text.split()) >= 4 and len(text) >= 20)


def doi_of(stated: str, pages: Sequence[PageLines]) -> str | None:
    """The article's DOI: from the metadata, or the first one on the first two pages."""
    texts = [stated, *(line.text for page in pages[:2] for line in page.lines)]
    return next(filter(None, map(doi_in, texts)), None)


def pmid_of(stated: str, pages: Sequence[PageLines]) -> str | None:
    """The article's PubMed number: from the metadata, or as printed on the first page."""
    texts = [stated, *(line.text for page in pages[:1] for line in page.lines)]
    return next(filter(None, map(pmid_in, texts)), None)


def year_of(stated: str, created: str, pages: Sequence[PageLines]) -> int | None:
    """The year of publication as printed on the first page, else of the file's making."""
    text = "\n".join(line.text for line in pages[0].lines) if pages else ""
    if years := [int(match.group(1)) for match in _DATED.finditer(text)]:
        return max(years)
    if match := _YEAR.search(stated) or _DATE.match(created):
        return int(match.group(match.lastindex or 0))
    return None
