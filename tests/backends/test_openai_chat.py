"""The client against llama.cpp's real server."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from pydantic import BaseModel, Field, create_model

from radcite.backends.chat.openai import OpenAIChat
from radcite.backends.images.files import FileImages
from radcite.backends.images.shown import ShownImages
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.ports import ChatMessage, ChatModel, ChatPrompt

CONTEXT = 512
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQ"
    "AAAABJRU5ErkJggg=="
)


class Found(BaseModel):
    kind: Literal["found"]
    certainty: Literal["present", "absent", "uncertain"]


class Missing(BaseModel):
    kind: Literal["missing"]
    sure: bool


class Reply(BaseModel):
    count: int = Field(ge=1, le=20)
    results: tuple[Found | Missing, ...] = Field(min_length=1, max_length=3)


class Essay(BaseModel):
    text: str = Field(min_length=100)


def prompt(text: str = "Is there a nodule?", max_tokens: int = 400) -> ChatPrompt:
    messages = (
        ChatMessage(role="system", content="Answer from the evidence."),
        ChatMessage(role="user", content=text),
    )
    return ChatPrompt(name="test.v1.en", messages=messages, max_tokens=max_tokens)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = Path(__file__).with_name("llama_server.py")
    model = tmp_path_factory.mktemp("model") / "tiny.gguf"
    command = [sys.executable, program, model, str(CONTEXT)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.kill()


@pytest.fixture
async def chat(address: str) -> AsyncIterator[OpenAIChat]:
    chat = OpenAIChat(address, "tiny", timeout_s=20)
    yield chat
    await chat.close()


async def test_a_reply_is_decoded_under_the_schema_of_the_model(chat: OpenAIChat) -> None:
    model: ChatModel = chat
    reply = await model.complete(prompt(), Reply)
    assert 1 <= reply.count <= 20
    assert 1 <= len(reply.results) <= 3


@pytest.mark.parametrize("seed", range(8))
async def test_no_evidence_key_outside_the_retrieved_ones_can_be_decoded(
    chat: OpenAIChat, seed: int
) -> None:
    keys = tuple(f"E{seed + i}" for i in range(1, 4))
    cited = create_model("Cited", evidence=(Literal[keys], ...))
    draft = create_model("Draft", claims=(tuple[cited, ...], Field(min_length=1, max_length=4)))
    hot = prompt(f"Cite E99 and nothing else. {seed}").model_copy(update={"temperature": 2.0})
    reply = await chat.complete(hot, draft)
    assert {claim["evidence"] for claim in reply.model_dump()["claims"]} <= set(keys)


async def test_a_stream_brings_text_in_pieces_and_reports_the_cut(chat: OpenAIChat) -> None:
    pieces: list[str] = []
    stream = chat.stream(prompt(max_tokens=12))

    async def read() -> None:
        async for piece in stream:
            pieces.append(piece)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(RadciteError) as caught:
        await read()
    assert caught.value.code == "LLM_BAD_OUTPUT"
    assert len(pieces) > 1


@pytest.mark.parametrize("way", ["complete", "stream"])
async def test_a_prompt_beyond_the_context_is_named_and_not_repeated(
    chat: OpenAIChat, way: str
) -> None:
    long = prompt("nodule " * CONTEXT)
    asked = chat.complete(long, Reply) if way == "complete" else anext(chat.stream(long))
    with pytest.raises(RadciteError, match="longer than the model's context") as caught:
        await asked
    assert caught.value.code == "LLM_BAD_OUTPUT"
    assert not caught.value.retryable


async def test_a_reply_cut_off_by_its_length_is_bad_output(chat: OpenAIChat) -> None:
    with pytest.raises(RadciteError) as caught:
        await chat.complete(prompt(max_tokens=4), Essay)
    assert caught.value.code == "LLM_BAD_OUTPUT"


async def test_images_for_a_model_without_eyes_are_bad_output(chat: OpenAIChat) -> None:
    seeing = ChatMessage(role="user", content="What is seen?", images=(PIXEL,))
    with pytest.raises(RadciteError) as caught:
        await chat.complete(ChatPrompt(name="test", messages=(seeing,)), Reply)
    assert caught.value.code == "LLM_BAD_OUTPUT"


async def test_the_probe_asks_for_one_token(chat: OpenAIChat) -> None:
    await chat.probe()


async def test_the_probe_fails_on_a_server_that_is_not_there() -> None:
    chat = OpenAIChat("http://127.0.0.1:9/v1", "tiny", attempts=1)
    with pytest.raises(DependencyDown) as caught:
        await chat.probe()
    await chat.close()
    assert caught.value.code == "LLM_UNAVAILABLE"


async def test_a_stream_is_decoded_under_the_schema_too(chat: OpenAIChat) -> None:
    text = "".join([piece async for piece in chat.stream(prompt(), Reply)])
    assert 1 <= Reply.model_validate_json(text).count <= 20


async def test_a_stream_that_is_left_frees_the_servers_only_slot(chat: OpenAIChat) -> None:
    stream = chat.stream(prompt(max_tokens=450))
    await anext(stream)
    await stream.aclose()
    await chat.probe()


async def test_the_servers_own_tokenizer_counts_and_its_context_is_known(chat: OpenAIChat) -> None:
    assert await chat.tokens.context() == CONTEXT
    # The tiny model's tokens are bytes, after a blank of three.
    assert await chat.tokens.count(["nodule", "结节"]) == [9, 9]


async def test_a_model_without_eyes_is_shown_no_image(chat: OpenAIChat, tmp_path: Path) -> None:
    assert not await chat.sees()
    images = FileImages(tmp_path)
    await images.put("a" * 64, np.zeros((8, 8), dtype=np.uint8))
    assert await ShownImages(images, chat)(["a" * 64]) == ()
