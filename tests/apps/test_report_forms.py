"""Templates lay a draft out, and required headings hold a signature back."""

import json

import pytest

from radcite.apps.reporting.fhir import fhir_bundle
from radcite.apps.reporting.forms import chosen, laid_out, templates
from radcite.apps.reporting.markdown import markdown
from radcite.core.claims import CaseLocation, Citation
from radcite.core.errors import RadciteError
from radcite.core.report_filling import fill, lay_out
from radcite.core.review import Report
from radcite.core.review_steps import amend, check_successor, decide, sign
from radcite.core.sources import Language
from tests.contracts.review import AT, draft

XRAY = "chest-xray.v1"


def laid() -> Report:
    return lay_out(draft(), laid_out(draft(), XRAY))


def filled(report: Report) -> Report:
    for field in report.form.fields if report.form else ():
        if field.required:
            report = fill(report, field.id, f"words on {field.id}")
    return report


def accepted(report: Report) -> Report:
    return decide(decide(report, "F1", "accepted"), "F2", "accepted")


def about_a_case() -> Report:
    """A draft whose two statements are about a similar case."""
    place = CaseLocation(case_id="k", field="report", start=0, end=4)
    cited = (Citation(evidence="E1", quote="Left pleural effusion", place=place),)
    made = draft()
    findings = tuple(
        one.model_copy(update={"about": "case:k", "citations": cited}) for one in made.findings
    )
    return made.model_copy(update={"findings": findings})


def test_every_template_is_in_both_languages_and_ends_in_what_the_reader_concludes() -> None:
    assert {one.id for one in templates()} == {
        *("brain-mr.v1", "chest-ct.v1", "chest-xray.v1"),
        *("general.v1", "mammography.v1", "pathology.v1"),
    }
    for one in templates():
        assert one.fields[-1].id in {"impression", "diagnosis"}
        assert one.fields[-1].required
        assert sum(field.measured for field in one.fields) == 1
        assert sum(field.rest for field in one.fields) == 1
        assert len({field.id for field in one.fields}) == len(one.fields)
        for field in one.fields:
            assert field.en.isascii() or "–" in field.en
            assert any("\u4e00" <= letter <= "\u9fff" for letter in field.zh)


@pytest.mark.parametrize(
    ("modality", "body_part", "template"),
    [
        ("CR", "CHEST", "chest-xray.v1"),
        ("DX", "", "general.v1"),
        ("CT", "Chest", "chest-ct.v1"),
        ("CT", "ABDOMEN", "general.v1"),
        ("MR", "BRAIN", "brain-mr.v1"),
        ("MG", "", "mammography.v1"),
        ("SM", "", "pathology.v1"),
        ("US", "NECK", "general.v1"),
    ],
)
def test_the_template_follows_modality_and_body_part(
    modality: str, body_part: str, template: str
) -> None:
    assert chosen(draft(), [(modality, body_part)]) == template


@pytest.mark.parametrize("language", ["en", "zh"])
def test_statements_stand_under_the_heading_their_words_belong_to(language: Language) -> None:
    report = draft().model_copy(update={"language": language})
    form = laid_out(report, XRAY)
    placed = {field.id: field.findings for field in form.fields if field.findings}
    assert placed == {"pleura": ("F1", "F2")}
    assert form.title == ("胸部X线摄影" if language == "zh" else "Chest radiograph")


def test_an_unknown_template_is_not_found() -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        laid_out(draft(), "knee.v1")


def test_a_required_heading_that_is_empty_holds_the_signature_back() -> None:
    report = accepted(laid())
    with pytest.raises(RadciteError, match="Impression") as refused:
        sign(report, "Dr Ann Lee", AT)
    assert "Pleura" not in refused.value.detail, "an accepted finding of the image fills it"
    signed = sign(filled(report), "Dr Ann Lee", AT)
    assert (signed.status, signed.intact, signed.missing) == ("final", True, ())


def test_a_statement_about_a_similar_case_fills_no_heading() -> None:
    report = about_a_case()
    report = accepted(lay_out(report, laid_out(report, XRAY)))
    assert "pleura" in {field.id for field in report.missing}
    assert "Left pleural effusion" not in markdown(report).partition("## Similar cases")[0]


def test_a_signed_version_takes_no_words_and_an_amendment_begins_with_them() -> None:
    signed = sign(filled(accepted(laid())), "Dr Ann Lee", AT)
    for step in (fill, lay_out):
        with pytest.raises(RadciteError, match="VALIDATION"):
            fill(signed, "heart", "x") if step is fill else lay_out(signed, laid_out(signed, XRAY))
    opened = fill(amend(signed, "second reading"), "heart", "Enlarged.")
    check_successor(amend(signed, "second reading"), opened)
    assert opened.form is not None
    assert {one.id: one.text for one in opened.form.fields}["lungs"] == "words on lungs"


def test_what_was_written_after_the_signature_is_noticed() -> None:
    signed = sign(filled(accepted(laid())), "Dr Ann Lee", AT)
    assert signed.form is not None
    fields = (
        signed.form.fields[0].model_copy(update={"text": "slipped in"}),
        *signed.form.fields[1:],
    )
    form = signed.form.model_copy(update={"fields": fields})
    assert not signed.model_copy(update={"form": form}).intact


def test_another_template_keeps_what_stands_under_the_same_heading() -> None:
    report = fill(laid(), "impression", "Left effusion.")
    report = fill(lay_out(report, laid_out(report, "general.v1")), "findings", "一行\n 二行 ")
    assert report.form is not None
    texts = {one.id: one.text for one in report.form.fields}
    assert (texts["impression"], texts["findings"]) == ("Left effusion.", "一行\n二行")


@pytest.mark.parametrize("text", ["a\x1b[2J", "left \u202e right", "x" * 8_001])
def test_words_that_steer_a_terminal_or_never_end_are_refused(text: str) -> None:
    with pytest.raises(RadciteError, match="VALIDATION"):
        fill(laid(), "impression", text)


def test_headings_and_words_leave_with_every_export() -> None:
    report = sign(filled(accepted(laid())), "Dr Ann Lee", AT)
    told = markdown(report)
    assert "### Impression\n\nwords on impression" in told
    bundle = json.loads(fhir_bundle(report))["entry"][0]["resource"]
    assert "Impression\nwords on impression" in bundle["conclusion"]
    assert "Left pleural effusion." in bundle["conclusion"]
