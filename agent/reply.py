"""A question back to the user: the turn ends with it, and goes on with what the user replies."""

import re

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from radcite.agent.safety.texts import question_for_image
from radcite.agent.state import Parts, Planned, Started, State
from radcite.core.claims import Abstention
from radcite.core.question import Question
from radcite.core.sources import Language

__all__ = ["ASK_USER", "image_is_missing", "is_question", "may_ask_back", "question_back", "reply"]

ASK_USER = "ask_user"
_LONGEST = 200
_SHOWN_IMAGE = re.compile(
    r"\b(this|the attached|my) (?:[a-z]+ ){0,2}(image|scan|picture|film|radiograph|x-?ray|ct|mri?|slice)\b"
    r"|[这此该附]{1,2}[张幅份个]?\S{0,6}(图像|图片|影像|片子|胸片|CT|MR|X线|X光|切片)",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？]\s*$|[吗呢么]\s*[。.]?\s*$")


def may_ask_back(state: State, parts: Parts) -> bool:
    """Whether somebody can reply, and was not asked before in this turn."""
    return parts.replies and state["question"].thread is not None and not state["utterances"]


def is_question(text: str) -> bool:
    """Whether words ask something themselves, and so are no reply."""
    return _QUESTION.search(text) is not None


def image_is_missing(state: State) -> str | None:
    """The question for the image that the words point at, where none was given and none was before."""
    question = state["question"]
    points = _SHOWN_IMAGE.search(question.text) and not question.images
    return question_for_image(state["language"]) if points and len(state["asked"]) == 1 else None


def question_back(state: State, words: str) -> Planned | None:
    """No search, but a question to the user that ends this turn; None for words that are no single short question."""
    told = " ".join(words.split())
    if not 3 <= len(told) <= _LONGEST or not is_question(told) or not told.isprintable():
        return None
    outcome = Abstention(
        trace_id=state["trace_id"],
        task=state["task"],
        language=state["language"],
        degraded=state["degraded"],
        safety=state["safety"],
        reason="ASKED_BACK",
        message=told,
    )
    return Planned(requests=(), degraded=state["degraded"], rounds=1, outcome=outcome)


async def reply(state: State, runtime: Runtime[Parts]) -> Started:
    """Wait for the reply; the question with it starts at intake, where the words of both are read for red flags."""
    said = Question.model_validate(interrupt({"asked_back": state["trace_id"]}))
    question = state["question"]
    return Started(
        question=question.model_copy(
            update={
                "text": _joined(question.text, said.text, state["language"]),
                "images": tuple(dict.fromkeys((*question.images, *said.images))),
                "patient": said.patient or question.patient,
            }
        ),
        asked=state["asked"][:-1],
        utterances=(question.text, said.text),
    )


def _joined(question: str, said: str, language: Language) -> str:
    mark = "。" if language == "zh" else ". "
    ends = question.rstrip().endswith(("?", "？", ".", "。", "!", "！"))
    return f"{question.rstrip()}{' ' if ends else mark}{said.strip()}".strip()
