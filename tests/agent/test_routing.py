import pytest

from radcite.agent.intake import route_task
from radcite.core.question import Question, Task

DIGEST = "a" * 64


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("What is the sensitivity of MRI for multiple sclerosis?", "literature"),
        ("肺结节随访的指南建议是什么？", "literature"),
        ("I have had a cough for three weeks, what should I do?", "consultation"),
        ("我最近总是头晕，需要做什么检查？", "consultation"),
        ("孩子发烧三天了怎么办", "consultation"),
        ("Man of 55, saddle embolus on CT: most likely diagnosis?", "diagnosis"),
        ("右肺上叶肿块伴毛刺，最可能的诊断是什么？", "diagnosis"),
        ("What is the accuracy of CT for the diagnosis of appendicitis?", "literature"),
        ("How is multiple sclerosis diagnosed?", "literature"),
        ("肺栓塞的诊断标准是什么？", "literature"),
    ],
)
def test_a_question_in_words_is_routed_by_who_asks_and_for_what(text: str, task: Task) -> None:
    assert route_task(Question(text=text)) == task


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("", "caption"),
        ("Describe this image", "caption"),
        ("请描述这张胸片", "caption"),
        ("Write a report", "caption"),
        ("What is the most likely diagnosis?", "diagnosis"),
        ("这是什么病？", "diagnosis"),
        ("Is there a pneumothorax?", "diagnosis"),
        ("有没有气胸？", "diagnosis"),
    ],
)
def test_a_question_with_an_image_is_a_caption_or_a_diagnosis(text: str, task: Task) -> None:
    assert route_task(Question(text=text, images=(DIGEST,))) == task


def test_the_task_the_user_chose_wins() -> None:
    assert route_task(Question(text="我头晕", task="literature")) == "literature"
