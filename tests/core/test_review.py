"""The steps of a review: what may be decided and signed, and what is refused."""

import pytest

from radcite.core.claims import Condition, DifferentialItem
from radcite.core.errors import RadciteError
from radcite.core.report_filling import fill, lay_out
from radcite.core.report_form import FormField, ReportForm
from radcite.core.review import Judgement, Report
from radcite.core.review_steps import amend, decide, sign
from tests.contracts.review import AT, draft


def decided() -> Report:
    return decide(decide(draft(), "F1", "accepted"), "F2", "edited", words="Small effusion.")


def test_a_decision_can_be_changed_until_the_report_is_signed() -> None:
    report = decide(draft(), "F1", "rejected", reason="not seen")
    report = decide(report, "F1", "edited", words="Small effusion.", reason="size")
    assert report.findings[0].wording == "Small effusion."
    assert report.findings[0].text == draft().findings[0].text
    assert report.pending == ("F2",)


@pytest.mark.parametrize(
    ("decision", "words", "reason"),
    [
        ("edited", None, None),
        ("edited", "  ", None),
        ("accepted", "other words", None),
        ("rejected", None, None),
        ("rejected", None, " "),
        ("edited", "x" * 4_001, None),
        ("edited", "left \u202e right", None),
        ("rejected", None, "\x1b[2J"),
    ],
)
def test_a_decision_without_what_it_needs_is_refused_in_both_languages(
    decision: Judgement, words: str | None, reason: str | None
) -> None:
    with pytest.raises(RadciteError, match="VALIDATION") as refused:
        decide(draft(), "F1", decision, words=words, reason=reason)
    assert refused.value.detail != refused.value.detail_zh


def test_the_differential_goes_with_the_cases_that_were_rejected() -> None:
    def item(code: str, key: str) -> DifferentialItem:
        condition = Condition(code=code, system="local", display={"en": code, "zh": code})
        return DifferentialItem(
            condition=condition, probability=0.4, in_conformal_set=None, supporting=(key,)
        )

    report, (first, second) = draft(), draft().findings
    other = second.citations[0].model_copy(update={"evidence": "E2"})
    cases = (
        first.model_copy(update={"about": "case:a"}),
        second.model_copy(update={"about": "case:b", "citations": (other,)}),
    )
    items = (item("embolism", "E1"), item("effusion", "E2"), item("nodule", "E3"))
    report = report.model_copy(update={"findings": cases, "differential": items})
    assert report.upheld == items
    some = decide(report, "F1", "rejected", reason="unlike")
    assert [one.condition.code for one in some.upheld] == ["effusion", "nodule"]
    assert decide(some, "F2", "rejected", reason="unlike").upheld == ()


def test_an_unknown_finding_is_not_found() -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        decide(draft(), "F3", "accepted")


def test_a_report_with_a_pending_finding_cannot_be_signed() -> None:
    with pytest.raises(RadciteError, match="F2") as refused:
        sign(decide(draft(), "F1", "accepted"), "Dr Ann Lee", AT)
    assert "F2" in refused.value.detail_zh


def test_a_report_of_nothing_but_rejections_cannot_be_signed() -> None:
    report = decide(draft(), "F1", "rejected", reason="no")
    with pytest.raises(RadciteError, match="nothing to sign"):
        sign(decide(report, "F2", "rejected", reason="no"), "Dr Ann Lee", AT)


def test_a_report_in_the_doctors_own_words_alone_is_signed() -> None:
    report = decide(draft(), "F1", "rejected", reason="belongs to another patient")
    report = decide(report, "F2", "rejected", reason="belongs to another patient")
    fields = (FormField(id="impression", title="Impression", required=True),)
    laid = lay_out(report, ReportForm(template="general.v1", title="Report", fields=fields))
    with pytest.raises(RadciteError, match="required headings are empty"):
        sign(laid, "Dr Ann Lee", AT)
    assert sign(fill(laid, "impression", "Normal."), "Dr Ann Lee", AT).signed


@pytest.mark.parametrize("signer", ["", "  \n", "x" * 201, "a\x1b[2Jb"])
def test_a_signer_has_a_name(signer: str) -> None:
    with pytest.raises(RadciteError, match="by name|control characters"):
        sign(decided(), signer, AT)


def test_a_chinese_name_signs() -> None:
    assert sign(decided(), " 李 安 ", AT).signatures[0].signer == "李 安"


def test_only_a_signed_report_is_amended_and_with_a_reason() -> None:
    with pytest.raises(RadciteError, match="only a signed report"):
        amend(decided(), "typo")
    with pytest.raises(RadciteError, match="reason"):
        amend(sign(decided(), "Dr Ann Lee", AT), " ")


def test_the_digest_tells_a_changed_word_signer_or_time() -> None:
    report = sign(decided(), "Dr Ann Lee", AT)
    other = report.signatures[0].model_copy(update={"signer": "Dr Bo Wu"})
    later = report.signatures[0].model_copy(update={"signed_at": "2026-01-03"})
    changed = report.findings[0].model_copy(update={"text": "Right pleural effusion."})
    assert report.intact
    for forged in (
        {"signatures": (other,)},
        {"signatures": (later,)},
        {"findings": (changed, report.findings[1])},
    ):
        assert not report.model_copy(update=forged).intact
