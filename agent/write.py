"""A draft from the evidence: the model's, or sentences of the evidence where there is no model."""

from collections.abc import Sequence
from dataclasses import replace

from langgraph.runtime import Runtime

from radcite.agent.differential import calibrated, candidates_text
from radcite.agent.draft_prompt import Ordered, draft_prompt
from radcite.agent.drafting import MODEL_FAILURES, Drafted, streamed_draft
from radcite.agent.drafts import Draft, draft_form
from radcite.agent.extract import extractive_draft
from radcite.agent.packing import packed, room_of
from radcite.agent.state import Parts, State, Written, kept_claims
from radcite.core.claims import Claim, DifferentialItem, Evidence
from radcite.core.errors import RadciteError
from radcite.core.ports import ChatMessage, ChatModel, ChatPrompt
from radcite.core.sources import Case, Region
from radcite.prompts.registry import load

__all__ = ["write"]

# What an image of 1,024 pixels a side takes of the usual vision models at most.
_IMAGE_TOKENS = 1_500


async def write(state: State, runtime: Runtime[Parts]) -> Written:
    """Draft claims, and for a diagnosis the differential of the similar cases."""
    parts, degraded = runtime.context, state["degraded"]
    known = parts.calibrations.get(state["question"].collection)
    votes = calibrated(state["votes"], known) if state["task"] == "diagnosis" else ()
    drafted: Drafted | None = None
    if parts.chat is not None and state["evidence"]:
        try:
            drafted = await _model_draft(state, votes, parts.chat, runtime)
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
        differential=votes or None,
        degraded=degraded,
        rewrites=state["rewrites"],
    )


async def _model_draft(
    state: State, votes: Sequence[DifferentialItem], chat: ChatModel, runtime: Runtime[Parts]
) -> Drafted | None:
    """The model's draft; None where its context has no room for any evidence."""
    evidence = [item for item in state["evidence"] if not _of_another_image(item.source, state)]
    order = await _fitting(state, votes, runtime.context, evidence)
    if not order.keys:
        return None
    form, prompt = draft_form(order.keys, order.parts, order.conditions), order.prompt

    def tell(place: int, claim: Claim) -> None:
        runtime.stream_writer({"index": place, "claim": claim})

    if runtime.context.streaming:
        return await streamed_draft(prompt, form, state, runtime.context, chat, tell)
    return Drafted(draft=await chat.complete(prompt, form))


async def _fitting(
    state: State, votes: Sequence[DifferentialItem], parts: Parts, evidence: Sequence[Evidence]
) -> Ordered:
    """The order with as much of the evidence as the model's context holds."""
    room = None
    if parts.tokens is not None:
        bare = _order(state, votes, parts, ()).prompt
        room = await room_of(_with_refusals(bare, state), parts.tokens)
    shown = await _shown(state, parts)
    if room is not None:
        left = room.evidence - _IMAGE_TOKENS * len(shown)
        evidence = await packed(state, parts, evidence, max(0, left))
    order = _order(state, votes, parts, evidence)
    if room is not None:
        order = replace(order, prompt=order.prompt.model_copy(update={"max_tokens": room.reply}))
    prompt = _with_refusals(_with_images(order.prompt, shown), state)
    return replace(order, prompt=prompt)


async def _shown(state: State, parts: Parts) -> tuple[str, ...]:
    """The asked images for a model that sees; what it sees is a claim only where an image tool measured it too."""
    digests = state["question"].images
    return await parts.pictures(digests) if digests and parts.pictures else ()


def _with_images(prompt: ChatPrompt, images: tuple[str, ...]) -> ChatPrompt:
    """The prompt with the images before the words of its last turn."""
    *before, last = prompt.messages
    messages = (*before, last.model_copy(update={"images": images}))
    return prompt.model_copy(update={"messages": messages})


def _order(
    state: State, votes: Sequence[DifferentialItem], parts: Parts, evidence: Sequence[Evidence]
) -> Ordered:
    task, language = state["task"], state["language"]
    caption = task == "caption"
    return draft_prompt(
        task,
        language,
        evidence,
        state["question"].text,
        history=state["asked"][:-1],
        headings=parts.headings(*_studied(evidence), language) if caption else (),
        candidates=candidates_text(votes, language) if task == "diagnosis" else "",
        conditions=tuple(item.condition.display[language] for item in votes),
    )


def _studied(evidence: Sequence[Evidence]) -> tuple[str, str]:
    """Modality and body part of the asked image: as measured, else as the nearest case has them."""
    told: dict[str, str] = {}
    for item in evidence:
        if isinstance(item.source, Region):
            name, _, value = item.source.observation.value.partition(": ")
            told.setdefault(name, value)
    case = next((one.source for one in evidence if isinstance(one.source, Case)), None)
    modality, body_part = (case.modality, case.body_part) if case else (None, None)
    return told.get("modality") or modality or "", told.get("body_part") or body_part or ""


def _of_another_image(source: object, state: State) -> bool:
    return isinstance(source, Region) and source.image not in state["question"].images


def _with_refusals(prompt: ChatPrompt, state: State) -> ChatPrompt:
    """The prompt with what the gate refused, and why, so that it can be put right once; else as it is."""
    if not state["refused"]:
        return prompt
    refused = "\n".join(f"- {line}" for line in state["refused"])
    kept = "\n".join(f"- {claim.text}" for claim in kept_claims(state))
    again = load("rewrite", 2, state["language"]).render(kept=kept or "-", refused=refused or "-")
    user = [message for message in again.messages if message.role == "user"]
    turns: tuple[ChatMessage, ...] = (*prompt.messages, *user)
    return prompt.model_copy(update={"messages": turns})
