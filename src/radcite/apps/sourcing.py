"""What `radcite ingest` is given: files and folders, and sources named by a scheme."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from radcite.core.errors import RadciteError
from radcite.core.pacs import Pacs, PacsQuery, PacsStudy

if TYPE_CHECKING:
    from radcite.apps.wiring import House
    from radcite.ingestion.report import IngestReport, Progress

__all__ = ["StudyChoice", "take_sources"]

_ARCHIVE = "dicomweb:"
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
) -> "IngestReport":
    """Take each source into the collection; the report is of them all.

    Raises:
        RadciteError: As `Ingestor`, `StudyChoice.of` and `take_studies`.
        DependencyDown: `RETRIEVAL_UNAVAILABLE`.
    """
    from radcite.ingestion.archive_studies import take_studies
    from radcite.ingestion.report import joined

    ingestor = house.ingestor(jobs)
    reports: list[IngestReport] = []
    if paths := [Path(each) for each in sources if not each.startswith(_ARCHIVE)]:
        reports.append(await ingestor(paths, collection, progress))
    for each in sources:
        if each.startswith(_ARCHIVE):
            archive = house.archive(each.removeprefix(_ARCHIVE))
            studies = await (choice or StudyChoice()).of(archive)
            reports.append(await take_studies(ingestor, archive, studies, collection, progress))
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
