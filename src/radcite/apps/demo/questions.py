"""What the demonstration asks: one question of each kind in each language, and one it cannot answer."""

from radcite.core.frozen import Frozen
from radcite.core.question import Task
from radcite.core.sources import Language

__all__ = ["QUESTIONS", "DemoQuestion"]


class DemoQuestion(Frozen):
    """A question; `image` is a file of the material's `questions` folder."""

    task: Task
    language: Language
    text: str
    image: str | None = None
    answerable: bool = True


QUESTIONS = (
    DemoQuestion(
        task="literature",
        language="en",
        text="How much pleural fluid is needed to blunt the costophrenic angle on an upright radiograph?",
    ),
    DemoQuestion(task="literature", language="zh", text="立位胸片上肋膈角变钝需要多少胸腔积液？"),
    DemoQuestion(
        task="consultation", language="en", text="I sprained my ankle. When do I need an X-ray?"
    ),
    DemoQuestion(
        task="consultation", language="zh", text="我扭伤了踝关节，什么情况下需要拍X线片？"
    ),
    DemoQuestion(
        task="caption", language="en", text="Describe this chest radiograph.", image="chest-a.dcm"
    ),
    DemoQuestion(task="caption", language="zh", text="请描述这张胸片的所见。", image="chest-b.dcm"),
    DemoQuestion(
        task="diagnosis",
        language="en",
        text="What is the most likely diagnosis on this brain MRI?",
        image="brain-a.dcm",
    ),
    DemoQuestion(
        task="diagnosis",
        language="zh",
        text="这张前臂X线片考虑什么诊断？",
        image="forearm-a.dcm",
    ),
    DemoQuestion(
        task="literature",
        language="en",
        text="Which antibiotic dose is recommended for a child with otitis media?",
        answerable=False,
    ),
)
