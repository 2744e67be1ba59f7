"""The searches that the model chooses under a schema: once before anything was searched, then for what is missing."""

import json
from collections.abc import Sequence

from langgraph.runtime import Runtime
from pydantic import Field, ValidationError

from radcite.agent.plan_by_rules import case_request, label_request, lookups, plan_by_rules, said
from radcite.agent.reply import ASK_USER, question_back
from radcite.agent.state import Parts, Planned, Request, State, described
from radcite.core.claims import Evidence
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ports import ChatModel, ChatPrompt
from radcite.core.sources import Case, Passage, Region, Source, Term
from radcite.prompts.registry import load
from radcite.tools.cases import CaseRequest
from radcite.tools.knowledge.relations import KnowledgeRequest
from radcite.tools.literature import LiteratureRequest

__all__ = ["Plan", "PlannedCall", "look", "plan_by_model"]

_GLANCE = 160
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


async def plan_by_model(state: State, chat: ChatModel, *, may_ask: bool) -> Planned:
    """The model's choice, or a question of its own to the user where it may ask; the rules' where it is away."""
    prompt = load("plan", 1, state["language"]).render(
        tools=json.dumps({**_TOOLS, ASK_USER: _ASK} if may_ask else _TOOLS, indent=1),
        situation=_situation(state),
        history="\n".join(state["asked"][:-1]) or "-",
        question=state["question"].text or "-",
    )
    if (chosen := await _chosen(chat, prompt)) is None:
        return Planned(requests=plan_by_rules(state), degraded=_with(state, "llm"), rounds=1)
    only = chosen.calls[0] if len(chosen.calls) == 1 else None
    if may_ask and only and only.tool == ASK_USER and (back := question_back(state, only.query)):
        return back
    requests = _completed(chosen, state) or plan_by_rules(state)
    return Planned(requests=requests, degraded=state["degraded"], rounds=1)


async def look(state: State, runtime: Runtime[Parts]) -> Planned:
    """Ask the model, which is shown what was found, for what is still missing; it may want nothing more."""
    rounds, degraded = state["rounds"] + 1, state["degraded"]
    if (chat := runtime.context.chat) is None:
        return Planned(requests=(), degraded=degraded, rounds=rounds)
    prompt = load("look", 1, state["language"]).render(
        tools=json.dumps(_TOOLS, indent=1),
        searched="\n".join(state["searched"]) or "-",
        found=_found(state["evidence"]),
        question=said(state) or "-",
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
                requests.append(case_request(question, call.query))
        except ValidationError:
            continue
    return tuple(dict.fromkeys(requests))


def _completed(chosen: Plan, state: State) -> tuple[Request, ...]:
    """The calls, with the searches that images and named diseases always get."""
    question, requests = state["question"], list(_requests(chosen, state))
    if question.images:
        if not any(isinstance(one, CaseRequest) for one in requests):
            requests.append(case_request(question, ""))
        requests.insert(0, label_request(question))
    if requests and not any(isinstance(one, KnowledgeRequest) for one in requests):
        requests += lookups(state)
    return tuple(dict.fromkeys(requests))


def _situation(state: State) -> str:
    return f"task: {state['task']}; images: {len(state['question'].images)}"


def _with(state: State, part: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*state["degraded"], part)))
