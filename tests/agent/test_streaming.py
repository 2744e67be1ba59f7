"""A served model's claims come one by one: each is shown once it passed the gate, while the next is written."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import pytest
from pydantic import BaseModel

from radcite.agent.ask import ask, steps
from radcite.agent.claim_stream import ClosedClaims
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim
from radcite.agent.graph import build_graph
from radcite.agent.plan_by_model import Plan
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import Abstention, Answer, Claim
from radcite.core.errors import DependencyDown
from radcite.core.ports import ChatPrompt
from radcite.core.question import Question
from tests.agent.scene import GivenHits, parts, passage

ReplyT = TypeVar("ReplyT", bound=BaseModel)
FIRST = "Low-dose CT screening reduced lung cancer mortality by 20% in heavy smokers."
SECOND = "Overdiagnosis was found in 3% of the screened persons."
LIE = "Screening raised mortality by 70%."
FOUND = GivenHits([passage(f"{FIRST} {SECOND}")])
QUESTION = Question(text="Does low-dose CT screening reduce lung cancer mortality in smokers?")
PLAN = '{"calls": [{"tool": "literature_search", "query": "screening"}]}'


def drafted(*claims: tuple[str, str]) -> Draft:
    return Draft(
        claims=tuple(
            DraftClaim(
                text=text,
                about="literature",
                citations=(DraftCitation(evidence="E1", quote=quote),),
            )
            for text, quote in claims
        )
    )


@dataclass
class Dictating:
    """A model that plans, then writes a reply in pieces and says after how many it was left."""

    pieces: Sequence[str | Exception]
    name: str = "dictating"
    written: int = 0
    closed: bool = False
    wholes: list[Draft] = field(default_factory=list[Draft])
    asked: list[type[BaseModel]] = field(default_factory=list[type[BaseModel]])

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        self.asked.append(reply)
        if issubclass(reply, Plan):
            return reply.model_validate_json(PLAN)
        if not self.wholes:
            raise DependencyDown("LLM_UNAVAILABLE", "gone")
        return cast("ReplyT", self.wholes.pop(0))

    async def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                self.written += 1
                # As a server's reply does, it lets others run between its pieces.
                await asyncio.sleep(0)
                yield piece
        finally:
            self.closed = True

    async def probe(self) -> None:
        """It always answers."""


async def told(chat: Any) -> tuple[list[tuple[str, Any]], Answer | Abstention]:
    given = replace(parts(FOUND, chat=chat), streaming=True)
    updates = [update async for update in steps(build_graph(), given, QUESTION)]
    outcome = next(change["outcome"] for _, change in reversed(updates) if "outcome" in change)
    assert isinstance(outcome, Answer | Abstention)
    return updates, outcome


async def test_a_claim_is_shown_before_the_model_has_written_the_next() -> None:
    text = drafted((FIRST, FIRST), (SECOND, SECOND)).model_dump_json()
    chat = Dictating([*text])
    seen: list[tuple[int, str, int]] = []
    given = replace(parts(FOUND, chat=chat), streaming=True)
    async for name, change in steps(build_graph(), given, QUESTION):
        if name == "claim":
            claim = change["claim"]
            assert isinstance(claim, Claim)
            assert claim.support == "supported"
            assert isinstance(change["index"], int)
            seen.append((change["index"], claim.text, chat.written))
    assert [(index, words) for index, words, _ in seen] == [(0, FIRST), (1, SECOND)]
    assert seen[0][2] < len(text)


async def test_what_the_gate_refuses_is_never_shown_and_what_stood_is_kept_when_it_is_mended() -> (
    None
):
    first, second = drafted((FIRST, FIRST), (LIE, FIRST)), drafted((SECOND, SECOND))
    chat = ScriptedChat([PLAN, first, second])
    updates, outcome = await told(chat)
    shown = [change["claim"].text for name, change in updates if name == "claim"]
    assert shown == [FIRST, SECOND]
    assert isinstance(outcome, Answer)
    assert [claim.text for claim in outcome.claims] == shown
    again = chat.prompts[-1].messages[-1].content
    assert again.index(FIRST) < again.index(LIE)


async def test_a_stream_that_breaks_off_leaves_what_was_shown_marked_degraded() -> None:
    text = drafted((FIRST, FIRST), (SECOND, SECOND)).model_dump_json()
    half = text[: text.index(SECOND) + 8]
    for pieces in ([half], [half, DependencyDown("LLM_UNAVAILABLE", "the stream broke off")]):
        updates, outcome = await told(Dictating(pieces))
        assert [change["claim"].text for name, change in updates if name == "claim"] == [FIRST]
        assert isinstance(outcome, Answer)
        assert [claim.text for claim in outcome.claims] == [FIRST]
        assert outcome.degraded[-1:] == ("llm",)


@pytest.mark.parametrize("pieces", [["no JSON at all"], ['{"claims": [{"text": 7}]}'], ['{"cla']])
async def test_a_reply_in_a_wrong_form_is_asked_for_once_more_whole(pieces: list[str]) -> None:
    chat = Dictating(pieces, wholes=[drafted((FIRST, FIRST))])
    _, outcome = await told(chat)
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].text == FIRST
    assert "llm" not in outcome.degraded
    assert chat.closed


async def test_a_key_that_was_not_retrieved_is_a_wrong_form() -> None:
    invented = drafted((FIRST, FIRST)).model_dump_json().replace('"E1"', '"E9"')
    chat = Dictating([invented], wholes=[drafted((FIRST, FIRST))])
    _, outcome = await told(chat)
    assert isinstance(outcome, Answer)
    assert {one.evidence for claim in outcome.claims for one in claim.citations} == {"E1"}


async def test_a_model_that_says_nothing_abstains_and_is_not_asked_again() -> None:
    chat = Dictating(['{"claims": []}'])
    updates, outcome = await told(chat)
    assert isinstance(outcome, Abstention)
    assert not [name for name, _ in updates if name == "claim"]
    assert len(chat.asked) == 1


async def test_a_weak_claim_waits_until_one_is_supported() -> None:
    chinese = "低剂量CT筛查使重度吸烟者的肺癌死亡率下降了20%。"
    chat = ScriptedChat([PLAN, drafted((chinese, FIRST), (FIRST, FIRST))])
    updates, outcome = await told(chat)
    shown = [change["claim"] for name, change in updates if name == "claim"]
    assert [claim.support for claim in shown] == ["weak", "supported"]
    assert isinstance(outcome, Answer)
    assert list(outcome.claims) == shown
    alone = ScriptedChat([PLAN, drafted((chinese, FIRST))])
    updates, outcome = await told(alone)
    assert isinstance(outcome, Abstention)
    assert not [name for name, _ in updates if name == "claim"]


async def test_where_nobody_listens_the_draft_comes_whole() -> None:
    chat = Dictating([], wholes=[drafted((FIRST, FIRST))])
    outcome = await ask(build_graph(), parts(FOUND, chat=chat), QUESTION)
    assert isinstance(outcome, Answer)
    assert chat.written == 0


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_braces_and_quotes_in_words_close_no_claim(size: int) -> None:
    text = '{"claims": [{"text": "a \\"}]{ b\\\\", "c": [{"q": "x"}]}, {"text": "两]}"}]}'
    reader = ClosedClaims()
    found = [one for at in range(0, len(text), size) for one in reader.feed(text[at : at + size])]
    assert found == ['{"text": "a \\"}]{ b\\\\", "c": [{"q": "x"}]}', '{"text": "两]}"}']
    assert reader.whole
