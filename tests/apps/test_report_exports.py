"""PDF, DICOM SR and FHIR R4: each read back by another reader, and each as final as its signature."""

import json
import unicodedata
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pydicom
import pymupdf
import pytest
from fhir.resources.R4B import get_fhir_model_class
from highdicom.sr import srread
from pydicom.data import get_testdata_file

from radcite.apps.reporting.export import ExportForm, exported
from radcite.core.errors import RadciteError
from radcite.core.report_filling import lay_out
from radcite.core.report_form import FormField, ReportForm
from radcite.core.review import Report
from radcite.core.review_steps import amend, decide, sign
from tests.contracts.review import AT, draft

WORDS = "左侧少量胸腔积液，深约 12 mm；0.5 µm · 3 cm²；<b>α ≥ 2</b> & 余"


def edited() -> Report:
    report = draft().model_copy(update={"language": "zh"})
    return decide(decide(report, "F1", "edited", words=WORDS), "F2", "rejected", reason="未评估")


def signed() -> Report:
    return sign(edited(), "李安医生", AT)


def amended() -> Report:
    return sign(amend(signed(), "再次阅片"), "Dr Bo^Wu\\x", AT)


def document(report: Report) -> pydicom.Dataset:
    return pydicom.dcmread(BytesIO(exported(report, "sr")))


def test_the_pdf_holds_chinese_and_signs_and_every_font_it_needs() -> None:
    file = pymupdf.open("pdf", exported(signed(), "pdf"))
    text = " ".join(page.get_text() for page in file)
    assert WORDS in text
    assert "李安医生" in text
    assert "No pneumothorax" not in text
    fonts = [font for page in file for font in page.get_fonts(full=True)]
    assert fonts
    assert all(font[1] != "n/a" for font in fonts)
    pixels = file[0].get_pixmap(dpi=50)
    assert len(set(pixels.samples[:: pixels.n])) > 1


@pytest.mark.parametrize(
    ("report", "marked"), [(edited(), True), (signed(), False), (amend(signed(), "再"), True)]
)
def test_every_page_of_what_is_not_signed_is_marked(report: Report, marked: bool) -> None:
    long = tuple(report.findings[0].model_copy(update={"id": f"F{n}"}) for n in range(1, 60))
    grown = report.model_copy(update={"findings": long}) if marked else report
    file = pymupdf.open("pdf", exported(grown, "pdf"))
    assert [("DRAFT, not signed" in page.get_text()) for page in file] == [marked] * len(file)
    assert len(file) > 1 or not marked


@pytest.mark.parametrize(
    ("report", "flags"),
    [
        (edited(), ("PARTIAL", "UNVERIFIED", "PRELIMINARY")),
        (signed(), ("COMPLETE", "VERIFIED", "FINAL")),
        (amend(signed(), "再次阅片"), ("PARTIAL", "UNVERIFIED", "PRELIMINARY")),
        (amended(), ("COMPLETE", "VERIFIED", "FINAL")),
    ],
    ids=["draft", "signed", "open amendment", "amended"],
)
def test_the_sr_is_verified_only_when_this_version_is_signed(
    report: Report, flags: tuple[str, str, str]
) -> None:
    made = document(report)
    assert (made.CompletionFlag, made.VerificationFlag, made.PreliminaryFlag) == flags
    assert ("VerifyingObserverSequence" in made) == report.signed
    assert ("PredecessorDocumentsSequence" in made) == (report.version > 1)


def test_the_sr_is_read_back_with_its_finding_subject_and_signer() -> None:
    made = document(signed())
    observer = made.VerifyingObserverSequence[0]
    assert str(observer.VerifyingObserverName) == "李安医生^"
    assert observer.VerificationDateTime.startswith("20260102030405")
    read = srread(BytesIO(exported(signed(), "sr")))
    [group] = read.content.get_image_measurement_groups()
    assert group.tracking_identifier == "F1"
    [subject] = group.get_qualitative_evaluations()
    assert subject.value.meaning == "The asked image"
    texts = {
        item.name.meaning: item.TextValue
        for item in group[0].ContentSequence
        if "TextValue" in item
    }
    assert texts["Finding"] == WORDS
    assert made.PatientID == "P-0123456789abcdef"
    assert made.PatientIdentityRemoved == "YES"


def test_a_statement_about_a_similar_case_is_no_finding_of_the_sr() -> None:
    report = edited()
    about = report.findings[0].model_copy(update={"about": "case:c1"})
    made = srread(BytesIO(exported(report.model_copy(update={"findings": (about,)}), "sr")))
    [group] = made.content.get_image_measurement_groups()
    assert group.get_qualitative_evaluations()[0].value.meaning == "A similar case, not the patient"
    assert "Finding" not in {item.name.meaning for item in group[0].ContentSequence}


def test_with_the_images_own_file_the_sr_belongs_to_its_study() -> None:
    content = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
    report = edited().model_copy(update={"images": (sha256(content).hexdigest(),)})
    made = pydicom.dcmread(BytesIO(exported(report, "sr", [content])))
    source = pydicom.dcmread(BytesIO(content))
    assert made.StudyInstanceUID == source.StudyInstanceUID
    assert made.PatientID == source.PatientID
    [study] = made.CurrentRequestedProcedureEvidenceSequence
    referenced = study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert referenced.ReferencedSOPInstanceUID == source.SOPInstanceUID
    with pytest.raises(RadciteError, match="not an image of the report"):
        exported(edited(), "sr", [content])


@pytest.mark.parametrize(
    ("report", "status"), [(edited(), "preliminary"), (signed(), "final"), (amended(), "amended")]
)
def test_the_r4_bundle_has_no_element_that_r4_lacks(report: Report, status: str) -> None:
    made = json.loads(exported(report, "fhir-r4"))
    kinds = [entry["resource"]["resourceType"] for entry in made["entry"]]
    assert {"DiagnosticReport", "Observation", "Device", "ImagingStudy"} <= set(kinds)
    for entry in made["entry"]:
        kind = entry["resource"]["resourceType"]
        get_fhir_model_class(kind).model_validate(entry["resource"])
    report_of = made["entry"][0]["resource"]
    assert report_of["status"] == status
    assert report_of["imagingStudy"]
    assert not {"note", "study"} & set(report_of)
    assert "&lt;b&gt;" not in report_of["conclusion"]


@pytest.mark.parametrize("form", ["pdf", "sr", "fhir-r4"])
def test_an_altered_version_leaves_in_no_form(form: ExportForm) -> None:
    with pytest.raises(RadciteError, match="altered"):
        exported(signed().model_copy(update={"collection": "other"}), form)


def in_own_words() -> Report:
    """A report of which nothing that was drafted is kept."""
    report = draft()
    for name in ("F1", "F2"):
        report = decide(report, name, "rejected", reason="belongs to another patient")
    field = FormField(id="impression", title="Impression", required=True, text="Normal chest.")
    form = ReportForm(template="general.v1", title="Imaging report", fields=(field,))
    return sign(lay_out(report, form), "Dr Ann Lee", AT)


@pytest.mark.parametrize("form", ["md", "pdf", "fhir", "fhir-r4", "sr"])
def test_a_report_in_own_words_alone_is_exported_in_every_form(form: ExportForm) -> None:
    made = exported(in_own_words(), form)
    if form == "pdf":
        made = "".join(page.get_text() for page in pymupdf.open("pdf", made)).encode()
    assert b"Normal chest." in made
    assert b"pleural effusion" not in made
    assert form not in {"md", "pdf"} or b"Findings" not in made


@pytest.mark.parametrize("form", ["md", "pdf"])
def test_what_is_said_of_other_patients_stands_under_its_own_title(form: ExportForm) -> None:
    report = signed_with_a_case()
    made = exported(report, form)
    if form == "pdf":
        made = "".join(page.get_text() for page in pymupdf.open("pdf", made)).encode()
    # A PDF joins some letters.
    text = unicodedata.normalize("NFKC", made.decode())
    own, _, rest = text.partition("Similar cases consulted (other patients)")
    assert "Left pleural effusion." in own.partition("Findings")[2]
    assert "No pneumothorax." not in own
    assert "No pneumothorax." in rest


def signed_with_a_case() -> Report:
    report = draft()
    other = report.findings[1].model_copy(update={"about": "case:c1"})
    report = report.model_copy(update={"findings": (report.findings[0], other)})
    for name in ("F1", "F2"):
        report = decide(report, name, "accepted")
    return sign(report, "Dr Ann Lee", AT)
