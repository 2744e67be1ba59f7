"""A PDF that is a patient's report is no literature: it waits for a person."""

from pathlib import Path

import pymupdf
import pytest

from radcite.core.settings import PrivacySettings
from radcite.ingestion.deid.patient_reports import headed_as_report
from tests.ingestion.studio import open_studio

REPORT = (
    "Radiology report\nPatient name: Jane Roe\nMRN: 7391155\nDate of birth: 03/04/1961  Sex: F\n"
    "Exam date: 12/05/2020\nFindings: a small left pleural effusion is seen."
)


@pytest.mark.parametrize(
    "text",
    [
        REPORT,
        "影像诊断报告\n姓名：王小明 性别：男 年龄：58岁\n住院号：0012345\n检查日期：2020-05-12\n右肺结节。",
        "Patient name\tRoe, Jane\nPatient ID\t8812\nAge\t58\nChest radiograph",
    ],
)
def test_a_patients_report_is_told_by_its_head(text: str) -> None:
    values = [text[one.start : one.end] for one in headed_as_report(text)]
    assert len(values) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "A 58-year-old man (patient 3) had an effusion. Age: median 58. Sex: 12 men, 8 women. Exam date was not kept.",
        "Request form\nPatient name: ____\nMRN: ____\nDate of birth: ____",
        "Growth of nodules in smokers. Age, sex and number of scans were recorded. " * 5,
        "患者年龄：中位数58岁。性别：男120例，女80例。检查日期均在2020年。",
    ],
)
def test_literature_and_empty_forms_are_not(text: str) -> None:
    assert headed_as_report(text) == ()


async def test_it_is_held_and_nothing_of_it_is_kept_until_a_person_lets_it_in(
    tmp_path: Path,
) -> None:
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), REPORT, fontsize=11)
        document.save(tmp_path / "a.pdf")
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(tmp_path / "a.pdf")
        assert [one.code for one in report.quarantined] == ["PHI_REVIEW"]
        assert report.documents == 0
        assert "Roe" not in report.model_dump_json()
    declared = PrivacySettings(deidentified=("default",))
    async with open_studio(tmp_path / "other") as studio:
        from dataclasses import replace

        let_in = replace(studio.ingestor, privacy=declared)
        assert (await let_in([tmp_path / "a.pdf"], "default")).documents == 1
