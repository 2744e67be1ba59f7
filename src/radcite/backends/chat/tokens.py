"""Tokens as the served model counts them: by its server's `/tokenize`, else by an estimate that is corrected."""

import asyncio
from collections.abc import Sequence

import aiohttp
from pydantic import BaseModel, Field, JsonValue, ValidationError

from radcite.backends.chat.http import Completions, Refused
from radcite.core.usage import estimated_tokens

__all__ = ["ServedTokens"]

_WITHIN_S = 5.0
_AT_ONCE = 8
# Before a server has charged for anything: tokens of medical words are short.
_CAUTIOUS = 1.3
_ENOUGH = 2_000
_FAILURES = (aiohttp.ClientError, Refused, ValidationError, TimeoutError)


class _Tokenized(BaseModel):
    """The answers of vLLM (`count`) and of llama.cpp (`tokens`)."""

    count: int | None = Field(default=None, ge=0)
    tokens: list[JsonValue] | None = None


class _Meta(BaseModel):
    n_ctx: int | None = Field(default=None, ge=1)


class _Model(BaseModel):
    """What vLLM (`max_model_len`) and llama.cpp (`meta`) tell of a model they serve."""

    id: str
    max_model_len: int | None = Field(default=None, ge=1)
    meta: _Meta | None = None


class _Models(BaseModel):
    data: list[_Model]


class ServedTokens:
    """A `TokenCounter` of a server; it asks for nothing before it is asked.

    Args:
        client: Reaches the server, with its key.
        base_url: The API's root, which ends in `/v1` where the server's own paths stand beside it.
        model: The served model's or adapter's name.
        context: The model's context as the site set it; None to ask the server.
    """

    def __init__(self, client: Completions, base_url: str, model: str, context: int | None) -> None:
        self._client = client
        self._models = f"{base_url.rstrip('/')}/models"
        self._root = base_url.rstrip("/").removesuffix("/v1")
        self._model = model
        self._context = context
        self._asked_context = context is not None
        self._serves = True
        self._charged = 0
        self._estimated = 0
        self._few = asyncio.Semaphore(_AT_ONCE)

    def charged(self, estimated: int, tokens: int) -> None:
        """Note what the server charged for a prompt, beside what had been estimated."""
        self._estimated += estimated
        self._charged += tokens

    async def context(self) -> int | None:
        """How many tokens a prompt and its reply may take together; None where the server does not say."""
        if not self._asked_context:
            self._asked_context = True
            self._context = await self._told_context()
        return self._context

    async def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, by the server or estimated."""
        return await asyncio.gather(*(self._count(text) for text in texts))

    async def _count(self, text: str) -> int:
        told = await self._tokenized(text) if self._serves else None
        if told is not None and told.count is not None:
            return told.count
        if told is not None and told.tokens is not None:
            return len(told.tokens)
        known = self._estimated >= _ENOUGH
        factor = self._charged / self._estimated if known else _CAUTIOUS
        return round(estimated_tokens(text) * factor) + 1

    async def _tokenized(self, text: str) -> _Tokenized | None:
        body = {
            "model": self._model,
            "prompt": text,
            "content": text,
            "add_special_tokens": False,
            "add_special": False,
        }
        try:
            async with self._few, asyncio.timeout(_WITHIN_S):
                answer = await self._client.post(body, f"{self._root}/tokenize")
            return _Tokenized.model_validate_json(answer)
        except _FAILURES:
            self._serves = False
            return None

    async def _told_context(self) -> int | None:
        try:
            async with asyncio.timeout(_WITHIN_S):
                models = _Models.model_validate_json(await self._client.get(self._models)).data
        except _FAILURES:
            return None
        # A server of one model may know it under another name.
        ours = next((one for one in models if one.id == self._model), None)
        ours = ours or (models[0] if len(models) == 1 else None)
        if ours is None:
            return None
        return ours.max_model_len or (ours.meta.n_ctx if ours.meta else None)
