"""The interfaces of others: OpenAI's chat completions by its own client, and the Model Context Protocol."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import numpy as np
import pytest
from mcp.client import Client
from openai import APIStatusError, AsyncOpenAI
from PIL import Image

from radcite.apps.mcp import mcp_server
from radcite.apps.web.app import create_app
from radcite.apps.web.throttle import Line, Throttle
from radcite.core.errors import RadciteError
from tests.apps.web.scene import Site, events

FLUID = "How much pleural fluid is needed to blunt the costophrenic angle?"


@asynccontextmanager
async def openai_client(site: Site) -> AsyncIterator[AsyncOpenAI]:
    transport = httpx.ASGITransport(create_app(site.desk))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as web,
        AsyncOpenAI(
            api_key="none", base_url="http://127.0.0.1/v1", http_client=web, max_retries=0
        ) as client,
    ):
        yield client


def data_uri(path: Path) -> str:
    return f"data:application/dicom;base64,{base64.b64encode(path.read_bytes()).decode()}"


def stored(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.png"))


async def test_the_collections_are_listed_as_models(site: Site) -> None:
    async with openai_client(site) as client:
        names = [model.id async for model in client.models.list()]
    assert names[0] == "radcite"
    assert "radcite:default" in names


async def test_an_answer_is_text_whose_annotations_span_its_links(site: Site) -> None:
    async with openai_client(site) as client:
        told = await client.chat.completions.create(
            model="radcite", messages=[{"role": "user", "content": FLUID}]
        )
    message = told.choices[0].message
    assert message.content is not None
    assert message.annotations
    assert "200 mL" in message.content
    for annotation in message.annotations:
        cited = annotation.url_citation
        link = message.content[cited.start_index : cited.end_index]
        assert link == f"[E1]({cited.url})"
        assert cited.title == "Pleural effusion and pneumothorax on the chest radiograph"
    assert await site.desk.house.conversations.threads("local") == []


async def test_a_streamed_answer_says_the_same(site: Site) -> None:
    async with openai_client(site) as client:
        asked = {"role": "user", "content": FLUID}
        whole = await client.chat.completions.create(model="radcite", messages=[asked])  # pyright: ignore[reportArgumentType] - a literal
        stream = await client.chat.completions.create(
            model="radcite",
            messages=[asked],  # pyright: ignore[reportArgumentType] - a literal
            stream=True,
        )
        chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_an_image_is_asked_about_by_data_uri(site: Site) -> None:
    image = {"type": "image_url", "image_url": {"url": data_uri(site.image)}}
    words = {"type": "text", "text": "Describe this chest radiograph."}
    async with openai_client(site) as client:
        told = await client.chat.completions.create(
            model="radcite",
            messages=[{"role": "user", "content": [words, image]}],  # pyright: ignore[reportArgumentType] - a literal
        )
    assert "In similar case" in (told.choices[0].message.content or "")


async def test_nothing_is_left_of_an_image_that_was_asked_about(site: Site, tmp_path: Path) -> None:
    kept = site.desk.house.home / "images"
    before = stored(kept)
    path = tmp_path / "asked.png"
    Image.fromarray(np.arange(96 * 96, dtype=np.uint8).reshape(96, 96)).save(path)
    content = base64.b64encode(_content(path)).decode()
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{content}"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "Describe it."}, image]}]
    async with openai_client(site) as client:
        await client.chat.completions.create(model="radcite", messages=messages)  # pyright: ignore[reportArgumentType] - a literal
        stream = await client.chat.completions.create(
            model="radcite",
            messages=messages,  # pyright: ignore[reportArgumentType] - a literal
            stream=True,
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[-1].choices[0].finish_reason == "stop"
    async with Client(mcp_server(site.desk.house, site.desk.agent)) as client:
        for tool, arguments in (
            ("search_cases", {"images": [content]}),
            ("describe_image", {"image": content}),
            ("answer", {"question": "What is it?", "images": [content]}),
        ):
            assert not (await client.call_tool(tool, arguments)).is_error
    assert stored(kept) == before
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await site.desk.house.images.pixels(sha256(_content(path)).hexdigest())


@pytest.mark.parametrize(
    ("extra", "status", "code"),
    [
        ({"temperature": 0.3}, 422, "VALIDATION"),
        ({"tools": []}, 422, "VALIDATION"),
        ({"n": 2}, 422, "VALIDATION"),
        ({"model": "gpt-5"}, 404, "NOT_FOUND"),
        ({"model": "radcite:nowhere"}, 404, "NOT_FOUND"),
    ],
)
async def test_what_cannot_be_honoured_is_refused(
    site: Site, extra: dict[str, object], status: int, code: str
) -> None:
    body = {"model": "radcite", "messages": [{"role": "user", "content": FLUID}], **extra}
    async with openai_client(site) as client:
        with pytest.raises(APIStatusError) as refused:
            await client.post("/chat/completions", body=body, cast_to=object)
    assert refused.value.status_code == status
    assert refused.value.code == code


async def test_too_long_a_question_is_refused_and_not_repeated(site: Site) -> None:
    parts = [{"type": "text", "text": "fluid " * 2_000}] * 2
    async with site.client() as client:
        for content in (parts, "fluid " * 4_000):
            body = {"model": "radcite", "messages": [{"role": "user", "content": content}]}
            told = await client.post("/v1/chat/completions", json=body)
            assert (told.status_code, told.json()["code"]) == (422, "VALIDATION")
            assert "20000" in told.json()["zh"]["detail"]
            assert "fluid" not in told.text


async def test_a_question_that_is_too_long_without_its_names_is_refused_too(site: Site) -> None:
    words = "Name: Li Wu. " * 1_500
    message = {"role": "user", "content": words}
    async with site.client() as client:
        told = [
            await client.post("/api/ask", json={"text": words}),
            await client.post(
                "/v1/chat/completions", json={"model": "radcite", "messages": [message]}
            ),
        ]
    assert [(one.status_code, one.json()["code"]) for one in told] == [(422, "VALIDATION")] * 2


async def test_an_image_on_the_network_is_not_fetched(site: Site) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/patient.png"}}
    async with openai_client(site) as client:
        with pytest.raises(APIStatusError, match="not fetched"):
            await client.chat.completions.create(
                model="radcite",
                messages=[{"role": "user", "content": [image]}],  # pyright: ignore[reportArgumentType] - a literal
            )


async def test_an_agent_searches_describes_and_asks_over_mcp(site: Site) -> None:
    server = mcp_server(site.desk.house, site.desk.agent)
    image = base64.b64encode(_content(site.image)).decode()
    async with Client(server) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        found = await client.call_tool("search_literature", {"query": FLUID})
        similar = await client.call_tool("search_cases", {"images": [image]})
        described = await client.call_tool("describe_image", {"image": image})
        answered = await client.call_tool("answer", {"question": FLUID})
        wrong = await client.call_tool("describe_image", {"image": "no base64"})
    assert tools == {"search_literature", "search_cases", "describe_image", "answer"}
    assert "200 mL" in json.dumps(found.structured_content)
    assert similar.structured_content is not None
    assert similar.structured_content["hits"][0]["source"]["case_id"].startswith("demo-chest")
    assert described.structured_content is not None
    assert described.structured_content["task"] == "caption"
    assert answered.structured_content is not None
    assert answered.structured_content["claims"][0]["citations"]
    assert wrong.is_error
    assert "VALIDATION" in str(wrong.content)


async def called(site: Site, *names: str) -> list[str]:
    """What `/mcp` replies to each call of a tool."""
    app = create_app(site.desk)
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
    }
    replies: list[str] = []
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", headers=headers
        ) as client,
    ):
        for name in names:
            words = "question" if name == "answer" else "query"
            params = {"name": name, "arguments": {words: "What does this scan show?"}}
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            replies.append((await client.post("/mcp", json=call)).text)
    return replies


async def test_mcp_over_http_keeps_to_the_limits_of_the_service(site: Site) -> None:
    site.desk.asks.per_minute = 4
    first, second = await called(site, "search_literature", "answer")
    assert "hits" in first
    assert "RATE_LIMITED" in second
    site.desk.asks, site.desk.line = Throttle(60), Line(1, 0)
    async with site.desk.line.place():
        [busy] = await called(site, "search_cases")
    assert "TIMEOUT" in busy


async def test_nobody_is_asked_back_where_nobody_can_reply(site: Site) -> None:
    words = "What does this scan show?"
    async with site.client() as client:
        talk = events(await client.post("/api/ask", json={"text": words}))
        body = {"model": "radcite", "messages": [{"role": "user", "content": words}]}
        completed = (await client.post("/v1/chat/completions", json=body)).text
    [called_once] = await called(site, "answer")
    assert talk[-1][1]["outcome"]["reason"] == "ASKED_BACK"
    for reply in (completed, called_once):
        assert "radcite.outcome/1" in reply
        assert "ASKED_BACK" not in reply


async def test_mcp_over_http_is_for_users_and_their_collections(guarded: Site) -> None:
    key = await guarded.desk.house.accounts.make_key("kim", frozenset({"ask"}))
    app = create_app(guarded.desk)
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "search_literature", "arguments": {"query": "fluid"}},
    }
    headers = {
        "authorization": f"Bearer {key}",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
    }
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        refused = await client.post("/mcp", json=call, headers=headers)
        mine = {
            **call,
            "params": {**call["params"], "arguments": {"query": "x", "collection": "other"}},
        }  # pyright: ignore[reportGeneralTypeIssues] - a literal
        allowed = await client.post("/mcp", json=mine, headers=headers)
        nobody = await client.post("/mcp", json=call)
    assert "FORBIDDEN" in refused.text
    assert "FORBIDDEN" not in allowed.text
    assert allowed.status_code == 200
    assert nobody.status_code == 401


def _content(path: Path) -> bytes:
    return path.read_bytes()
