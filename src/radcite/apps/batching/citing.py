"""What a batch said and cited, as spreadsheets and reference managers read it."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TextIO

from radcite.apps.batching.results import ResultLine
from radcite.apps.rendering import NOT_ANSWERED, cited
from radcite.core.claims import Answer, Citation, ImageLocation, PageLocation
from radcite.core.sources import Passage, Source

__all__ = ["SUFFIXES", "ListFormat", "cited_works", "safe_cell", "write_list"]

ListFormat = Literal["csv", "bibtex", "ris"]
SUFFIXES: dict[ListFormat, str] = {"csv": ".csv", "bibtex": ".bib", "ris": ".ris"}
_COLUMNS = [
    "id",
    "question",
    "status",
    "claim",
    "support",
    "quote",
    "document",
    "title",
    "page",
    "year",
    "doi",
    "pmid",
]
_NOT_RECORDED = "not recorded"
# What a spreadsheet would take for a formula.
_FORMULA = re.compile(r"^[=+@\t\r-]")


def write_list(lines: Iterable[ResultLine], how: ListFormat, out: TextIO) -> None:
    """Write an export.

    `csv`: a row for every citation, and one for every question without an answer, whose status says why;
    no cell is left blank for what is not known. `bibtex`, `ris`: every cited work once, in order of first citation.
    """
    if how == "csv":
        rows = csv.writer(out)
        rows.writerow(_COLUMNS)
        for line in lines:
            rows.writerows([safe_cell(cell) for cell in row] for row in _rows(line))
    else:
        out.write((_bibtex if how == "bibtex" else _ris)(cited_works(lines)))


def safe_cell(cell: object) -> str:
    """A text that no spreadsheet runs: an apostrophe before what would open a formula."""
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) and not _is_number(text) else text


def cited_works(lines: Iterable[ResultLine]) -> list[Passage]:
    """One passage of each document that some claim cites, in order of first citation."""
    works: dict[str, Passage] = {}
    for line in lines:
        if isinstance(line.outcome, Answer):
            for item in cited(line.outcome):
                if isinstance(item.source, Passage):
                    works.setdefault(item.source.document_id, item.source)
    return list(works.values())


def _rows(line: ResultLine) -> Iterator[list[object]]:
    outcome = line.outcome
    if outcome is None:
        code = line.error.code if line.error else "INTERNAL"
        yield [line.id, line.question, f"failed: {code}", *["not asked"] * (len(_COLUMNS) - 3)]
    elif isinstance(outcome, Answer):
        sources = {item.key: item.source for item in outcome.evidence}
        for claim in outcome.claims:
            for citation in claim.citations:
                told = [claim.text, claim.support, _quoted(citation)]
                known = _known(sources[citation.evidence], citation)
                yield [line.id, line.question, "reported", *told, *known]
    else:
        status = NOT_ANSWERED[outcome.reason][outcome.language]
        yield [line.id, line.question, status, *[status] * (len(_COLUMNS) - 3)]


def _quoted(citation: Citation) -> str:
    if citation.quote is not None:
        return citation.quote
    place = citation.place
    if not isinstance(place, ImageLocation):
        return _NOT_RECORDED
    told = "figure" if place.on_page is not None else "measured"
    return f"{told}: {place.observation.value}"


def _known(source: Source, citation: Citation) -> list[object]:
    if not isinstance(source, Passage):
        name = getattr(source, "case_id", None) or getattr(source, "term_id", None) or source.kind
        return [f"{source.kind} {name}", *[_NOT_RECORDED] * 5]
    place = citation.place
    pages = (
        "; ".join(map(str, sorted({box.page for box in place.boxes})))
        if isinstance(place, PageLocation)
        else source.page
    )
    if isinstance(place, ImageLocation) and place.on_page is not None:
        pages = place.on_page.page
    known = (source.document_id, source.title, pages, source.year, source.doi, source.pmid)
    return [value or _NOT_RECORDED for value in known]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", text) is not None


def _bibtex(works: Iterable[Passage]) -> str:
    from bibtexparser.entrypoint import (
        write_string,  # pyright: ignore[reportUnknownVariableType] - its **kwargs are bare
    )
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    entries = [
        Entry(
            "article",
            _citation_key(work, number),
            [
                *(
                    [Field("author", " and ".join(map(_flat, work.authors)))]
                    if work.authors
                    else []
                ),
                *(Field(name, str(value)) for name, value in _fields(work).items()),
            ],
        )
        for number, work in enumerate(works, 1)
    ]
    return write_string(Library(list(entries)))


def _ris(works: Iterable[Passage]) -> str:
    import rispy

    records: list[dict[str, Any]] = []
    for work in works:
        fields = _fields(work)
        named = {"title": "title", "doi": "doi", "year": "year", "url": "urls", "note": "notes"}
        record: dict[str, Any] = {"type_of_reference": "JOUR"}
        if work.authors:
            record["authors"] = [_flat(author) for author in work.authors]
        for name, ris_name in named.items():
            if value := fields.get(name):
                record[ris_name] = [value] if ris_name in {"urls", "notes"} else str(value)
        records.append(record)
    return rispy.dumps(records)


def _fields(work: Passage) -> dict[str, str | int]:
    known: dict[str, str | int | None] = {
        "title": work.title or work.document_id,
        "year": work.year,
        "doi": work.doi,
        "url": work.source_url,
        "note": f"PMID {work.pmid}" if work.pmid else None,
    }
    return {
        name: _flat(value) if isinstance(value, str) else value
        for name, value in known.items()
        if value
    }


def _flat(text: str) -> str:
    """On one line and without braces: a title must not end its own field or record."""
    return " ".join(re.sub(r"[{}]", "", text).split())


def _citation_key(work: Passage, number: int) -> str:
    word = re.search(r"[A-Za-z]{4,}", work.title)
    return f"{word.group().lower() if word else 'work'}{work.year or ''}_{number}"
