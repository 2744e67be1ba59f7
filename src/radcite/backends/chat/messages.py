"""Prompts and reply forms as an OpenAI-compatible server takes them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from openai.types.chat import ChatCompletionContentPartImageParam, ChatCompletionMessageParam
from openai.types.shared_params import ResponseFormatJSONSchema
from pydantic import BaseModel, ValidationError

from radcite.backends.chat.json_schema import strict_schema
from radcite.core.errors import RadciteError
from radcite.core.ports import ChatMessage, ChatPrompt

__all__ = ["Messages", "correction", "messages_of", "places", "response_format"]

Messages = list[ChatCompletionMessageParam]


@lru_cache(maxsize=128)
def response_format(reply: type[BaseModel]) -> ResponseFormatJSONSchema:
    """The strict schema of a reply; made once for each form.

    Raises:
        TypeError: `reply` has a field that no grammar can bound.
    """
    schema = cast("dict[str, object]", strict_schema(reply))
    name = re.sub(r"\W", "_", reply.__name__, flags=re.ASCII)[:64]
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "strict": True, "schema": schema},
    }


def places(exc: ValidationError, reply: type[BaseModel]) -> Iterator[str]:
    """Where a reply does not fit its form, without a word of it."""
    # The name of an unknown field is the model's word, and may be the prompt's: it is left out.
    for error in exc.errors(include_input=False, include_context=False, include_url=False)[:5]:
        known = error["type"] != "extra_forbidden"
        place = ".".join(map(str, error["loc"] if known else error["loc"][:-1]))
        yield f"{place or reply.__name__} ({error['type']})"


def correction(content: str, wrong: str) -> Messages:
    """The turns that ask for a reply once more."""
    note = (
        f"Not valid: {wrong}. Reply again with the JSON only. 格式有误，请仅回复符合要求的 JSON。"
    )
    return [
        {"role": "assistant", "content": content or "{}"},
        {"role": "user", "content": note},
    ]


def messages_of(prompt: ChatPrompt) -> Messages:
    """The messages of a prompt.

    Raises:
        RadciteError: `VALIDATION` when an image is not a data URI.
    """
    return [_message(message) for message in prompt.messages]


def _message(message: ChatMessage) -> ChatCompletionMessageParam:
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}
        case "user":
            if not message.images:
                return {"role": "user", "content": message.content}
            images = [_image(uri) for uri in message.images]
            return {
                "role": "user",
                "content": [*images, {"type": "text", "text": message.content}],
            }


def _image(uri: str) -> ChatCompletionContentPartImageParam:
    # A server fetches any other address, and so tells others what is being read.
    if not uri.startswith("data:image/"):
        raise RadciteError("VALIDATION", "an image must be a data URI", "图像必须为 data URI")
    return {"type": "image_url", "image_url": {"url": uri}}
