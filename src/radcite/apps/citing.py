"""The works that a batch cited, as reference managers read them."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Any, Literal

from radcite.apps.batch import ResultLine
from radcite.core.claims import Answer
from radcite.core.sources import Passage

__all__ = ["ExportFormat", "bibtex", "cited_works", "export", "ris", "table"]

ExportFormat = Literal["csv", "bibtex", "ris"]
_NO_ANSWER = "not answered"


def export(lines: Iterable[ResultLine], how: ExportFormat) -> str:
    """The text of an export.

    `csv`: a row for every claim, and one for every question without an answer, which says so.
    `bibtex`, `ris`: every cited work once, in order of first citation.
    """
    if how == "csv":
        return table(lines)
    return bibtex(cited_works(lines)) if how == "bibtex" else ris(cited_works(lines))


def cited_works(lines: Iterable[ResultLine]) -> list[Passage]:
    """One passage of each cited document, in order of first citation."""
    works: dict[str, Passage] = {}
    for line in lines:
        if isinstance(line.outcome, Answer):
            for item in line.outcome.evidence:
                if isinstance(item.source, Passage):
                    works.setdefault(item.source.document_id, item.source)
    return list(works.values())


def table(lines: Iterable[ResultLine]) -> str:
    """A CSV of claims with their quotes, sources and pages."""
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(
        ["id", "question", "claim", "support", "quote", "document", "title", "page", "doi", "pmid"]
    )
    for line in lines:
        if not isinstance(line.outcome, Answer):
            why = line.outcome.reason if line.outcome else line.error.code if line.error else ""
            rows.writerow([line.id, line.question, f"{_NO_ANSWER}: {why}", *[""] * 7])
            continue
        sources = {item.key: item.source for item in line.outcome.evidence}
        for claim in line.outcome.claims:
            for citation in claim.citations:
                source = sources[citation.evidence]
                known = source if isinstance(source, Passage) else None
                rows.writerow(
                    [
                        line.id,
                        line.question,
                        claim.text,
                        claim.support,
                        citation.quote or "",
                        known.document_id if known else claim.about,
                        known.title if known else "",
                        known.page if known and known.page else "",
                        known.doi if known and known.doi else "",
                        known.pmid if known and known.pmid else "",
                    ]
                )
    return out.getvalue()


def bibtex(works: Iterable[Passage]) -> str:
    """BibTeX entries, by bibtexparser."""
    from bibtexparser.entrypoint import (
        write_string,  # pyright: ignore[reportUnknownVariableType] - its **kwargs are bare
    )
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    entries = [
        Entry(
            "article",
            _citation_key(work, number),
            [Field(name, str(value)) for name, value in _fields(work).items()],
        )
        for number, work in enumerate(works, 1)
    ]
    return write_string(Library(list(entries)))


def ris(works: Iterable[Passage]) -> str:
    """RIS records, by rispy."""
    import rispy

    records: list[dict[str, Any]] = []
    for work in works:
        fields = _fields(work)
        named = {"title": "title", "doi": "doi", "year": "year", "url": "urls", "note": "notes"}
        record: dict[str, Any] = {"type_of_reference": "JOUR"}
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
    return {name: value for name, value in known.items() if value}


def _citation_key(work: Passage, number: int) -> str:
    word = re.search(r"[A-Za-z]{4,}", work.title)
    return f"{word.group().lower() if word else 'work'}{work.year or ''}_{number}"
