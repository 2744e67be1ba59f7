import pytest

from radcite.agent.ask import ask
from radcite.agent.graph import build_graph
from radcite.agent.values import figures, speaks_of_other_values
from radcite.core.claims import Answer
from radcite.core.question import Question
from tests.agent.scene import GivenHits, parts, passage

SMALL = (
    "For solid nodules smaller than 6 mm in low-risk patients, no routine follow-up is recommended."
)
MIDDLE = "For solid nodules of 6 to 8 mm in low-risk patients, CT at 6 to 12 months is recommended."
LARGE = (
    "For solid nodules larger than 8 mm in low-risk patients, PET-CT at 3 months is recommended."
)
SMALL_ZH = "低危患者的实性结节小于6 mm时，不建议常规随访。"
MIDDLE_ZH = "低危患者的实性结节为6~8 mm时，建议6至12个月后复查CT。"


@pytest.mark.parametrize(
    ("sentence", "question", "other"),
    [
        (SMALL, "How is a nodule of 7 mm followed up?", True),
        (MIDDLE, "How is a nodule of 7 mm followed up?", False),
        (LARGE, "How is a nodule of 0.7 cm followed up?", True),
        (LARGE, "How is a nodule of 1 cm followed up?", False),
        (SMALL_ZH, "7 mm的实性结节怎么随访？", True),
        (MIDDLE_ZH, "7 mm的实性结节怎么随访？", False),
        ("An HbA1c of 6.5% or more indicates diabetes.", "What does an HbA1c of 6.1% mean?", True),
        ("5.7% to 6.4% indicates prediabetes.", "What does an HbA1c of 6.1% mean?", False),
        (SMALL, "How are small nodules followed up?", False),
        ("The mean diameter was 9 mm.", "How is a nodule of 7 mm followed up?", False),
        (SMALL, "Was the guideline of 2017 changed?", False),
    ],
)
def test_bounds_that_leave_the_asked_value_out_are_of_other_values(
    sentence: str, question: str, *, other: bool
) -> None:
    assert speaks_of_other_values(sentence, question) == other


def test_figures_are_told_in_one_unit() -> None:
    assert figures("A mass of 12 mm.") == figures("肿块为1.2 cm。")


@pytest.mark.parametrize(
    ("text", "question", "first"),
    [
        (f"{SMALL} {MIDDLE} {LARGE}", "How is a solid nodule of 7 mm followed up?", MIDDLE),
        (f"{SMALL_ZH}{MIDDLE_ZH}", "低危患者7 mm的实性结节如何随访？", MIDDLE_ZH),
    ],
)
async def test_of_like_sentences_the_one_for_the_asked_value_comes_first(
    text: str, question: str, first: str
) -> None:
    given = parts(GivenHits([passage(text)]))
    outcome = await ask(build_graph(), given, Question(text=question, task="literature"))
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].text == first


async def test_a_sentence_is_told_without_the_heading_of_its_part() -> None:
    given = parts(GivenHits([passage("Results: Pleural effusion was found in 12 of 40 patients.")]))
    asked = Question(text="In how many patients was pleural effusion found?", task="literature")
    outcome = await ask(build_graph(), given, asked)
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].text == "Pleural effusion was found in 12 of 40 patients."
