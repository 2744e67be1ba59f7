"""The model's draft: whole, or claim by claim, each checked as soon as it is written."""

from collections.abc import Callable
from contextlib import aclosing

from pydantic import ValidationError

from radcite.agent.claim_stream import ClosedClaims
from radcite.agent.drafts import Draft, DraftClaim
from radcite.agent.gating import Showing, checked_claim
from radcite.agent.state import Checked, Parts, State, kept_claims
from radcite.core.claims import Claim
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ports import ChatModel, ChatPrompt

__all__ = ["MODEL_FAILURES", "Drafted", "streamed_draft"]

MODEL_FAILURES = frozenset({"LLM_UNAVAILABLE", "LLM_BAD_OUTPUT", "TIMEOUT"})


class Drafted(Frozen):
    """A draft and what the gate made of its first claims; `cut`: the model did not come to its end."""

    draft: Draft
    checked: tuple[Checked, ...] = ()
    cut: bool = False


async def streamed_draft(
    prompt: ChatPrompt,
    form: type[Draft],
    state: State,
    parts: Parts,
    chat: ChatModel,
    tell: Callable[[int, Claim], None],
) -> Drafted:
    """The draft with its claims checked while it was written.

    A reply that breaks off keeps what had been shown; one in which nothing could be shown is asked for once more,
    whole.

    Args:
        prompt: What the model is asked.
        form: The form of its reply.
        state: The turn.
        parts: What the gate works with.
        chat: The model.
        tell: Called with each claim that may be shown, and its place in the answer.

    Raises:
        RadciteError: As `ChatModel.complete`, where nothing was shown.
    """
    reader, showing = ClosedClaims(), Showing(kept_claims(state), state, tell)
    drafted: list[DraftClaim] = []
    checked: list[Checked] = []
    whole = False
    try:
        async with aclosing(chat.stream(prompt, form)) as pieces:
            async for piece in pieces:
                for text in reader.feed(piece):
                    claim = form.model_validate_json(f'{{"claims": [{text}]}}').claims[0]
                    drafted.append(claim)
                    checked.append(await checked_claim(claim, state, parts))
                    showing.add(checked[-1])
        whole = reader.whole
    except ValidationError:
        pass
    except RadciteError as error:
        if error.code not in MODEL_FAILURES or not showing.stands:
            raise
    if not whole and not showing.stands:
        return Drafted(draft=await chat.complete(prompt, form))
    draft = Draft.model_construct(claims=tuple(drafted))
    return Drafted(draft=draft, checked=tuple(checked), cut=not whole)
