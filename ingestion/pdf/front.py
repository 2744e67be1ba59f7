"""What the first page says of the article: title, authors, DOI, year."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, takewhile

from radcite.core.normalization import is_cjk, normalize
from radcite.ingestion.articles.article_words import letters_of
from radcite.ingestion.pdf.layout import Part
from radcite.ingestion.pdf.text import Line, PageLines

__all__ = ["own_words", "title_of", "year_of"]

_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20\d\d)(?!\d)")
_DATED = re.compile(
    r"(?:©|\(c\)|copyright|published|publication date|出版|发表|收稿)"
    r".{0,60}?(?<!\d)(19[5-9]\d|20\d\d)(?!\d)",
    re.IGNORECASE | re.DOTALL,
)
_FRONT_PAGES = 2
_RUNNING_CHARS = 120
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


def own_words(
    title: str, pages: Sequence[PageLines], parts: Sequence[Part], apart: Collection[int]
) -> list[str]:
    """Where the first two pages say what the article itself is: running heads, what stands above the text, furniture.

    Args:
        title: The article's title, above which no text stands.
        pages: All lines.
        parts: What they were arranged to, running heads left out.
        apart: The places of those parts that are furniture of the journal.
    """
    kept = {id(line) for part in parts for line in part.lines}
    heads = [line.text for page in pages[:2] for line in page.lines if id(line) not in kept]
    whole = letters_of(title)
    early = takewhile(lambda i: parts[i].lines[0].page == 1, range(len(parts)))
    titled = (i for i in early if whole in letters_of(parts[i].text))
    below = range(next(titled, 0), len(parts))
    first = next((i for i in below if _is_running(parts[i])), len(parts))
    others = [
        part.text
        for i, part in enumerate(parts)
        if part.lines[0].page <= _FRONT_PAGES and (i < first or i in apart)
    ]
    # A line that says so goes before one that merely holds what looks like a DOI.
    return sorted([*heads, *others], key=lambda text: "doi" not in text.lower())


def _is_running(part: Part) -> bool:
    return part.kind == "body" and len(part.text) >= _RUNNING_CHARS


def year_of(stated: str, created: str, pages: Sequence[PageLines]) -> int | None:
    """The year of publication as printed on the first page, else of the file's making."""
    text = "\n".join(line.text for line in pages[0].lines) if pages else ""
    if years := [int(match.group(1)) for match in _DATED.finditer(text)]:
        return max(years)
    if match := _YEAR.search(stated) or _DATE.match(created):
        return int(match.group(match.lastindex or 0))
    return None
