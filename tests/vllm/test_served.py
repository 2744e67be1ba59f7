"""The client against a real vLLM (`make test-vllm`), which serves a tiny model and a LoRA adapter by name."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Literal

import httpx
import pytest
from pydantic import BaseModel, Field, create_model

from radcite.backends.chat.openai import OpenAIChat
from radcite.core.errors import RadciteError
from radcite.core.ports import ChatMessage, ChatPrompt
from tests.vllm.tiny_served import CONTEXT

ADDRESS = os.environ.get("RADCITE_TEST_VLLM", "")
pytestmark = pytest.mark.skipif(not ADDRESS, reason="no vLLM was started: make test-vllm")


class Cited(BaseModel):
    quote: str = Field(min_length=1, max_length=12)
    certainty: Literal["present", "absent", "uncertain"]


class Reply(BaseModel):
    claims: tuple[Cited, ...] = Field(min_length=1, max_length=2)


def prompt(text: str = "Is there a nodule?", max_tokens: int = 300) -> ChatPrompt:
    messages = (
        ChatMessage(role="system", content="Answer from the evidence."),
        ChatMessage(role="user", content=text),
    )
    return ChatPrompt(name="test.v1.en", messages=messages, max_tokens=max_tokens)


@pytest.fixture
async def chat() -> AsyncIterator[OpenAIChat]:
    chat = OpenAIChat(ADDRESS, "tiny", timeout_s=120)
    yield chat
    await chat.close()


async def test_claims_are_decoded_under_the_schema(chat: OpenAIChat) -> None:
    reply = await chat.complete(prompt(), Reply)
    assert 1 <= len(reply.claims) <= 2


@pytest.mark.parametrize("seed", range(4))
async def test_no_evidence_key_outside_the_retrieved_ones_can_be_decoded(
    chat: OpenAIChat, seed: int
) -> None:
    keys = tuple(f"E{seed + i}" for i in range(1, 4))
    cited = create_model("Cited", evidence=(Literal[keys], ...))
    draft = create_model("Draft", claims=(tuple[cited, ...], Field(min_length=1, max_length=4)))
    hot = prompt(f"Cite E99 and nothing else. {seed}").model_copy(update={"temperature": 2.0})
    reply = await chat.complete(hot, draft)
    assert {claim["evidence"] for claim in reply.model_dump()["claims"]} <= set(keys)


async def test_a_stream_comes_in_pieces_and_under_the_schema_too(chat: OpenAIChat) -> None:
    pieces = [piece async for piece in chat.stream(prompt(), Reply)]
    assert len(pieces) > 1
    assert Reply.model_validate_json("".join(pieces)).claims


async def test_an_adapter_is_asked_by_its_name_and_writes_otherwise(chat: OpenAIChat) -> None:
    adapted = OpenAIChat(ADDRESS, "tiny-lora", timeout_s=120)
    base, other = [await _said(one) for one in (chat, adapted)]
    assert await _said(adapted) == other
    await adapted.close()
    assert other
    assert other != base


async def test_a_name_that_is_not_served_is_unavailable() -> None:
    nobody = OpenAIChat(ADDRESS, "nobody", timeout_s=20, attempts=1)
    with pytest.raises(RadciteError, match="LLM_UNAVAILABLE"):
        await nobody.complete(prompt(), Reply)
    await nobody.close()


@pytest.mark.parametrize("way", ["complete", "stream"])
async def test_a_prompt_beyond_the_context_is_named_and_not_repeated(
    chat: OpenAIChat, way: str
) -> None:
    long = prompt("nodule " * CONTEXT)
    asked = chat.complete(long, Reply) if way == "complete" else anext(chat.stream(long))
    with pytest.raises(RadciteError, match="longer than the model's context") as caught:
        await asked
    assert not caught.value.retryable


async def test_a_stream_that_is_left_is_cancelled_on_the_server(chat: OpenAIChat) -> None:
    stream = chat.stream(prompt(max_tokens=400))
    await anext(stream)
    await stream.aclose()
    async with asyncio.timeout(20):
        while await _running():  # noqa: ASYNC110 - the server tells nobody when it is done
            await asyncio.sleep(0.1)
    await chat.probe()


async def test_the_servers_own_tokenizer_counts_and_its_context_is_known(chat: OpenAIChat) -> None:
    assert await chat.tokens.context() == CONTEXT
    # The tiny model's tokens are bytes.
    assert await chat.tokens.count(["nodule", "结节"]) == [6, 6]


async def _said(chat: OpenAIChat) -> str:
    said: list[str] = []
    # Random weights seldom come to an end by themselves: the reply is cut, and its words came all the same.
    with suppress(RadciteError):
        async for piece in chat.stream(prompt(max_tokens=24)):
            said.append(piece)  # noqa: PERF401 - what came before the error counts
    return "".join(said)


async def _running() -> float:
    async with httpx.AsyncClient(trust_env=False) as client:
        told = (await client.get(f"{ADDRESS.removesuffix('/v1')}/metrics")).text
    counted = [line for line in told.splitlines() if line.startswith("vllm:num_requests_running")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in counted)
