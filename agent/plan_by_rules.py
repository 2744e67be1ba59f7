"""The searches that rules choose: similar cases for images, literature for words, relations for what is named."""

import re

from radcite.agent.state import Request, State
from radcite.core.question import Question
from radcite.tools.cases import CaseRequest
from radcite.tools.knowledge.relations import KnowledgeRequest, terms_named
from radcite.tools.knowledge.translation import in_other_language
from radcite.tools.labels import LabelRequest
from radcite.tools.literature import LiteratureRequest

__all__ = ["case_request", "label_request", "lookups", "plan_by_rules", "said"]

_SHORT_FOLLOW_UP = 4
_GENERIC = re.compile(
    r"\b(what|which|is|are|the|this|these|that|it|most|likely|probable|possible|diagnos[ie]s|differential|diagnosed"
    r"|disease|condition|image|picture|scan|film|x-?ray|patient|your|can|could|you|tell|me|give|a|an|of|for|in|with"
    r"|on|and|shown?|suggests?|please)\b|请|问|给出|根据|这张|这个|该|图像|图片|影像|片子|患者|病人|最|可能|的|是|什么|哪种|诊断|鉴别|疾病|病"
    r"|考虑|有|没|否|吗|呢|怎么|看",
    re.IGNORECASE,
)


def plan_by_rules(state: State) -> tuple[Request, ...]:
    """Similar cases for images, literature for words, and the other language's names of known terms."""
    question, query = state["question"], said(state)
    requests: list[Request] = []
    if question.images:
        requests.append(label_request(question))
    if question.images or state["task"] in {"caption", "diagnosis"}:
        requests.append(case_request(question, query if state["task"] == "diagnosis" else ""))
    if state["task"] != "caption" and _has_subject(query):
        requests.append(LiteratureRequest(query=query, collection=question.collection))
        if translated := in_other_language(query, state["language"]):
            requests.append(LiteratureRequest(query=translated, collection=question.collection))
    return (*requests, *lookups(state))


def lookups(state: State) -> tuple[Request, ...]:
    """What sources state of what a diagnosis or a patient's question names."""
    query, task = said(state).strip(), state["task"]
    if task not in {"diagnosis", "consultation"} or not terms_named(query):
        return ()
    findings, collection = task == "diagnosis", state["question"].collection
    return (KnowledgeRequest(query=query, findings=findings, collection=collection),)


def _has_subject(query: str) -> bool:
    """Whether a question names anything that literature could be about."""
    return any(char.isalnum() for char in _GENERIC.sub("", query))


def label_request(question: Question) -> LabelRequest:
    """What the asked images are."""
    return LabelRequest(
        images=question.images, collection=question.collection, patient=question.patient
    )


def case_request(question: Question, words: str) -> CaseRequest:
    """Cases like the asked images, or like the words where there are none."""
    query = "" if question.images else words or question.text
    return CaseRequest(
        query=query,
        images=question.images,
        collection=question.collection,
        patient=question.patient,
        limit=8,
    )


def said(state: State) -> str:
    """The question, with the one before it where it is too short to stand alone."""
    text = state["question"].text
    earlier = state["asked"][:-1]
    is_short = len(text.split()) < _SHORT_FOLLOW_UP and len(text) < 4 * _SHORT_FOLLOW_UP
    return f"{earlier[-1]} {text}" if earlier and is_short else text
