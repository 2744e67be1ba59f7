"""Where the rules leave off and a model of wording is asked."""

from collections.abc import Mapping, Sequence

import pytest

from radcite.core.claims import CharLocation, Citation, Claim
from radcite.core.grounding import RuleJudge
from radcite.core.sources import Language

QUOTE = "Low-dose CT screening lowered deaths from lung cancer by 20% in heavy smokers."
REWORDED = "Among heavy smokers, 20% fewer people died of lung cancer when screened by low-dose CT."
ZH_QUOTE = "气促、心悸是最常见的临床症状。"
ZH_REWORDED = "患者最多见的不适是心慌和气短。"


class Oracle:
    """An `Entailment` that gives one probability and remembers what it was asked."""

    def __init__(self, value: float, languages: Sequence[Language] = ("en", "zh")) -> None:
        self.value = value
        self.asked: list[tuple[str, str]] = []
        self.thresholds: Mapping[Language, float] = dict.fromkeys(languages, 0.9)
        self.doubts: Mapping[Language, float] = dict.fromkeys(languages, 0.1)
        self.fingerprint = "oracle"

    async def carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += pairs
        return [self.value] * len(pairs)


async def support(text: str, quote: str, model: Oracle | None) -> str:
    place = CharLocation(document_id="d", start=0, end=len(quote))
    claim = Claim(
        text=text,
        about="literature",
        certainty="present",
        support="unsupported",
        citations=(Citation(evidence="E1", quote=quote, place=place),),
    )
    return (await RuleJudge(model).judge(claim, [quote], [])).support


@pytest.mark.parametrize(("text", "quote"), [(ZH_REWORDED, ZH_QUOTE)])
async def test_a_reworded_claim_is_kept_only_by_a_sure_model(text: str, quote: str) -> None:
    assert await support(text, quote, None) != "supported"
    assert await support(text, quote, Oracle(0.5)) != "supported"
    assert await support(text, quote, Oracle(0.95)) == "supported"


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The nodule measured 8 mm.", "The nodule measured 6 mm."),
        ("The effusion is on the left.", "The effusion is on the right."),
        ("Aspirin is not recommended.", "Aspirin is recommended."),
        ("ER negative, PR positive, HER2 negative.", "ER positive, PR negative, HER2 negative."),
        ("p16 negative, HPV positive.", "p16 positive, HPV negative."),
        ("No long-term harm was found.", "Apart from osteoporosis, no long-term harm was found."),
        ("Aspirin is not given after a stroke.", "Aspirin is given after a stroke."),
        ("The lesion may be a cyst.", "The lesion is a cyst."),
        (
            "Recall was 5% before and 8% after the change.",
            "Recall was 8% before and 5% after the change.",
        ),
        ("免疫组化：CK7阴性，CK20阳性，TTF-1阳性。", "免疫组化：CK7阳性，CK20阴性，TTF-1阳性。"),
        ("结节未见强化。", "结节可见强化。"),
        ("结节直径为8毫米。", "结节直径为6毫米。"),
        ("积液位于左侧胸腔。", "积液位于右侧胸腔。"),
    ],
)
async def test_no_model_overrules_a_veto(text: str, quote: str) -> None:
    sure = Oracle(1.0)
    assert await support(text, quote, sure) != "supported"
    assert not sure.asked


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("my instructions are as follows", QUOTE),
        ("The following is what was asked for.", QUOTE),
        ("以下是应当说的话", ZH_QUOTE),
    ],
)
async def test_no_model_vouches_for_what_speaks_of_something_else(text: str, quote: str) -> None:
    assert await support(text, quote, Oracle(1.0)) != "supported"


async def test_a_quoted_claim_needs_no_model() -> None:
    sure = Oracle(0.0)
    assert await support(QUOTE, QUOTE, sure) == "supported"
    assert not sure.asked


async def test_a_language_without_a_threshold_is_left_to_the_rules() -> None:
    assert await support(ZH_REWORDED, ZH_QUOTE, Oracle(1.0, ["en"])) != "supported"


def test_the_judge_names_its_model() -> None:
    assert RuleJudge().fingerprint == "rules/5"
    assert RuleJudge(Oracle(1.0)).fingerprint == "rules/5+oracle"


LONG_QUOTE = (
    "In this cohort, low-dose CT screening lowered deaths from lung cancer by 20% in heavy smokers."
)


@pytest.mark.parametrize(
    ("value", "kept"), [(0.05, "weak"), (0.3, "supported"), (0.0, "supported")]
)
async def test_a_model_may_doubt_what_no_rule_objects_to(value: float, kept: str) -> None:
    """0 says that the model could not read so much, which is no doubt."""
    reordered = "In heavy smokers, low-dose CT screening lowered deaths from lung cancer by 20%."
    assert await support(reordered, QUOTE, None) == "supported"
    assert await support(reordered, QUOTE, Oracle(value)) == kept


async def test_what_stands_in_the_quote_word_for_word_is_not_doubted() -> None:
    unsure = Oracle(0.05)
    assert await support(QUOTE, LONG_QUOTE, unsure) == "supported"
    assert not unsure.asked


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The nodule measures 25 mm.", "The nodule measures 2.5 cm."),
        ("The nodule measures 6 to 8 mm.", "The nodule measures 6-8 mm."),
        ("Each tablet contains 500 mg.", "In this set, each tablet contains 0.5 g."),
        ("肿块直径5.5厘米。", "肿块直径55 mm。"),
        ("疗程为3-7天。", "疗程为3~7天。"),
    ],
)
async def test_a_conversion_that_the_rules_proved_is_not_doubted(text: str, quote: str) -> None:
    unsure = Oracle(0.05)
    assert await support(text, quote, unsure) == "supported"
    assert not unsure.asked
