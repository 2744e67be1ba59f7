import json
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import pytest

from radcite.core.claims import Answer, CharLocation, Citation, Claim, Evidence
from radcite.core.ports import Verdict
from radcite.core.sources import Passage
from radcite.evals.metrics.chest_labels import LABELS, NO_FINDING, chest_labels, shared_labels
from radcite.evals.metrics.citations import citation_scores, judges_agree
from radcite.evals.metrics.probabilities import (
    area_under_risk,
    auprc,
    auroc,
    brier,
    coverage_of_sets,
    debiased_ece,
    interval_of_calibration,
    rarer,
    row_of_statistic,
)
from radcite.evals.metrics.texts import bleu, chrf, exact_match, rouge_l, token_f1, words_of
from tests.apps.outcomes import answered


def test_chinese_words_are_counted_by_character() -> None:
    assert rouge_l("肺结节随访", "肺结节随访") == 1
    assert rouge_l("肺结节", "肺结节随访") == pytest.approx(2 * 3 / 8)
    assert rouge_l("", "x") == 0
    assert token_f1("the lung", "lung") == pytest.approx(2 / 3)


def test_bleu_and_chrf_are_one_for_the_same_words_and_nothing_for_none() -> None:
    for words in ("Small left pleural effusion today.", "左侧少量胸腔积液，建议随访"):
        assert bleu(words, ["another", words]) == pytest.approx(1)
        assert chrf(words, [words]) == pytest.approx(1)
        assert bleu("", [words]) == chrf(" ", [words]) == 0
    assert 0 < bleu("左侧胸腔积液", ["左侧少量胸腔积液"]) < 1


def test_an_exact_match_forgives_case_marks_and_articles_only() -> None:
    assert exact_match("The Left Lung.", "left lung")
    assert not exact_match("left lungs", "left lung")
    assert not exact_match("", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [("interferon-γ", "interferon-α"), ("TNF-α", "TNF-β"), ("5 µg", "5 g"), ("Sjögren", "Sjgren")],
)
def test_letters_of_every_alphabet_tell_words_apart(one: str, other: str) -> None:
    assert not exact_match(one, other)
    assert exact_match(one, one.upper())


def test_words_of_both_languages_stand_side_by_side() -> None:
    assert words_of("Sjögren综合征，IFN-γ 5 μg") == [
        *("sjögren", "综", "合", "征"),
        *("ifn-γ", "5", "μg"),
    ]


def test_order_is_scored_only_where_both_classes_are() -> None:
    scores, labels = np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])
    assert auroc(scores, labels) == pytest.approx(0.75)
    assert auprc(scores, labels) == pytest.approx(0.8333, abs=1e-4)
    assert auroc(scores, np.zeros(4)) is None
    assert auprc(scores, np.zeros(4)) is None
    assert auroc(np.array([1.0, 1.0]), np.array([0.0, 1.0])) == 0.5
    assert rarer(labels, ["a", "b", "c", "c"]) == 1


def test_a_sure_and_right_forecast_has_no_error_and_a_sure_and_wrong_one_all_of_it() -> None:
    truth = np.eye(2)[[0, 1] * 20]
    assert brier(truth, truth) == debiased_ece(truth, truth) == 0
    assert brier(1 - truth, truth) == 2
    assert debiased_ece(1 - truth, truth) == pytest.approx(1)


def test_the_error_of_perfectly_calibrated_forecasts_is_not_told_from_none() -> None:
    rng = np.random.default_rng(0)
    above = 0
    for _ in range(12):
        sure = 0.5 + 0.5 * rng.beta(5, 2, 159)
        truth = np.eye(2)[(rng.random(159) > sure).astype(int)]
        found = interval_of_calibration(
            np.stack([sure, 1 - sure], axis=1), truth, [str(i) for i in range(159)]
        )
        assert found.low <= found.mean <= found.high
        above += found.low > 0
    assert above <= 1


def test_risk_falls_when_the_wrong_answers_are_the_unsure_ones() -> None:
    wrong = np.array([0.0, 0.0, 1.0])
    assert area_under_risk(np.array([3.0, 2.0, 1.0]), wrong) == pytest.approx(1 / 9)
    assert area_under_risk(np.array([1.0, 2.0, 3.0]), wrong) == pytest.approx(
        (1 + 1 / 2 + 1 / 3) / 3
    )
    for order in ([1.0, 0.0], [0.0, 1.0]):
        assert area_under_risk(np.ones(2), np.array(order)) == 0.5
    assert coverage_of_sets(np.array([[1.0, 1.0], [1.0, 0.0]]), np.eye(2)) == 0.5


def test_a_statistic_is_resampled_by_whole_clusters() -> None:
    values = np.array([0.0, 0.0, 1.0, 1.0])
    row = row_of_statistic(
        "s", "m", lambda places: float(values[places].mean()), ["a", "a", "b", "b"]
    )
    assert row is not None
    assert (row.n, row.units, row.mean, row.low, row.high) == (4, 2, 0.5, 0, 1)
    assert row_of_statistic("s", "m", lambda _: None, ["a"]) is None


WORDS = {
    "a": "Pleural fluid blunts the costophrenic angle.",
    "b": "About two hundred millilitres are needed.",
    "c": "The hemidiaphragm may be hidden as well.",
}


def cited(names: Sequence[str]) -> Answer:
    base = answered("d")
    text = " ".join(WORDS.values())
    source = Passage(document_id="d", text=text, start=0, end=len(text), language="en")
    evidence = base.evidence[0].model_copy(update={"source": source})
    citations = tuple(
        Citation(evidence=evidence.key, quote=WORDS[name], place=place_of(WORDS[name], text))
        for name in names
    )
    claim = Claim(text="A claim.", about="literature", support="supported", citations=citations)
    return base.model_copy(update={"claims": (claim,), "evidence": (evidence,)})


def place_of(words: str, text: str) -> CharLocation:
    start = text.index(words)
    return CharLocation(document_id="d", start=start, end=start + len(words))


class Needs:
    """Carries a claim when every named quote is cited."""

    fingerprint = "needs"

    def __init__(self, *needed: str) -> None:
        self.needed = {WORDS.get(name, name) for name in needed}
        self.thresholds = {"en": 0.5}

    async def judge(
        self, claim: Claim, quotes: Sequence[str], evidence: Sequence[Evidence]
    ) -> Verdict:
        carried = self.needed <= set(quotes) and len(quotes) == len(claim.citations)
        return Verdict(support="supported" if carried else "unsupported", reason="")

    async def carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [float(all(word in quote for word in self.needed)) for quote, _ in pairs]


@pytest.mark.parametrize(
    ("needed", "quotes", "recall", "precision"),
    [
        (("a", "b"), ["a", "b"], 1, 1),
        (("a",), ["a", "c"], 1, 0.5),
        (("a",), ["a"], 1, 1),
        (("x",), ["a", "b"], 0, 0),
    ],
)
async def test_a_citation_is_precise_when_it_carries_alone_or_is_needed(
    needed: tuple[str, ...], quotes: list[str], recall: float, precision: float
) -> None:
    found = await citation_scores(cited(quotes), Needs(*needed))
    assert found == {"citation recall": recall, "citation precision": precision}


async def test_two_judges_are_counted_as_agreeing_claim_by_claim() -> None:
    assert await judges_agree(cited(["a"]), Needs("a"), Needs("a")) == {"judges agree": 1}
    assert await judges_agree(cited(["a"]), Needs("a"), Needs("z")) == {"judges agree": 0}


@pytest.mark.parametrize(
    ("report", "label", "state"),
    [
        ("No pneumothorax or pleural effusion.", "Pleural Effusion", "absent"),
        ("Small left pleural effusion.", "Pleural Effusion", "present"),
        ("Possible pneumonia.", "Pneumonia", "uncertain"),
        ("The heart is not enlarged.", "Cardiomegaly", "absent"),
        ("The heart is mildly enlarged.", "Cardiomegaly", "present"),
        ("No effusion, but bibasilar atelectasis.", "Atelectasis", "present"),
        ("The lungs are clear.", NO_FINDING, "present"),
        ("A catheter ends in the SVC. Lungs clear.", NO_FINDING, "present"),
    ],
)
def test_labels_are_read_with_their_denials_and_hedges(report: str, label: str, state: str) -> None:
    assert chest_labels(report).get(label) == state


def test_a_report_shares_all_its_labels_with_itself() -> None:
    assert shared_labels("Edema. Cardiomegaly.", "Cardiomegaly. Edema.") == {"label F1": 1}
    assert shared_labels("Edema.", "Clear lungs.") == {"label F1": 0}


def test_the_reports_labelled_by_hand_are_kept_without_their_words() -> None:
    lines = files("radcite.evals").joinpath("data/chest_labels/iu.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in lines.splitlines()]
    assert len(rows) == 410
    assert all(row.keys() == {"id", "set", "sha256", "positive", "uncertain"} for row in rows)
    assert {label for row in rows for label in row["positive"]} < set(LABELS)
