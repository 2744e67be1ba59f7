"""The OpenAI-compatible face: `/v1/models` and `/v1/chat/completions`.

The last message of the user is the question; what stands before it is let pass and not read. A parameter that
radcite cannot honour is refused.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from time import time
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from radcite.apps.asking import check_length
from radcite.apps.encoded_images import show_encoded
from radcite.apps.searching import check_known
from radcite.apps.web.completions import Said, completion_pieces
from radcite.apps.web.desk import Desk, TheDesk, Who, allow, check_collection
from radcite.apps.web.events import Asked, answer_events
from radcite.apps.web.problems import with_openai_error
from radcite.core.accounts import Identity
from radcite.core.conversations import Asking
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.core.typed import without_identifiers

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["openai"], dependencies=[allow("ask")])
_MODEL = "radcite"


async def _answered() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as closing:
        yield closing


Answered = Annotated[AsyncExitStack, Depends(_answered)]
"""What is closed once the whole answer was sent, or whoever asked has gone."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ImageUrl(_Part):
    """A data URI."""

    url: str
    detail: Literal["auto", "low", "high"] = "auto"


class TextPart(_Part):
    """Words."""

    type: Literal["text"]
    text: str = Field(max_length=20_000)


class ImagePart(_Part):
    """An image."""

    type: Literal["image_url"]
    image_url: ImageUrl


class ChatMessageBody(BaseModel):
    """One message."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Annotated[TextPart | ImagePart, Field(discriminator="type")]]


class ChatBody(_Part):
    """What is honoured of a chat completion; anything else is refused."""

    model: str = Field(max_length=200)
    messages: list[ChatMessageBody] = Field(min_length=1, max_length=1000)
    stream: bool = False
    n: Literal[1] = 1
    user: str | None = Field(default=None, max_length=200)


@router.get("/models", summary="The collections that can be asked, as models")
async def models(desk: TheDesk, who: Who) -> dict[str, Any]:
    """`radcite` asks the collection `default`, `radcite:NAME` another."""
    names = [record.name for record in await desk.house.ledger.collections()]
    shown = [_MODEL, *(f"{_MODEL}:{name}" for name in names if who.may_search(name))]
    return {
        "object": "list",
        "data": [{"id": one, "object": "model", "created": 0, "owned_by": _MODEL} for one in shown],
    }


@router.post("/chat/completions", summary="Ask as one asks an OpenAI-compatible model")
async def complete(
    body: ChatBody, request: Request, desk: TheDesk, who: Who, closing: Answered
) -> Response:
    """A completion whose links and `url_citation` annotations are the citations; `radcite` is the outcome.

    Raises:
        RadciteError: `NOT_FOUND` for an unknown model, `VALIDATION`, `FORBIDDEN`, `RATE_LIMITED`.
    """
    asked = await _asked(body, desk, who, closing)
    said = Said(str(request.base_url), asked.question.collection)
    if body.stream:
        return StreamingResponse(
            _chunks(desk, asked, said, body.model), media_type="text/event-stream"
        )
    text = "".join([piece async for piece in _pieces(desk, asked, said)])
    if said.problem is not None:
        return JSONResponse(with_openai_error(said.problem), said.problem["status"])
    message = {"role": "assistant", "content": text, "annotations": said.annotations}
    return JSONResponse(
        {
            **_head("chat.completion", body.model),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "radcite": said.outcome,
        }
    )


async def _asked(body: ChatBody, desk: Desk, who: Identity, closing: AsyncExitStack) -> Asked:
    name, _, collection = body.model.partition(":")
    if name != _MODEL:
        raise RadciteError(
            "NOT_FOUND", "no such model; see /v1/models", "没有此模型，见 /v1/models"
        )
    collection = collection or "default"
    check_collection(who, collection)
    await check_known(desk.house, collection)
    last = next((one for one in reversed(body.messages) if one.role == "user"), None)
    if last is None:
        raise RadciteError("VALIDATION", "no message of the user", "没有用户消息")
    words, images = _parts(last)
    text = without_identifiers(words)
    check_length(text)
    desk.line.check_room()
    desk.asks.take(who.name)
    digests = await closing.enter_async_context(show_encoded(desk.house, images))
    question = Question(text=text, images=digests, thread=uuid4().hex, collection=collection)
    asking = Asking(text=text, collection=collection)
    return Asked(who.name, None, asking, question, channel="openai")


def _parts(message: ChatMessageBody) -> tuple[str, list[str]]:
    if isinstance(message.content, str):
        return message.content, []
    words = [part.text for part in message.content if isinstance(part, TextPart)]
    images = [part.image_url.url for part in message.content if isinstance(part, ImagePart)]
    if any(not image.startswith("data:") for image in images):
        raise RadciteError(
            "VALIDATION", "images are sent, not fetched: use a data URI", "请以数据 URI 发送图像"
        )
    return "\n".join(words), images


async def _pieces(desk: Desk, asked: Asked, said: Said) -> AsyncGenerator[str]:
    try:
        async with aclosing(answer_events(desk, asked)) as events:
            async for event in events:
                for piece in completion_pieces(event, said):
                    yield piece
    finally:
        if asked.question.thread is not None:
            await desk.agent.forget(asked.question.thread)


async def _chunks(desk: Desk, asked: Asked, said: Said, model: str) -> AsyncIterator[str]:
    head = _head("chat.completion.chunk", model)

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps({**head, 'choices': [choice]}, ensure_ascii=False)}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    async for piece in _pieces(desk, asked, said):
        yield chunk({"content": piece})
    if said.problem is not None:
        yield f"data: {json.dumps(with_openai_error(said.problem), ensure_ascii=False)}\n\n"
    else:
        yield chunk({"annotations": said.annotations}, "stop")
    yield "data: [DONE]\n\n"


def _head(kind: str, model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time()), "model": model}
