from radcite.core.question import IntendedUse, Task
from radcite.core.sources import Language

__all__ = ["abstention_message", "notice", "question_for_image"]

_NOTICE: dict[Language, str] = {
    "en": "Draft for a clinician's review; not a diagnosis. Produced by software from the cited sources.",
    "zh": "供临床医生审阅的草稿，不是诊断。由软件根据所引来源生成。",
}
_USE: dict[IntendedUse, dict[Language, str]] = {
    "research": {
        "en": "For research and teaching only, not for the care of a patient. ",
        "zh": "仅供研究与教学，不用于患者诊疗。",
    },
    "clinical": {"en": "", "zh": ""},
}
_CONSULTATION: dict[Language, str] = {
    "en": " It does not replace a visit to a doctor; if it gets worse, seek care.",
    "zh": "不能代替就诊；如有加重，请及时就医。",
}
_ABSTENTIONS: dict[str, dict[Language, str]] = {
    "NO_EVIDENCE": {
        "en": "Nothing in the collection answers this question well enough to cite.",
        "zh": "资料库中没有足以引用来回答此问题的内容。",
    },
    "NOT_SUPPORTED": {
        "en": "Passages were found, but no statement could be supported by their words.",
        "zh": "找到了相关内容，但没有陈述能得到原文支持。",
    },
    "NOT_OFFERED": {
        "en": "This site has switched this kind of question off.",
        "zh": "本站点未开放此类问题。",
    },
    "PERSON_NEEDED": {
        "en": "Nothing is searched or answered here: you matter, and a person should take over now. Please call one of"
        " the numbers above, or tell somebody who is near you.",
        "zh": "此处不再检索或作答：您很重要，现在应由真人接手。请拨打上述电话，或告诉身边的人。",
    },
    "OUT_OF_DOMAIN": {
        "en": "The image is of no kind that the collection holds, so nothing is said about it.",
        "zh": "该图像不属于资料库中任何一类图像，因此不作任何描述。",
    },
}


def notice(task: Task, language: Language, use: IntendedUse = "research") -> str:
    """What stands above every answer: what the site may be used for, and that software made it."""
    return (
        _USE[use][language]
        + _NOTICE[language]
        + (_CONSULTATION[language] if task == "consultation" else "")
    )


def left_out(images: int, language: Language) -> str:
    """That some of the images sent in were not looked at."""
    if language == "zh":
        return f"有 {images} 张图像不属于资料库中任何一类图像，未予参考。"
    return f" Images of no kind that the collection holds, and so left out: {images}."


def abstention_message(reason: str, language: Language) -> str:
    """Why there is no answer."""
    return _ABSTENTIONS[reason][language]


def question_for_image(language: Language) -> str:
    """What is asked where the words point at an image that is not there."""
    if language == "zh":
        return "没有收到图像，请附上或用文字描述：您说的是哪一张？"
    return "No image came with this; please attach or describe it: which one do you mean?"
