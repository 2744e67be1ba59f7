"""Studies of a DICOMweb archive taken into a collection, one at a time."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256

from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.ledger import FileRecord
from radcite.core.pacs import Pacs, PacsStudy
from radcite.core.pseudonym import content_key, pseudonym
from radcite.ingestion.discovery import FoundFile
from radcite.ingestion.ingest import Ingestor
from radcite.ingestion.report import IngestReport, Progress, joined
from radcite.ingestion.scratch import scratch_folder

__all__ = ["take_studies"]

_TRIES = 3


async def take_studies(
    ingestor: Ingestor,
    pacs: Pacs,
    studies: Sequence[PacsStudy],
    collection: str,
    progress: Progress | None = None,
    *,
    pause_seconds: float = 2.0,
) -> IngestReport:
    """Fetch each study into a temporary folder and ingest it; a broken transfer is begun again.

    A study taken whole is not fetched again while the archive tells the same of it (patient, date, description,
    modalities, number of objects) and its case is stored, so a run that was stopped goes on where it stood. What is
    fetched again takes the place of what the archive gave before. Refused objects are named by the study's number in
    the list and their own.

    Raises:
        RadciteError: As `Ingestor` and `Pacs.instances`.
        DependencyDown: `RETRIEVAL_UNAVAILABLE` when the archive fails `_TRIES` times in a row.
    """
    reports: list[IngestReport] = []
    for number, study in enumerate(studies, 1):
        key = _key(ingestor.secret, study)
        if await _is_there(ingestor, collection, key, study):
            reports.append(IngestReport.nothing(skipped=study.instances or 0))
            continue
        report = await _take(ingestor, pacs, study.uid, number, collection, progress, pause_seconds)
        reports.append(report)
        if study.instances is not None and not report.quarantined:
            await ingestor.ledger.put_files(collection, [FileRecord(key=key, state="indexed")])
    return joined(reports)


async def _take(
    ingestor: Ingestor,
    pacs: Pacs,
    uid: str,
    number: int,
    collection: str,
    progress: Progress | None,
    pause_seconds: float,
) -> IngestReport:
    async with scratch_folder() as folder:
        for attempt in range(_TRIES):
            place = folder / str(attempt)
            place.mkdir()
            try:
                found = [
                    FoundFile(path, f"study {number} #{place_in}", f"dicomweb-study:{uid}")
                    for place_in, path in enumerate(
                        [p async for p in pacs.instances(uid, place)], 1
                    )
                ]
            except DependencyDown:
                if attempt + 1 == _TRIES:
                    raise
                await asyncio.sleep(pause_seconds * 2**attempt)
                continue
            if not found:
                raise RadciteError("NOT_FOUND", "the study is empty", "检查为空")
            return await ingestor.take(found, collection, progress)
    raise AssertionError  # the last attempt returns or raises


async def _is_there(ingestor: Ingestor, collection: str, key: str, study: PacsStudy) -> bool:
    """Whether a study was taken whole, and was not forgotten since."""
    record = await ingestor.ledger.file(collection, key)
    if record is None or record.state != "indexed":
        return False
    name = pseudonym(ingestor.secret, "study", study.uid)
    return bool(await ingestor.ledger.study_objects(collection, name))


def _key(secret: bytes, study: PacsStudy) -> str:
    told = f"dicomweb-study\x1f{study.model_dump_json()}"
    return content_key(secret, sha256(told.encode()).digest())
