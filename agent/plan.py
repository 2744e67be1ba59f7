"""Which searches answer the question: chosen by the model under a schema, or by rules."""

import json
import re
from collections.abc import Sequence

from langgraph.runtime import Runtime
from pydantic import Field, ValidationError

from radcite.agent.reply import ASK_USER, asked_back, image_is_missing, may_ask_back
from radcite.agent.state import Parts, Planned, Request, State, described
from radcite.core.claims import Evidence
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ports import ChatModel, ChatPrompt
from radcite.core.question import Question
from radcite.core.sources import Case, Passage, Region, Source, Term
from radcite.prompts.registry import load
from radcite.tools.cases import CaseRequest
from radcite.tools.knowledge.relations import KnowledgeRequest, terms_named
from radcite.tools.knowledge.translation import in_other_language
from radcite.tools.labels import LabelRequest
from radcite.tools.literature import LiteratureRequest

__all__ = ["Plan", "look", "plan", "plan_by_rules"]

_SHORT_FOLLOW_UP = 4
_GLANCE = 160
_GENERIC = re.compile(
    r"\b(what|which|is|are|the|this|these|that|it|most|likely|probable|possible|diagnos[ie]s|differential|diagnosed"
    r"|disease|condition|image|picture|scan|film|x-?ray|patient|your|can|could|you|tell|me|give|a|an|of|for|in|with"
    r"|on|and|shown?|suggests?|please)\b|请|问|给出|根据|这张|这个|该|图像|图片|影像|片子|患者|病人|最|可能|的|是|什么|哪种|诊断|鉴别|疾病|病"
    r"|考虑|有|没|否|吗|呢|怎么|看",
    re.IGNORECASE,
)
_TOOLS = {
    "literature_search": "passages of the medical literature: {query}",
    "case_search": "similar cases, by the images of the question and by words: {query}",
    "knowledge_lookup": "what sources state of named diseases and findings (signs, next steps): {query}",
}
_ASK = (
    "one short question back to the user, in the user's language and ending in a question mark; alone, and only where"
    " no search is of use without the reply: {query}"
)


class PlannedCall(Frozen):
    """One call the model asks for."""

    tool: str = Field(json_schema_extra={"enum": [*_TOOLS, ASK_USER]})
    query: str = Field(max_length=500)
    other_language: str = Field(default="", max_length=500)


class Plan(Frozen):
    """The calls the model asks for; none for a question outside medicine."""

    calls: tuple[PlannedCall, ...] = Field(max_length=4)


async def plan(state: State, runtime: Runtime[Parts]) -> Planned:
    """Choose the searches of this turn."""
    parts, degraded = runtime.context, state["degraded"]
    asks = may_ask_back(state, parts)
    if asks and (words := image_is_missing(state)) and (asked := _asked(state, words)):
        return asked
    if (chat := parts.chat) is None:
        return Planned(requests=plan_by_rules(state), degraded=degraded, rounds=1)
    prompt = load("plan", 1, state["language"]).render(
        tools=json.dumps({**_TOOLS, ASK_USER: _ASK} if asks else _TOOLS, indent=1),
        situation=_situation(state),
        history="\n".join(state["asked"][:-1]) or "-",
        question=state["question"].text or "-",
    )
    if (chosen := await _chosen(chat, prompt)) is None:
        return Planned(requests=plan_by_rules(state), degraded=_with(state, "llm"), rounds=1)
    only = chosen.calls[0] if len(chosen.calls) == 1 else None
    if asks and only and only.tool == ASK_USER and (asked := _asked(state, only.query)):
        return asked
    requests = _typed(chosen, state) or plan_by_rules(state)
    return Planned(requests=requests, degraded=degraded, rounds=1)


def _asked(state: State, words: str) -> Planned | None:
    """No search, but a question to the user; None for words that cannot be one."""
    outcome = asked_back(state, words)
    if outcome is None:
        return None
    return Planned(requests=(), degraded=state["degraded"], rounds=1, outcome=outcome)


async def look(state: State, runtime: Runtime[Parts]) -> Planned:
    """Ask the model, which is shown what was found, for what is still missing; it may want nothing more."""
    rounds, degraded = state["rounds"] + 1, state["degraded"]
    if (chat := runtime.context.chat) is None:
        return Planned(requests=(), degraded=degraded, rounds=rounds)
    prompt = load("look", 1, state["language"]).render(
        tools=json.dumps(_TOOLS, indent=1),
        searched="\n".join(state["searched"]) or "-",
        found=_found(state["evidence"]),
        question=_said(state) or "-",
    )
    if (chosen := await _chosen(chat, prompt)) is None:
        return Planned(requests=(), degraded=_with(state, "llm"), rounds=rounds)
    wanted = _requests(chosen, state)
    fresh = tuple(one for one in wanted if described(one) not in state["searched"])
    return Planned(requests=fresh, degraded=degraded, rounds=rounds)


async def _chosen(chat: ChatModel, prompt: ChatPrompt) -> Plan | None:
    """The model's choice; None when it is away or its reply has no form."""
    try:
        return await chat.complete(prompt, Plan)
    except RadciteError as error:
        if error.code not in {"LLM_UNAVAILABLE", "LLM_BAD_OUTPUT", "TIMEOUT"}:
            raise
        return None


def _found(evidence: Sequence[Evidence]) -> str:
    """A line for each piece of evidence: enough to see what it is about."""
    lines = (f"{item.key}: {_about(item.source)}" for item in evidence)
    return "\n".join(lines) or "-"


def _about(source: Source) -> str:
    match source:
        case Passage():
            words = f"{source.title}. {source.text}"
        case Case():
            words = f"case: {source.diagnosis or ''} {source.report}"
        case Region():
            words = f"image: {source.observation.value}"
        case Term():
            words = source.quote
    return " ".join(words.split())[:_GLANCE]


def plan_by_rules(state: State) -> tuple[Request, ...]:
    """Similar cases for images, literature for words, and the other language's names of known terms."""
    question, query = state["question"], _said(state)
    requests: list[Request] = []
    if question.images:
        requests.append(_label_request(question))
    if question.images or state["task"] in {"caption", "diagnosis"}:
        requests.append(_case_request(question, query if state["task"] == "diagnosis" else ""))
    if state["task"] != "caption" and _has_subject(query):
        requests.append(LiteratureRequest(query=query, collection=question.collection))
        if translated := in_other_language(query, state["language"]):
            requests.append(LiteratureRequest(query=translated, collection=question.collection))
    return (*requests, *_lookups(state))


def _lookups(state: State) -> tuple[Request, ...]:
    """What sources state of what a diagnosis or a patient's question names."""
    query, task = _said(state).strip(), state["task"]
    if task not in {"diagnosis", "consultation"} or not terms_named(query):
        return ()
    findings, collection = task == "diagnosis", state["question"].collection
    return (KnowledgeRequest(query=query, findings=findings, collection=collection),)


def _requests(chosen: Plan, state: State) -> tuple[Request, ...]:
    """The calls as typed requests, literature in both languages; a call that is none is left out."""
    question = state["question"]
    requests: list[Request] = []
    for call in chosen.calls:
        try:
            if call.tool == "literature_search":
                queries = filter(str.strip, (call.query, call.other_language))
                requests += [
                    LiteratureRequest(query=query, collection=question.collection)
                    for query in queries
                ]
            elif call.tool == "knowledge_lookup":
                requests.append(
                    KnowledgeRequest(
                        query=call.query, findings=True, collection=question.collection
                    )
                )
            elif call.tool == "case_search":
                requests.append(_case_request(question, call.query))
        except ValidationError:
            continue
    return tuple(dict.fromkeys(requests))


def _typed(chosen: Plan, state: State) -> tuple[Request, ...]:
    question, requests = state["question"], list(_requests(chosen, state))
    if question.images:
        if not any(isinstance(one, CaseRequest) for one in requests):
            requests.append(_case_request(question, ""))
        requests.insert(0, _label_request(question))
    if requests and not any(isinstance(one, KnowledgeRequest) for one in requests):
        requests += _lookups(state)
    return tuple(dict.fromkeys(requests))


def _has_subject(query: str) -> bool:
    """Whether a question names anything that literature could be about."""
    return any(char.isalnum() for char in _GENERIC.sub("", query))


def _label_request(question: Question) -> LabelRequest:
    return LabelRequest(
        images=question.images, collection=question.collection, patient=question.patient
    )


def _case_request(question: Question, words: str) -> CaseRequest:
    query = "" if question.images else words or question.text
    return CaseRequest(
        query=query,
        images=question.images,
        collection=question.collection,
        patient=question.patient,
        limit=8,
    )


def _said(state: State) -> str:
    """The question, with the one before it where it is too short to stand alone."""
    text = state["question"].text
    earlier = state["asked"][:-1]
    is_short = len(text.split()) < _SHORT_FOLLOW_UP and len(text) < 4 * _SHORT_FOLLOW_UP
    return f"{earlier[-1]} {text}" if earlier and is_short else text


def _situation(state: State) -> str:
    return f"task: {state['task']}; images: {len(state['question'].images)}"


def _with(state: State, part: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*state["degraded"], part)))
