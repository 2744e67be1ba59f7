import random

import pytest

from radcite.core.sources import Language
from radcite.training.pairs.corruption import CORRUPTIONS, corrupted, reworded


@pytest.mark.parametrize(
    ("kind", "text", "language"),
    [
        ("number", "The nodule measured 12 mm.", "en"),
        ("numbers_exchanged", "Fever fell from 39 to 37 degrees.", "en"),
        ("opposite", "Blood pressure was higher on the left.", "en"),
        ("stronger", "The finding may suggest infection.", "en"),
        ("denied", "The lesion is visible on CT.", "en"),
        ("other_term", "Hypertension damages the kidney.", "en"),
        ("number", "结节直径约12毫米。", "zh"),
        ("opposite", "左肺病灶较前增大。", "zh"),
        ("stronger", "该征象可能提示感染。", "zh"),
        ("denied", "患者可以服用阿司匹林。", "zh"),
        ("other_term", "高血压会损害肾脏。", "zh"),
    ],
)
def test_each_change_alters_the_sentence(kind: str, text: str, language: Language) -> None:
    made = CORRUPTIONS[kind](text, language, random.Random(1))
    assert made is not None
    assert made != text


@pytest.mark.parametrize("kind", ["number", "numbers_exchanged"])
def test_a_change_that_does_not_apply_says_so(kind: str) -> None:
    assert CORRUPTIONS[kind]("No effusion.", "en", random.Random(0)) is None


def test_the_same_seed_makes_the_same_change() -> None:
    text = "Aspirin lowered the risk of stroke by 12% in adults with hypertension."
    assert corrupted(text, "en", random.Random(3)) == corrupted(text, "en", random.Random(3))


def test_another_name_of_a_term_is_no_other_term() -> None:
    made = {reworded("Hypertension is common.", "en", random.Random(n)) for n in range(20)}
    assert made <= {
        f"{name} is common."
        for name in ("high blood pressure", "HTN", "arterial hypertension", "HBP")
    }
    assert None not in made
