"""What is asked: language, task, red flags. Every channel of the turn starts here."""

import re
from uuid import uuid4

from langgraph.runtime import Runtime

from radcite.agent.safety.red_flags import heard
from radcite.agent.safety.texts import left_out, notice
from radcite.agent.safety.wording import (
    described_emergency,
    emergency_advice,
    needs_person,
)
from radcite.agent.state import Parts, State, Understood
from radcite.core.claims import Safety
from radcite.core.errors import RadciteError
from radcite.core.language import detect_language
from radcite.core.question import Question, Task
from radcite.core.sources import Language

__all__ = ["intake", "route_task"]

_REMEMBERED = 6
_OF_IMAGES: frozenset[Task] = frozenset({"caption", "diagnosis"})
_CAPTION = re.compile(
    r"\b(caption|describe|description|report|findings|what (do|can) you see|what does (this|the)"
    r" (image|scan|picture|film|x-?ray|ct|mri?) show)\b|描述|说明这|写.{0,4}报告|报告单|所见|看到什么|显示什么",
    re.IGNORECASE,
)
_DIAGNOSIS = re.compile(
    r"\b(diagnos\w*|differential|ddx|what (disease|condition)|most likely|rule out|is (this|it) (a|an)\b"
    r"|is there)|诊断|鉴别|什么病|哪种病|考虑什么|是不是|是否为|有没有|是否有",
    re.IGNORECASE,
)
# In words alone "diagnosis" is a subject of the literature, unless the one of a patient is asked for.
_OF_A_PATIENT = re.compile(
    r"\b(?:most likely|likeliest|probable|likely|working|differential) diagnos[ei]s\b|\bddx\b"
    r"|\bwhat(?:'s| is) (?:the|your) (?:likely |probable )?(?:diagnosis|differential)\b"
    r"|最可能的?诊断|可能的诊断|首先考虑(?:什么|哪)|考虑什么(?:病|诊断|疾病)|诊断(?:是|为)什么|什么诊断|鉴别诊断(?:是什么|有哪些)",
    re.IGNORECASE,
)
_LAY = re.compile(
    r"\b(i|i'm|i've|my|me|we|our)\b|\bshould (he|she)\b|我|俺|咱|孩子|宝宝|老公|老婆|爸|妈|怎么办|怎么回事|吃什么药"
    r"|要不要紧|严重吗|挂什么科|能治好",
    re.IGNORECASE,
)


async def intake(state: State, runtime: Runtime[Parts]) -> Understood:
    """Read the question, leave out images of no kind that the collection holds, and clear what an earlier turn left.

    Raises:
        RadciteError: `VALIDATION` for a question without words and without images.
    """
    question = state["question"]
    if not question.text.strip() and not question.images:
        raise RadciteError("VALIDATION", "a question needs words or an image", "问题需要文字或图像")
    language = _language(question, state.get("asked", ()))
    task = route_task(question)
    # Each by itself too: words beside it must not quieten what is said of an emergency.
    texts = (*state["utterances"], question.text)
    found = [heard(text) for text in texts]
    advice = dict.fromkeys(
        one
        for text, what in zip(texts, found, strict=True)
        for one in emergency_advice(text, language, what)
    )
    noted = dict.fromkeys(
        described_emergency(text, language, what) for text, what in zip(texts, found, strict=True)
    )
    strange = await _strangers(question, runtime.context)
    seen = tuple(image for image in question.images if image not in strange)
    silent = bool(strange) and not seen and task in _OF_IMAGES
    return Understood(
        trace_id=uuid4().hex,
        question=question.model_copy(update={"images": seen}) if strange else question,
        asked=(*state.get("asked", ()), question.text)[-_REMEMBERED:],
        language=language,
        task=task,
        safety=Safety(
            red_flags=tuple(advice),
            notice=notice(task, language, runtime.context.intended_use)
            + "".join(noted)
            + (left_out(len(strange), language) if strange and not silent else ""),
        ),
        signing=runtime.context.signing,
        person=any(map(needs_person, texts, found)),
        strange=silent,
        degraded=() if runtime.context.text is not None else ("text_encoder",),
        refused=(),
        rewrites=0,
        footprint=(),
    )


async def _strangers(question: Question, parts: Parts) -> frozenset[str]:
    """The asked images that are of no kind the collection holds.

    None where that cannot be told: emergency advice comes first, and the searches after it say what failed.
    """
    if parts.labels is None or not question.images:
        return frozenset()
    try:
        return await parts.labels.strangers(question.images, question.collection)
    except RadciteError:
        return frozenset()


def route_task(question: Question) -> Task:
    """The task the user chose, or the one the words and images speak for."""
    if question.task != "auto":
        return question.task
    text = question.text
    if question.images:
        describes = not text.strip() or (_CAPTION.search(text) and not _DIAGNOSIS.search(text))
        return "caption" if describes else "diagnosis"
    if _LAY.search(text):
        return "consultation"
    return "diagnosis" if _OF_A_PATIENT.search(text) else "literature"


def _language(question: Question, asked: tuple[str, ...]) -> Language:
    if question.language != "auto":
        return question.language
    return detect_language(question.text if question.text.strip() else " ".join(asked[-1:]))
