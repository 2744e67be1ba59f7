import pytest

from radcite.agent.floor import DEFAULT_FLOORS, standing
from radcite.core.sources import Case, Language
from radcite.tools.hits import Hit
from tests.agent.scene import passage

ANKLE = "Without these signs a fracture is unlikely and the sprain can be treated without an X-ray."
ANKLE_ZH = "没有这些表现时，骨折的可能性很小，扭伤可以不拍片直接处理。"
EFFUSION_ZH = "立位正位胸片上，大约需要200 mL胸腔积液才会使外侧肋膈角变钝。"


def hit(text: str, cosine: float | None, coverage: float | None) -> Hit:
    return Hit(passage(text), 1, 1.0, cosine, coverage, "given")


@pytest.mark.parametrize(
    ("query", "asked_in", "found"),
    [
        ("肺结节多大需要随访？", "zh", hit(EFFUSION_ZH, 0.6, 0.5)),
        ("pulmonary nodule", "zh", hit("Pleural fluid blunts the angle.", 0.6, 0.5)),
        ("胸腔积液", "en", hit(ANKLE_ZH, 0.9, 1.0)),
    ],
)
def test_a_text_that_names_none_of_the_subjects_is_no_evidence_however_near(
    query: str, asked_in: Language, found: Hit
) -> None:
    assert standing([found], query, asked_in, DEFAULT_FLOORS) == []


def test_a_text_on_the_subject_is_evidence_in_either_language() -> None:
    near = hit(EFFUSION_ZH, 0.5, 0.6)
    assert standing([near], "多少胸腔积液会使肋膈角变钝？", "zh", DEFAULT_FLOORS) == [near]
    told = hit("About 200 mL of pleural effusion blunts the angle.", 0.6, 1.0)
    assert standing([told], "pleural effusion", "zh", DEFAULT_FLOORS) == [told]


def test_each_hit_is_judged_by_itself_and_keeps_its_order() -> None:
    near, far, also = hit(ANKLE, 0.7, 0.9), hit(ANKLE, 0.1, 0.0), hit(ANKLE, 0.6, 0.8)
    query = "Is an X-ray needed without signs of a fracture?"
    assert standing([near, far, also], query, "en", DEFAULT_FLOORS) == [near, also]


def test_what_an_image_found_is_not_judged_by_words() -> None:
    figure = hit("Figure 2. A mass.", 0.4, None)
    assert standing([figure], "What is this?", "en", DEFAULT_FLOORS) == [figure]


@pytest.mark.parametrize(
    ("report", "query", "cosine", "stands"),
    [
        ("A saddle embolus in both main arteries.", "saddle embolus on CT", 0.7, True),
        (
            "A spiculated nodule of the left upper lobe.",
            "swollen knee, aspirate cloudy",
            0.2,
            False,
        ),
        ("右肺上叶毛刺结节。", "左膝关节红肿", 0.05, False),
        ("右肺上叶毛刺结节。", "右肺上叶结节伴毛刺", 0.5, True),
    ],
)
def test_a_case_that_words_found_is_alike_only_where_its_meaning_is_near(
    report: str, query: str, cosine: float, *, stands: bool
) -> None:
    language: Language = "zh" if "。" in report else "en"
    case = Case(case_id="c", report=report, language=language)
    found = Hit(case, 1, 1.0, cosine, 0.1, "given")
    assert (standing([found], query, language, DEFAULT_FLOORS) == [found]) == stands
