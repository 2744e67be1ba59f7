import pytest

from radcite.tools.knowledge.concepts import concepts_in, share_named
from radcite.tools.knowledge.terms import general_words, load_terms

ANKLE = "Ankle sprain: when an X-ray is needed\nWithout these signs a fracture is unlikely."
ANKLE_ZH = "踝关节扭伤\n没有这些表现时，骨折的可能性很小。"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("How is a fracture seen?", ["fracture"]),
        ("fractures of the femur", ["fracture", "femur"]),
        ("气胸的X线表现是什么？", ["pneumothorax"]),
        ("Type I collagen in the capital of France", []),
    ],
)
def test_the_longest_names_are_read_and_single_letters_are_none(
    query: str, expected: list[str]
) -> None:
    language = "en" if query.isascii() else "zh"
    found = [one.en[0] for one in concepts_in(query, language)]
    assert [name for name in found if name in expected] == expected
    assert "type I respiratory failure" not in found


@pytest.mark.parametrize("text", [ANKLE, ANKLE_ZH])
def test_half_of_the_subjects_named_is_half_in_either_language(text: str) -> None:
    assert share_named("How do I treat a fractured femur?", "en", text) is not None
    assert share_named("fracture of the femur", "en", text) == 0.5
    assert share_named("股骨、骨折", "zh", text) == 0.5


def test_a_kind_names_what_it_is_a_kind_of_and_not_the_reverse() -> None:
    assert share_named("hypertension", "en", "Renovascular hypertension is treated.") == 1.0
    assert share_named("高血压", "zh", "White coat hypertension needs no drug.") == 1.0
    assert share_named("renovascular hypertension", "en", "Hypertension is treated.") == 0.0


def test_a_word_inside_another_is_not_named() -> None:
    assert share_named("ear", "en", "The year of the study was clear.") == 0.0


def test_a_query_without_a_subject_has_no_share() -> None:
    assert share_named("What is the capital of France?", "en", ANKLE) is None
    assert share_named("", "zh", ANKLE_ZH) is None


def test_no_chinese_name_is_longer_than_what_is_looked_for() -> None:
    names = [name for entry in load_terms() for name in entry.zh]
    assert max(map(len, [*names, *(word for word, _ in general_words())])) <= 25


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("What does figure 1 show on this scan?", []),
        ("all in children", []),
        ("WHAT IS ON THIS SCAN", []),
        ("ALL in children", ["acute lymphoblastic leukemia"]),
        ("is copd worse?", ["chronic obstructive pulmonary disease"]),
    ],
)
def test_an_abbreviation_is_no_word_of_the_language(query: str, expected: list[str]) -> None:
    assert [one.en[0] for one in concepts_in(query, "en")] == expected
