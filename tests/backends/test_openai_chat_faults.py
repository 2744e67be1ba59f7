"""The client against a loopback server that misbehaves on purpose."""

import asyncio
import json
import logging
import traceback
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel, JsonValue, SecretStr

from radcite.backends.chat.openai import OpenAIChat
from radcite.backends.images.files import FileImages
from radcite.backends.images.shown import ShownImages
from radcite.core.errors import RadciteError
from radcite.core.ports import ChatMessage, ChatPrompt

PATIENT = "Zhang-Wei-19580412"
PROMPT = ChatPrompt(name="test", messages=(ChatMessage(role="user", content=f"About {PATIENT}"),))


class Reply(BaseModel):
    seen: bool


class Request(BaseModel):
    headers: dict[str, str]
    body: dict[str, JsonValue]


Respond = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def http(status: int, body: str, *headers: str, kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "Connection: close", *headers]
    raw = body.encode()
    return "\r\n".join([*lines, f"Content-Length: {len(raw)}", "", ""]).encode() + raw


def said(content: str | None, finish: str = "stop", **message: str) -> bytes:
    choice = {"message": {"role": "assistant", "content": content, **message}}
    return http(200, json.dumps({"choices": [choice | {"finish_reason": finish}]}))


def failed(status: int, *headers: str, message: str = f"bad input: About {PATIENT}") -> bytes:
    return http(status, json.dumps({"error": {"message": message, "code": status}}), *headers)


def sse(*chunks: str, cut: bool = False) -> bytes:
    deltas = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in chunks]
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    events = [json.dumps(delta) for delta in deltas] + ([] if cut else [json.dumps(last), "[DONE]"])
    return http(200, "".join(f"data: {event}\n\n" for event in events), kind="text/event-stream")


GOOD = said('{"seen": true}')


class Server:
    """Answers each connection with the next reply, the last one for ever."""

    def __init__(self, replies: tuple[bytes | Respond, ...]) -> None:
        self._replies = replies
        self._open: set[asyncio.Task[None]] = set()
        self.requests: list[Request] = []
        self.address = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        self.requests.append(await _request(reader))
        reply = self._replies[min(len(self.requests), len(self._replies)) - 1]
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
        else:
            await reply(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def finished(self) -> None:
        await asyncio.gather(*self._open)


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(headers=headers, body=json.loads(body or b"{}"))


@asynccontextmanager
async def serving(*replies: bytes | Respond) -> AsyncIterator[Server]:
    server = Server(replies)
    async with await asyncio.start_server(server, "127.0.0.1") as listener:
        port = listener.sockets[0].getsockname()[1]
        server.address = f"http://127.0.0.1:{port}/v1"
        yield server
        await server.finished()


@asynccontextmanager
async def chatting(
    server: Server, timeout_s: float = 5.0, key: SecretStr | None = None
) -> AsyncIterator[OpenAIChat]:
    chat = OpenAIChat(
        server.address, "m", api_key=key, timeout_s=timeout_s, probe_timeout_s=0.3, backoff_s=0.01
    )
    try:
        yield chat
    finally:
        await chat.close()


async def failure(*replies: bytes | Respond, timeout_s: float = 5.0) -> tuple[RadciteError, int]:
    async with serving(*replies) as server, chatting(server, timeout_s) as chat:
        with pytest.raises(RadciteError) as caught:
            await chat.complete(PROMPT, Reply)
    return caught.value, len(server.requests)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


@pytest.mark.parametrize(
    "first",
    [
        failed(429, "Retry-After: 0"),
        failed(500),
        failed(503),
        drop,
        http(200, "{not json"),
        http(200, '{"choices": []}'),
        http(200, "<html>", kind="text/html"),
        said('{"seen": 7.5}'),
        said('{"seen": tr'),
        said(None),
    ],
)
async def test_a_failure_that_passes_costs_one_more_request(first: bytes | Respond) -> None:
    async with serving(first, GOOD) as server, chatting(server) as chat:
        assert await chat.complete(PROMPT, Reply) == Reply(seen=True)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "code", "requests"),
    [
        (failed(429), "LLM_UNAVAILABLE", 3),
        (failed(500), "LLM_UNAVAILABLE", 3),
        (drop, "LLM_UNAVAILABLE", 3),
        (failed(429, "Retry-After: 60"), "LLM_UNAVAILABLE", 1),
        (failed(401), "LLM_UNAVAILABLE", 1),
        (failed(404), "LLM_UNAVAILABLE", 1),
        (failed(307, "Location: http://127.0.0.1:9/"), "LLM_UNAVAILABLE", 1),
        (failed(400), "LLM_BAD_OUTPUT", 1),
        (failed(422), "LLM_BAD_OUTPUT", 1),
        (
            failed(400, message="This model's maximum context length is 16 tokens."),
            "LLM_BAD_OUTPUT",
            1,
        ),
        (http(200, "{not json"), "LLM_BAD_OUTPUT", 3),
        (http(200, '{"choices": []}'), "LLM_BAD_OUTPUT", 3),
        (said(f'{{"seen": "{PATIENT}", "{PATIENT}": 1}}'), "LLM_BAD_OUTPUT", 2),
        (said('{"seen": tr', "length"), "LLM_BAD_OUTPUT", 1),
        (said(None, refusal=f"I cannot discuss {PATIENT}"), "LLM_BAD_OUTPUT", 1),
        (said("", "content_filter"), "LLM_BAD_OUTPUT", 1),
    ],
)
async def test_a_failure_that_stays_has_its_code_and_never_the_prompt(
    reply: bytes | Respond, code: str, requests: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error, sent = await failure(reply)
    assert (error.code, sent) == (code, requests)
    shown = "".join(traceback.format_exception(error)) + error.detail_zh + caplog.text
    assert PATIENT not in shown
    assert error.__context__ is None


async def test_a_server_that_is_down_is_unavailable() -> None:
    async with serving(GOOD) as server:
        pass
    async with chatting(server) as chat:
        with pytest.raises(RadciteError) as caught:
            await chat.complete(PROMPT, Reply)
    assert caught.value.code == "LLM_UNAVAILABLE"
    assert caught.value.retryable


async def test_a_slow_server_is_a_timeout() -> None:
    error, sent = await failure(hang, timeout_s=0.2)
    assert (error.code, sent) == ("TIMEOUT", 1)


async def test_a_correction_follows_the_unchanged_messages() -> None:
    async with serving(said('{"seen": "?"}'), GOOD) as server, chatting(server) as chat:
        await chat.complete(PROMPT, Reply)
    first, second = (request.body["messages"] for request in server.requests)
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert second[: len(first)] == first
    assert "seen (bool_parsing)" in str(second[-1])


async def test_only_needed_headers_leave_whatever_the_environment_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Extra: 1\nAuthorization: Bearer other")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with serving(GOOD) as server, chatting(server, key=SecretStr("k")) as chat:
        await chat.complete(PROMPT, Reply)
    headers = server.requests[0].headers
    assert headers["authorization"] == "bearer k"
    assert not [name for name in headers if name.startswith(("x-", "openai-"))]


async def test_the_request_is_a_strict_schema_with_images_before_the_words() -> None:
    message = ChatMessage(role="user", content="What?", images=("data:image/png;base64,AA==",))
    async with serving(GOOD) as server, chatting(server) as chat:
        await chat.complete(ChatPrompt(name="p", messages=(message,), max_tokens=9), Reply)
    body = server.requests[0].body
    assert body["max_tokens"] == 9
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "Reply",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"seen": {"type": "boolean"}},
                "required": ["seen"],
                "additionalProperties": False,
            },
        },
    }
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                {"type": "text", "text": "What?"},
            ],
        }
    ]


async def test_an_image_address_that_the_server_would_fetch_is_refused() -> None:
    message = ChatMessage(role="user", content="?", images=("http://127.0.0.1/a.png",))
    async with serving(GOOD) as server, chatting(server) as chat:
        with pytest.raises(RadciteError) as caught:
            await chat.complete(ChatPrompt(name="p", messages=(message,)), Reply)
    assert caught.value.code == "VALIDATION"
    assert not server.requests


async def test_cancelling_closes_the_connection() -> None:
    asked, closed = asyncio.Event(), asyncio.Event()

    async def notice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        closed.set()

    async with serving(notice) as server, chatting(server) as chat:
        task = asyncio.create_task(chat.complete(PROMPT, Reply))
        await asyncio.wait_for(asked.wait(), 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(closed.wait(), 2)


async def test_a_stream_yields_the_pieces_after_a_passing_failure() -> None:
    async with serving(failed(503), sse("no", "dule")) as server, chatting(server) as chat:
        assert [piece async for piece in chat.stream(PROMPT)] == ["no", "dule"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (sse("no", cut=True), "LLM_UNAVAILABLE"),
        (
            http(
                200, f'data: {{"error": {{"message": "{PATIENT}"}}}}\n\n', kind="text/event-stream"
            ),
            "LLM_UNAVAILABLE",
        ),
        (http(200, f"data: {{{PATIENT}\n\n", kind="text/event-stream"), "LLM_BAD_OUTPUT"),
        (failed(400), "LLM_BAD_OUTPUT"),
        (hang, "TIMEOUT"),
    ],
)
async def test_a_broken_stream_has_its_code_and_never_the_prompt(
    reply: bytes | Respond, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(reply) as server, chatting(server, timeout_s=0.3) as chat:
        with pytest.raises(RadciteError) as caught:
            _ = [piece async for piece in chat.stream(PROMPT)]
    assert caught.value.code == code
    assert PATIENT not in "".join(traceback.format_exception(caught.value)) + caplog.text


@pytest.mark.parametrize(
    ("reply", "code"),
    [(failed(500), "LLM_UNAVAILABLE"), (failed(400), "LLM_UNAVAILABLE"), (hang, "TIMEOUT")],
)
async def test_the_probe_is_one_request_and_says_the_model_is_down(
    reply: bytes | Respond, code: str
) -> None:
    async with serving(reply) as server, chatting(server) as chat:
        with pytest.raises(RadciteError) as caught:
            await chat.probe()
    assert (caught.value.code, caught.value.retryable, len(server.requests)) == (code, True, 1)
    assert server.requests[0].body["max_tokens"] == 1


async def test_tokens_are_estimated_by_what_was_charged_where_the_server_does_not_count() -> None:
    charged = json.dumps(
        {
            "choices": [{"message": {"content": '{"seen": true}'}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 4_000, "completion_tokens": 5},
        }
    )
    long = ChatMessage(role="user", content="word" * 2_000)
    async with (
        serving(failed(404), http(200, charged), failed(404)) as server,
        chatting(server) as chat,
    ):
        assert await chat.tokens.context() is None
        await chat.complete(ChatPrompt(name="p", messages=(long,)), Reply)
        assert await chat.tokens.count(["word" * 100] * 2) == [201, 201]
    assert len(server.requests) == 4


async def test_a_model_that_sees_is_shown_pixels_alone_no_larger_than_it_needs(
    tmp_path: Path,
) -> None:
    images = FileImages(tmp_path)
    await images.put("a" * 64, np.full((3000, 1500), 90, dtype=np.uint8))
    async with serving(GOOD) as server, chatting(server) as chat:
        shown = [await ShownImages(images, chat)(["a" * 64]) for _ in range(2)]
    assert len(server.requests) == 1, "asked once whether it sees"
    (uri,) = shown[1]
    made = Image.open(BytesIO(b64decode(uri.removeprefix("data:image/png;base64,"))))
    assert (made.size, made.mode, made.info) == ((512, 1024), "L", {})


async def test_a_model_that_is_down_is_asked_again_whether_it_sees() -> None:
    async with serving(failed(503), GOOD) as server, chatting(server) as chat:
        assert [await chat.sees(), await chat.sees()] == [False, True]
