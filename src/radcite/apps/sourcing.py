"""What `radcite ingest` is given: files and folders, and sources named by a scheme."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from radcite.core.errors import RadciteError
from radcite.core.literature import LiteratureSource
from radcite.core.pacs import Pacs, PacsQuery, PacsStudy
from radcite.ingestion.scratch import scratch_folder

if TYPE_CHECKING:
    from radcite.apps.wiring import House
    from radcite.ingestion.ingest import Ingestor
    from radcite.ingestion.report import IngestReport, Progress

__all__ = ["StudyChoice", "take_sources"]

_SCHEME = re.compile(r"(dicomweb|pubmed|pmc|europepmc):(.*)", re.DOTALL)
_MOST_STUDIES = 10_000
_FIELDS = re.compile(r"\s*(\w+)=(\"[^\"]*\"|\S+)")


class StudyChoice:
    """Which studies of an archive are meant.

    Args:
        studies: Study Instance UIDs.
        query: `patient=…`, `date=…` and `modality=…` as of `PacsQuery`, parted by blanks; "" for none.

    Raises:
        RadciteError: `VALIDATION` for another field or a value of another form.
    """

    def __init__(self, studies: Sequence[str] = (), query: str = "") -> None:
        self.queries = [_query({"study": uid}) for uid in studies]
        if query.strip():
            self.queries.append(_query(_fields(query)))

    async def of(self, archive: Pacs) -> list[PacsStudy]:
        """The studies, each once.

        Raises:
            RadciteError: `VALIDATION` where nothing was chosen, `NOT_FOUND` for a choice without any study.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        if not self.queries:
            raise RadciteError(
                "VALIDATION", "an archive needs --study or --query", "归档需要 --study 或 --query"
            )
        found: dict[str, PacsStudy] = {}
        for query in self.queries:
            listed = await archive.studies(query, _MOST_STUDIES)
            if not listed:
                raise RadciteError("NOT_FOUND", "no study matches", "没有匹配的检查")
            found |= {one.uid: one for one in listed}
        return list(found.values())


async def take_sources(
    house: "House",
    sources: Sequence[str],
    collection: str,
    jobs: int = 2,
    progress: "Progress | None" = None,
    choice: StudyChoice | None = None,
    limit: int = 200,
) -> "IngestReport":
    """Take each source into the collection; the report is of them all.

    It is on record before anything is read.

    Args:
        house: The open data folder.
        sources: Paths, `dicomweb:URL`, `pubmed:QUERY`, `pmc:PMCID…`, `europepmc:QUERY`.
        collection: Where they go.
        jobs: How many files are read at once.
        progress: Told of bytes read.
        choice: Which studies of an archive.
        limit: How many articles of a query at most.

    Raises:
        RadciteError: As `Ingestor`, `StudyChoice.of`, `take_studies` and `LiteratureSource.files`.
        DependencyDown: `RETRIEVAL_UNAVAILABLE`.
    """
    async with house.auditor().guard("ingest"):
        await house.auditor().note("ingest", "ingest", collection=collection)
        return await _taken(house, sources, collection, jobs, progress, choice, limit)


async def _taken(
    house: "House",
    sources: Sequence[str],
    collection: str,
    jobs: int,
    progress: "Progress | None",
    choice: StudyChoice | None,
    limit: int,
) -> "IngestReport":
    from radcite.ingestion.archive_studies import take_studies
    from radcite.ingestion.report import joined

    ingestor = house.ingestor(jobs)
    named = [_SCHEME.match(each) for each in sources]
    paths = [Path(each) for each, scheme in zip(sources, named, strict=True) if scheme is None]
    reports = [await ingestor(paths, collection, progress)] if paths else []
    for scheme, rest in (each.groups() for each in named if each):
        if scheme == "dicomweb":
            archive = house.archive(rest)
            studies = await (choice or StudyChoice()).of(archive)
            reports.append(await take_studies(ingestor, archive, studies, collection, progress))
        else:
            source = house.literature_source(scheme)
            reports.append(
                await _take_literature(ingestor, source, rest, limit, collection, scheme)
            )
    return joined(reports)


async def _take_literature(
    ingestor: "Ingestor",
    source: LiteratureSource,
    query: str,
    limit: int,
    collection: str,
    scheme: str,
) -> "IngestReport":
    """Each file as it comes; what was taken stays when the service breaks off."""
    from radcite.ingestion.discovery import FoundFile
    from radcite.ingestion.report import joined

    reports: list[IngestReport] = []
    async with scratch_folder() as folder:
        async for path in source.files(query, folder, limit):
            name = f"{scheme} #{len(reports) + 1}"
            reports.append(await ingestor.take([FoundFile(path, name)], collection))
            path.unlink()
    return joined(reports)


def _fields(query: str) -> Mapping[str, str]:
    fields = {name: value.strip('"') for name, value in _FIELDS.findall(query)}
    if _FIELDS.sub("", query).strip():
        raise _wrong()
    return fields


def _query(fields: Mapping[str, str]) -> PacsQuery:
    try:
        return PacsQuery.model_validate(fields)
    except ValidationError as exc:
        raise _wrong() from exc


def _wrong() -> RadciteError:
    return RadciteError(
        "VALIDATION",
        "a study is named by its UID, a query has patient=, date=YYYYMMDD[-YYYYMMDD] or modality=",
        "检查以其 UID 指定；查询可用 patient=、date=YYYYMMDD[-YYYYMMDD] 或 modality=",
    )
