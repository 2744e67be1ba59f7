import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.pacs import PacsQuery, PacsStudy
from radcite.core.pseudonym import pseudonym
from radcite.ingestion.archive_studies import take_studies
from radcite.ingestion.removal import leaving, remove
from tests.ingestion.studio import SECRET, open_studio

CT = "1.3.6.1.4.1.5962.1.2.1.20040119072730.12322"
MR = "1.3.6.1.4.1.5962.1.2.4.20040826185059.5457"


class FlakyArchive:
    """An archive of one object a study that breaks off its first transfers."""

    def __init__(self, broken: int) -> None:
        self.broken = broken
        self.sent: list[str] = []

    async def studies(self, query: PacsQuery, limit: int = 50) -> Sequence[PacsStudy]:
        raise NotImplementedError

    async def instances(self, uid: str, folder: Path) -> AsyncIterator[Path]:
        self.sent.append(uid)
        name = {CT: "CT_small.dcm", MR: "MR_small.dcm"}[uid]
        path = folder / "000000"
        shutil.copy(str(get_testdata_file(name, download=False)), path)
        yield path
        if len(self.sent) <= self.broken:
            raise DependencyDown("RETRIEVAL_UNAVAILABLE", "archive: broken off")

    async def probe(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


STUDIES = [PacsStudy(uid=CT, instances=1), PacsStudy(uid=MR, instances=1)]


async def test_a_broken_transfer_is_begun_again_and_a_whole_study_not_fetched_twice(
    tmp_path: Path,
) -> None:
    archive = FlakyArchive(broken=2)
    async with open_studio(tmp_path / "home") as studio:
        first = await take_studies(studio.ingestor, archive, STUDIES, "default", pause_seconds=0)
        assert (first.cases, first.images, first.quarantined) == (2, 2, ())
        assert archive.sent == [CT] * 3 + [MR]
        again = await take_studies(studio.ingestor, archive, STUDIES, "default")
        assert (again.cases, again.skipped) == (0, 2)
        grown = [STUDIES[0].model_copy(update={"instances": 2})]
        assert (await take_studies(studio.ingestor, archive, grown, "default")).skipped == 1
        assert len(archive.sent) == 5


async def test_a_forgotten_study_is_taken_again_from_the_archive(tmp_path: Path) -> None:
    archive = FlakyArchive(broken=0)
    async with open_studio(tmp_path / "home") as studio:
        await take_studies(studio.ingestor, archive, STUDIES, "default")
        stores, case = studio.ingestor.stores, pseudonym(SECRET, "study", CT)
        removed = await remove(stores, await leaving(stores, "default", cases=[case]))
        assert removed.cases == 1
        again = await take_studies(studio.ingestor, archive, STUDIES, "default")
        assert (again.cases, again.skipped) == (1, 1)
        assert archive.sent == [CT, MR, CT]
        assert await studio.ledger.case("default", case) is not None


async def test_an_archive_that_stays_down_ends_the_run_and_keeps_what_came(tmp_path: Path) -> None:
    archive = FlakyArchive(broken=9)
    async with open_studio(tmp_path / "home") as studio:
        with pytest.raises(DependencyDown, match="RETRIEVAL_UNAVAILABLE") as caught:
            await take_studies(studio.ingestor, archive, STUDIES, "default", pause_seconds=0)
        assert isinstance(caught.value, RadciteError)
        assert (await studio.ledger.counts("default"))["cases"] == 0


class CorrectedArchive(FlakyArchive):
    """An archive in which a study is given to its right patient after it was fetched."""

    async def instances(self, uid: str, folder: Path) -> AsyncIterator[Path]:
        async for path in super().instances(uid, folder):
            if len(self.sent) > 1:
                dataset = pydicom.dcmread(path)
                dataset.PatientID = "RIGHT002"
                dataset.save_as(path)
            yield path


async def test_a_study_corrected_in_the_archive_is_fetched_again_and_corrects_its_case(
    tmp_path: Path,
) -> None:
    archive, name = CorrectedArchive(broken=0), pseudonym(SECRET, "study", CT)
    wrong, right = (
        PacsStudy(uid=CT, patient_id=patient, instances=1) for patient in ("1CT1", "RIGHT002")
    )
    async with open_studio(tmp_path / "home") as studio:
        await take_studies(studio.ingestor, archive, [wrong], "default")
        report = await take_studies(studio.ingestor, archive, [right], "default")
        assert report.quarantined == ()
        case = await studio.ledger.case("default", name)
        assert case is not None
        assert case.patient == pseudonym(SECRET, "patient", "RIGHT002")
        assert len(case.images) == 1
        assert await studio.ledger.cases_of("default", pseudonym(SECRET, "patient", "1CT1")) == []
        assert (await take_studies(studio.ingestor, archive, [right], "default")).skipped == 1
