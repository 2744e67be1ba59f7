"""A draft from the evidence: the model's, or sentences of the evidence where there is no model."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from radcite.agent.differential import candidates_text, differential
from radcite.agent.drafting import MODEL_FAILURES, Drafted, streamed_draft
from radcite.agent.drafts import Draft, draft_form
from radcite.agent.extract import extractive_draft
from radcite.agent.state import Parts, State, Written, kept_claims
from radcite.core.claims import Claim, DifferentialItem
from radcite.core.errors import RadciteError
from radcite.core.ports import ChatMessage, ChatModel, ChatPrompt
from radcite.core.sources import Region
from radcite.prompts.registry import load

__all__ = ["write"]


async def write(state: State, runtime: Runtime[Parts]) -> Written:
    """Draft claims, and for a diagnosis the differential of the similar cases."""
    parts, degraded = runtime.context, state["degraded"]
    known = parts.calibrations.get(state["question"].collection)
    votes = differential(state["evidence"], known) if state["task"] == "diagnosis" else None
    drafted: Drafted | None = None
    if parts.chat is not None and state["evidence"]:
        try:
            drafted = await _model_draft(state, votes or (), parts.chat, runtime)
        except RadciteError as error:
            if error.code not in MODEL_FAILURES:
                raise
        if drafted is None or drafted.cut:
            degraded = tuple(dict.fromkeys((*degraded, "llm")))
    if drafted is None:
        # Where the first draft left something, that is the answer.
        draft = Draft() if kept_claims(state) else await extractive_draft(state, parts)
        drafted = Drafted(draft=draft)
    return Written(
        draft=drafted.draft,
        checked=drafted.checked,
        differential=votes,
        degraded=degraded,
        rewrites=state["rewrites"],
    )


async def _model_draft(
    state: State, votes: Sequence[DifferentialItem], chat: ChatModel, runtime: Runtime[Parts]
) -> Drafted:
    form, prompt = draft_form(len(state["evidence"])), _prompt(state, votes)
    if state["refused"]:
        prompt = _with_refusals(prompt, state)

    def tell(place: int, claim: Claim) -> None:
        runtime.stream_writer({"index": place, "claim": claim})

    if runtime.context.streaming:
        return await streamed_draft(prompt, form, state, runtime.context, chat, tell)
    return Drafted(draft=await chat.complete(prompt, form))


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
    kept = "\n".join(f"- {claim.text}" for claim in kept_claims(state))
    again = load("rewrite", 2, state["language"]).render(kept=kept or "-", refused=refused or "-")
    user = [message for message in again.messages if message.role == "user"]
    turns: tuple[ChatMessage, ...] = (*prompt.messages, *user)
    return prompt.model_copy(update={"messages": turns})
