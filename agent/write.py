"""A draft from the evidence: the model's, or sentences of the evidence where there is no model."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from radcite.agent.differential import candidates_text, differential
from radcite.agent.drafts import Draft, draft_form
from radcite.agent.extract import extractive_draft
from radcite.agent.state import Parts, State, Written
from radcite.core.claims import DifferentialItem
from radcite.core.errors import RadciteError
from radcite.core.ports import ChatMessage, ChatModel, ChatPrompt
from radcite.core.sources import Region
from radcite.prompts.registry import load

__all__ = ["write"]

_MODEL_FAILURES = frozenset({"LLM_UNAVAILABLE", "LLM_BAD_OUTPUT", "TIMEOUT"})


async def write(state: State, runtime: Runtime[Parts]) -> Written:
    """Draft claims, and for a diagnosis the differential of the similar cases."""
    parts, degraded = runtime.context, state["degraded"]
    known = parts.calibrations.get(state["question"].collection)
    votes = differential(state["evidence"], known) if state["task"] == "diagnosis" else None
    if parts.chat is not None and state["evidence"]:
        try:
            draft = await _model_draft(state, votes or (), parts.chat)
            return Written(
                draft=draft, differential=votes, degraded=degraded, rewrites=state["rewrites"]
            )
        except RadciteError as error:
            if error.code not in _MODEL_FAILURES:
                raise
            degraded = tuple(dict.fromkeys((*degraded, "llm")))
    draft = await extractive_draft(state, parts)
    return Written(draft=draft, differential=votes, degraded=degraded, rewrites=state["rewrites"])


async def _model_draft(state: State, votes: Sequence[DifferentialItem], chat: ChatModel) -> Draft:
    form = draft_form(len(state["evidence"]))
    prompt = (
        _with_refusals(_prompt(state, votes), state) if state["refused"] else _prompt(state, votes)
    )
    return await chat.complete(prompt, form)


def _prompt(state: State, votes: Sequence[DifferentialItem]) -> ChatPrompt:
    language, question = state["language"], state["question"].text
    evidence = [item for item in state["evidence"] if not _of_another_image(item.source, state)]
    match state["task"]:
        case "literature":
            return load("answer", 1, language).render(evidence=evidence, question=question)
        case "consultation":
            history = "\n".join(state["asked"][:-1]) or "-"
            return load("consultation", 1, language).render(
                evidence=evidence, history=history, question=question
            )
        case "caption":
            return load("caption", 1, language).render(evidence=evidence, question=question or "-")
        case "diagnosis":
            candidates = candidates_text(votes, language)
            return load("diagnosis", 1, language).render(
                candidates=candidates, evidence=evidence, question=question
            )


def _of_another_image(source: object, state: State) -> bool:
    return isinstance(source, Region) and source.image not in state["question"].images


def _with_refusals(prompt: ChatPrompt, state: State) -> ChatPrompt:
    """The prompt with what the gate refused, and why, so that it can be put right once."""
    refused = "\n".join(f"- {line}" for line in state["refused"])
    again = load("rewrite", 1, state["language"]).render(refused=refused or "-")
    user = [message for message in again.messages if message.role == "user"]
    turns: tuple[ChatMessage, ...] = (*prompt.messages, *user)
    return prompt.model_copy(update={"messages": turns})
