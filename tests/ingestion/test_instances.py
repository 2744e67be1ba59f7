"""What a DICOM file gave stands as long as some file gives it, and says what the file says now."""

import shutil
import sqlite3
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID

from radcite.backends.state.vault import SqliteVault
from radcite.core.ledger import FileState
from radcite.core.sources import Case
from radcite.ingestion.discovery import digest_of
from radcite.ingestion.removal import leaving, remove, with_members
from radcite.tools.cases import CaseRequest
from tests.ingestion.studio import Studio, open_studio, write_dicom
from tests.ingestion.test_superseding import key_of, pictures

BASIC_TEXT_SR = "1.2.840.10008.5.1.4.1.1.88.11"
LEFT = "OLDWORDS left pneumothorax."
RIGHT = "NEWWORDS right pneumothorax."


def rewritten(path: Path, to: Path | None = None, **values: object) -> Path:
    """The same object with other header values."""
    dataset = pydicom.dcmread(path)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.save_as(to or path)
    return to or path


def compressed(path: Path, to: Path | None = None) -> Path:
    """The same object, run-length encoded."""
    dataset = pydicom.dcmread(path)
    dataset.compress("1.2.840.10008.1.2.5", generate_instance_uid=False)
    dataset.save_as(to or path)
    return to or path


def write_report(path: Path, words: str, *, instance: int, study: int = 1) -> Path:
    """A structured report of one sentence in the study that `write_dicom` makes."""
    dataset = pydicom.dcmread(write_dicom(path, instance=instance, study=study))
    for keyword in ("PixelData", "Rows", "Columns", "ImagePositionPatient"):
        delattr(dataset, keyword)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = UID(BASIC_TEXT_SR)
    dataset.Modality, dataset.SeriesInstanceUID = "SR", f"{dataset.SeriesInstanceUID}.{instance}"
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", words
    dataset.ValueType, dataset.ContentSequence = "CONTAINER", [item]
    dataset.save_as(path)
    return path


async def stored(studio: Studio) -> list[Case]:
    found: list[Case] = []
    for name in (await studio.ledger.stored_before("default", "9999"))[1]:
        case = await studio.ledger.case("default", name)
        assert case is not None
        found.append(case)
    return found


async def found_by(studio: Studio, words: str) -> list[str]:
    hits = await studio.cases(CaseRequest(query=words, mode="sparse"))
    return [hit.source.case_id for hit in hits if isinstance(hit.source, Case)]


async def states(studio: Studio) -> Mapping[FileState, int]:
    return await studio.ledger.count_files("default")


async def test_a_file_rewritten_in_another_transfer_syntax_keeps_its_case(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "in" / "a.dcm", instance=10)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(path)
        before = await stored(studio)
        compressed(path)
        assert (await studio.take(path)).skipped == 1
        assert await stored(studio) == before
        assert await found_by(studio, "CHEST") == [before[0].case_id]
        assert pictures(studio) == [before[0].images[0].digest]
        assert await states(studio) == {"indexed": 1}
        assert (await studio.take(path)).skipped == 1
        assert await stored(studio) == before


async def test_a_header_corrected_in_place_corrects_the_case(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "in" / "a.dcm", instance=10)
    rewritten(path, PatientID="WRONG001", ImageLaterality="L")
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(path)
        (wrong,) = await stored(studio)
        rewritten(path, PatientID="RIGHT002", ImageLaterality="R")
        report = await studio.take(path)
        assert report.quarantined == ()
        (right,) = await stored(studio)
        assert right.case_id == wrong.case_id
        assert right.patient not in {None, wrong.patient}
        assert right.images[0].laterality == "R"
        assert pictures(studio) == [digest_of(path).hex()]
        assert await studio.ledger.cases_of("default", wrong.patient or "") == []
        (point,) = [
            one
            for one in await studio.ledger.points_of("default", right.case_id)
            if one.kind == "image"
        ]
        assert point.payload["patient"] == right.patient


async def test_a_corrected_header_elsewhere_is_a_conflict_until_the_wrong_file_is_held(
    tmp_path: Path,
) -> None:
    wrong = write_dicom(tmp_path / "one" / "a.dcm", instance=10)
    right = rewritten(wrong, tmp_path / "b.dcm", PatientID="RIGHT002")
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(wrong)
        (before,) = await stored(studio)
        report = await studio.take(right)
        assert [one.code for one in report.quarantined] == ["INSTANCE_CONFLICT"]
        assert await stored(studio) == [before]
        await studio.ingestor.withdraw("default", [key_of(wrong)])
        assert await stored(studio) == []
        await studio.take(right)
        (after,) = await stored(studio)
        assert after.patient not in {None, before.patient}


async def test_a_wrong_file_that_only_moved_still_stands_against_the_corrected_one(
    tmp_path: Path,
) -> None:
    path = write_dicom(tmp_path / "in" / "a.dcm", instance=10)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        before = await stored(studio)
        shutil.copy(path, tmp_path / "in" / "z.dcm")
        rewritten(path, PatientID="RIGHT002")
        report = await studio.take(tmp_path / "in")
        assert [(one.file, one.code) for one in report.quarantined] == [
            ("a.dcm", "INSTANCE_CONFLICT")
        ]
        assert await stored(studio) == before
        assert await states(studio) == {"indexed": 1, "quarantined": 1}
        assert pictures(studio) == [before[0].images[0].digest]


async def test_a_copy_in_another_transfer_syntax_keeps_the_case_when_the_first_file_is_held(
    tmp_path: Path,
) -> None:
    first = write_dicom(tmp_path / "a.dcm", instance=10)
    twin = compressed(first, tmp_path / "b.dcm")
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(first, twin)
        before = await stored(studio)
        removed = await studio.ingestor.withdraw("default", [key_of(first)])
        assert (removed.cases, removed.changed) == (0, 0)
        assert await stored(studio) == before
        assert pictures(studio) == [before[0].images[0].digest]
        removed = await studio.ingestor.withdraw("default", [key_of(twin)])
        assert removed.cases == 1
        assert (await stored(studio), pictures(studio)) == ([], [])


async def test_the_words_of_a_replaced_report_leave_the_case(tmp_path: Path) -> None:
    image = write_dicom(tmp_path / "in" / "ct.dcm", instance=10)
    report = write_report(tmp_path / "in" / "sr.dcm", LEFT, instance=50)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        (before,) = await stored(studio)
        assert "OLDWORDS" in before.report
        write_report(report, RIGHT, instance=51)
        await studio.take(tmp_path / "in")
        (after,) = await stored(studio)
        assert after.report == RIGHT
        assert len(after.series) == 2
        assert after.images == before.images
        assert await found_by(studio, "OLDWORDS") == []
        assert await found_by(studio, "NEWWORDS") == [after.case_id]
        assert pictures(studio) == [digest_of(image).hex()]


async def test_the_words_of_a_held_report_leave_and_come_back_with_it(tmp_path: Path) -> None:
    write_dicom(tmp_path / "in" / "ct.dcm", instance=10)
    report = write_report(tmp_path / "in" / "sr.dcm", LEFT, instance=50)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        before = await stored(studio)
        removed = await studio.ingestor.withdraw("default", [key_of(report)])
        assert (removed.cases, removed.changed) == (0, 1)
        (held,) = await stored(studio)
        assert (held.report, len(held.series)) == ("", 1)
        assert await found_by(studio, "OLDWORDS") == []
        assert b"OLDWORDS" not in (studio.home / "ledger.sqlite").read_bytes()
        await studio.take(tmp_path / "in")
        assert await stored(studio) == before
        assert await found_by(studio, "OLDWORDS") == [before[0].case_id]


async def test_a_held_key_slice_gives_its_place_to_another(tmp_path: Path) -> None:
    for instance in (10, 11, 12):
        write_dicom(tmp_path / "in" / f"{instance}.dcm", instance=instance)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        await studio.ingestor.withdraw("default", [key_of(tmp_path / "in" / "11.dcm")])
        (case,) = await stored(studio)
        assert [one.digest for one in case.images] == [digest_of(tmp_path / "in" / "12.dcm").hex()]
        assert (await studio.ledger.counts("default"))["images"] == 1
        await studio.take(tmp_path / "in")
        (case,) = await stored(studio)
        assert [one.digest for one in case.images] == [digest_of(tmp_path / "in" / "11.dcm").hex()]


async def test_two_patients_in_one_study_are_two_cases(tmp_path: Path) -> None:
    for instance, patient in ((10, "A111"), (20, "B222")):
        rewritten(
            write_dicom(tmp_path / "in" / f"{patient}.dcm", instance=instance), PatientID=patient
        )
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(tmp_path / "in")
        assert [one.code for one in report.warnings] == ["PATIENTS_MIXED"]
        first, second = await stored(studio)
        assert len({first.patient, second.patient, None}) == 3
        assert [len(each.images) for each in (first, second)] == [1, 1]
        assert (await studio.take(tmp_path / "in")).skipped == 2
        assert await stored(studio) == [first, second]


@pytest.mark.parametrize("held", [True, False])
async def test_a_vaulted_identity_leaves_with_the_patients_last_case(
    tmp_path: Path, held: bool
) -> None:
    path = rewritten(write_dicom(tmp_path / "a.dcm", instance=10), PatientID="WRONG001")
    async with open_studio(tmp_path / "home") as studio:
        vault = SqliteVault(studio.home / "vault.sqlite")
        ingestor = replace(studio.ingestor, vault=vault)
        await ingestor([path], "default")
        (case,) = await stored(studio)
        await vault.keep(case.patient or "", b"sealed", over=True)
        if held:
            removed = await ingestor.withdraw("default", [key_of(path)])
            assert removed.identities == 1
        else:
            rewritten(path, PatientID="RIGHT002")
            await ingestor([path], "default")
        assert await vault.count() == 0
        await vault.close()


def left_by_version_2(home: Path) -> None:
    """Make of a ledger what an earlier radcite would have left: cases alone, without the objects they are made of."""
    with sqlite3.connect(home / "ledger.sqlite") as db:
        db.execute("DROP TABLE objects")
        db.execute("PRAGMA user_version = 2")
    db.close()


async def test_a_study_of_an_earlier_version_stays_whole_when_more_of_it_comes(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    for instance in (10, 11, 12):
        write_dicom(folder / f"{instance}.dcm", instance=instance)
    write_report(folder / "sr.dcm", LEFT, instance=50)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(folder)
        before = await stored(studio)
    left_by_version_2(tmp_path / "home")
    async with open_studio(tmp_path / "home") as studio:
        assert await stored(studio) == before
        more = write_report(tmp_path / "more" / "sr.dcm", RIGHT, instance=51)
        await studio.take(more)
        (joined,) = await stored(studio)
        assert joined.images == before[0].images
        assert joined.report == f"{LEFT}\n\n{RIGHT}"
        assert [len(one.objects) for one in joined.series] == [3, 1, 1]
        report = await studio.take(folder)
        assert (report.cases, report.quarantined) == (0, ())
        assert await stored(studio) == [joined]
        assert (await studio.take(folder)).skipped == 4


async def test_the_words_of_an_earlier_version_leave_with_the_report_that_may_have_said_them(
    tmp_path: Path,
) -> None:
    write_dicom(tmp_path / "in" / "ct.dcm", instance=10)
    report = write_report(tmp_path / "in" / "sr.dcm", LEFT, instance=50)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        before = await stored(studio)
    left_by_version_2(tmp_path / "home")
    async with open_studio(tmp_path / "home") as studio:
        await studio.ingestor.withdraw("default", [key_of(report)])
        (held,) = await stored(studio)
        assert (held.report, held.images) == ("", before[0].images)
        await studio.take(tmp_path / "in")
        assert await stored(studio) == before


def zipped(path: Path, *members: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.write(member, member.name)
    return path


async def test_an_archive_is_opened_again_for_what_was_forgotten_of_it(tmp_path: Path) -> None:
    first, second = (
        write_dicom(tmp_path / f"{study}.dcm", instance=10, study=study) for study in (1, 2)
    )
    archive = zipped(tmp_path / "a.zip", first, second)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(archive)
        before = await stored(studio)
        stores = studio.ingestor.stores
        await remove(stores, await leaving(stores, "default", cases=[before[0].case_id]))
        assert await stored(studio) == before[1:]
        report = await studio.take(archive)
        assert (report.cases, report.skipped) == (1, 1)
        assert sorted(one.case_id for one in await stored(studio)) == [
            one.case_id for one in before
        ]
        assert (await studio.take(archive)).skipped == 1


async def test_a_held_archive_takes_its_members_out_that_stand_nowhere_else(tmp_path: Path) -> None:
    first, second = (
        write_dicom(tmp_path / f"{study}.dcm", instance=10, study=study) for study in (1, 2)
    )
    archive = zipped(tmp_path / "a.zip", first, second)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(archive, second)
        going = await with_members(studio.ledger, "default", [key_of(archive)])
        assert going == [key_of(archive), key_of(first)]
        assert (await studio.ingestor.withdraw("default", going)).cases == 1
        assert len(await stored(studio)) == 1


async def test_an_archive_with_a_refused_member_is_opened_again(tmp_path: Path) -> None:
    good = write_dicom(tmp_path / "good.dcm", instance=10)
    cut = tmp_path / "cut.dcm"
    cut.write_bytes(good.read_bytes()[:-200])
    archive = zipped(tmp_path / "a.zip", good, cut)
    async with open_studio(tmp_path / "home") as studio:
        for skipped in (0, 1):
            report = await studio.take(archive)
            assert [one.code for one in report.quarantined] == ["DICOM_TRUNCATED"]
            assert report.skipped == skipped


async def test_what_stands_for_no_patient_is_no_patient(tmp_path: Path) -> None:
    for study, patient in enumerate(("UNKNOWN", "Anonymous", "000", "N/A", "匿名", "A-1"), 1):
        path = write_dicom(tmp_path / "in" / f"{study}.dcm", instance=10, study=study)
        rewritten(path, SpecificCharacterSet="ISO_IR 192", PatientID=patient)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        known = [one.patient for one in await stored(studio) if one.patient]
        assert len(known) == 1
