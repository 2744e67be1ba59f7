"""A language model behind an OpenAI-compatible server: vLLM, llama.cpp, SGLang or a hosted one."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
import httpx
import openai
from openai.types.chat import ChatCompletionChunk
from openai.types.shared_params import ResponseFormatJSONSchema
from pydantic import BaseModel, Field, SecretStr, ValidationError

from radcite import __version__
from radcite.backends.chat.faults import bad_output, fault_of, timed_out, unavailable
from radcite.backends.chat.http import Completions, Refused
from radcite.backends.chat.messages import (
    Messages,
    correction,
    messages_of,
    places,
    response_format,
)
from radcite.backends.chat.tokens import ServedTokens
from radcite.core.errors import RadciteError
from radcite.core.ports import ChatMessage, ChatPrompt
from radcite.core.usage import Meter, Usage, estimated_tokens

__all__ = ["OpenAIChat"]

ReplyT = TypeVar("ReplyT", bound=BaseModel)
ResultT = TypeVar("ResultT")

# The SDK adds the machine's platform and whatever OPENAI_* variables hold: only these go out.
_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }
)


_PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
_FAILURES = (openai.APIError, httpx.HTTPError, aiohttp.ClientError, Refused, ValueError)


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Counted(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class _Completion(BaseModel):
    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Counted | None = None


class OpenAIChat:
    """A `ChatModel` over `/chat/completions`.

    Args:
        base_url: The API's root, such as `http://127.0.0.1:8000/v1`.
        model: The served model's or LoRA adapter's name.
        api_key: Sent as a bearer token; a server without a key ignores it.
        timeout_s: Bound of a whole call in seconds, waits between attempts included.
        connect_timeout_s: Bound of opening a connection.
        probe_timeout_s: Bound of `probe`.
        attempts: How often a request is sent while the server is down, busy or failing.
        backoff_s: Wait after the first failed attempt; it doubles with each further one.
        requests_a_minute: Replies are asked for no faster; what must wait is not charged for it.
        meter: Where requests and tokens are counted.
        connections: Open at once; what is beyond waits for one.
        context_tokens: The model's context; None to ask the server.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: SecretStr | None = None,
        timeout_s: float = 120.0,
        connect_timeout_s: float = 5.0,
        probe_timeout_s: float = 10.0,
        attempts: int = 3,
        backoff_s: float = 0.5,
        requests_a_minute: float | None = None,
        meter: Meter | None = None,
        connections: int = 256,
        context_tokens: int | None = None,
    ) -> None:
        # At DEBUG the SDK logs whole requests, and its OPENAI_LOG variable turns that on.
        logging.getLogger("openai").setLevel(logging.WARNING)
        key = api_key.get_secret_value() if api_key else "none"
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key,
            max_retries=0,
            default_headers={
                "Authorization": f"Bearer {key}",
                "User-Agent": f"radcite/{__version__}",
            },
            http_client=httpx.AsyncClient(
                timeout=httpx.Timeout(timeout_s, connect=connect_timeout_s),
                event_hooks={"request": [_strip_headers]},
                trust_env=False,
            ),
        )
        self._completions = Completions(
            base_url,
            {"Authorization": f"Bearer {key}", "User-Agent": f"radcite/{__version__}"},
            timeout_s=timeout_s,
            connect_timeout_s=connect_timeout_s,
            connections=connections,
        )
        self._tokens = ServedTokens(self._completions, base_url, model, context_tokens)
        self._model = model
        self._timeout_s = timeout_s
        self._probe_timeout_s = probe_timeout_s
        self._attempts = attempts
        self._backoff_s = backoff_s
        self._pause_s = 60 / requests_a_minute if requests_a_minute else 0.0
        self._next_at = 0.0
        self._meter = meter or Meter()
        self._sees: bool | None = None

    @property
    def name(self) -> str:
        """The served model's or adapter's name."""
        return self._model

    @property
    def tokens(self) -> ServedTokens:
        """Counts in this model's tokens."""
        return self._tokens

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        """One reply, decoded under the strict schema of `reply` and validated.

        A reply that does not validate is asked for once more, naming the fields at fault.

        Raises:
            DependencyDown: `LLM_UNAVAILABLE` or `TIMEOUT` after bounded attempts.
            RadciteError: `LLM_BAD_OUTPUT` when the second reply does not validate either, the
                reply was cut off or refused, or the prompt is longer than the model's context;
                `VALIDATION` when an image is not a data URI.
            TypeError: `reply` has a field that no grammar can bound.
        """
        form, messages, wrong = response_format(reply), messages_of(prompt), ""
        await self._turn()
        deadline = self._deadline()
        async with _within(deadline, self._timeout_s):
            for _ in range(2):
                content = await self._content(prompt, messages, form, deadline)
                try:
                    return reply.model_validate_json(content)
                except ValidationError as exc:
                    wrong = "; ".join(places(exc, reply))
                messages = messages + correction(content, wrong)
        raise bad_output(
            f"the reply does not fit its schema: {wrong}", f"回复不符合要求的结构：{wrong}"
        )

    async def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        """Free text as it is written, or JSON under the strict schema of `reply`, which is not validated here.

        Closing it closes the connection, and the server stops writing.

        Raises:
            DependencyDown: `LLM_UNAVAILABLE`, also when the connection breaks midway, or `TIMEOUT`.
            RadciteError: `LLM_BAD_OUTPUT` when the text was cut off by its length (after what was
                written) or the prompt is longer than the model's context.
            TypeError: `reply` has a field that no grammar can bound.
        """
        messages = messages_of(prompt)
        form = response_format(reply) if reply else openai.omit
        await self._turn()
        deadline = self._deadline()

        async def opened() -> openai.AsyncStream[ChatCompletionChunk]:
            return await self._client.chat.completions.create(
                model=self._model,
                messages=messages,
                max_tokens=prompt.max_tokens,
                temperature=prompt.temperature,
                response_format=form,
                stream=True,
            )

        async with _within(deadline, self._timeout_s):
            chunks = await self._retried(opened, deadline)
        reason: str | None = None
        written: list[str] = []
        try:
            async with chunks:
                while reason is None:
                    async with _within(deadline, self._timeout_s):
                        chunk = await _next(chunks)
                    for choice in chunk.choices or ():
                        reason = choice.finish_reason
                        if choice.delta.content:
                            written.append(choice.delta.content)
                            yield choice.delta.content
        finally:
            # A stream that was left early was written, and is charged for, all the same.
            self._count(prompt, "".join(written), None)
        _check_finish(reason)

    async def probe(self) -> None:
        """A one-token completion, sent once.

        Raises:
            DependencyDown: The model cannot answer, whatever its health page says.
        """
        deadline = asyncio.get_running_loop().time() + self._probe_timeout_s
        async with _within(deadline, self._probe_timeout_s):
            try:
                await self._post([{"role": "user", "content": "1"}], max_tokens=1, temperature=0.0)
                return
            except _FAILURES as exc:
                error = fault_of(exc).error
        if error.code == "LLM_BAD_OUTPUT":
            error = unavailable("a one-token completion failed", "单词元试运行失败")
        raise error

    async def sees(self) -> bool:
        """Whether the model takes images: asked once, with one grey pixel; a model that is down is asked again."""
        if self._sees is None:
            message = ChatMessage(role="user", content="1", images=(_PIXEL,))
            messages = messages_of(ChatPrompt(name="probe", messages=(message,)))
            deadline = asyncio.get_running_loop().time() + self._probe_timeout_s
            try:
                async with _within(deadline, self._probe_timeout_s):
                    await self._post(messages, max_tokens=1, temperature=0.0)
                self._sees = True
            except RadciteError:
                return False
            except _FAILURES as exc:
                if fault_of(exc).error.code != "LLM_BAD_OUTPUT":
                    return False
                self._sees = False
        return self._sees

    async def close(self) -> None:
        """Releases the connections."""
        await self._completions.close()
        await self._client.close()

    async def _turn(self) -> None:
        """Wait until the rate lets another request through."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_at)
        self._next_at = at + self._pause_s
        if at > now:
            await asyncio.sleep(at - now)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._timeout_s

    async def _content(
        self,
        prompt: ChatPrompt,
        messages: Messages,
        form: ResponseFormatJSONSchema,
        deadline: float,
    ) -> str:
        async def sent() -> _Completion:
            return await self._post(
                messages,
                max_tokens=prompt.max_tokens,
                temperature=prompt.temperature,
                response_format=form,
            )

        completion = await self._retried(sent, deadline)
        choice = completion.choices[0]
        self._count(prompt, choice.message.content or "", completion.usage)
        _check_finish(choice.finish_reason)
        if choice.message.refusal:
            raise bad_output("the model refused to answer", "模型拒绝作答")
        return choice.message.content or ""

    async def _post(self, messages: Messages, **options: object) -> _Completion:
        body = {"model": self._model, "messages": messages, **options}
        return _Completion.model_validate_json(await self._completions.post(body))

    def _count(self, prompt: ChatPrompt, written: str, usage: _Counted | None) -> None:
        said = sum(estimated_tokens(message.content) for message in prompt.messages)
        told = usage or _Counted(prompt_tokens=said, completion_tokens=estimated_tokens(written))
        if usage is not None:
            self._tokens.charged(said, told.prompt_tokens)
        self._meter.add(
            Usage(
                requests=1,
                prompt_tokens=told.prompt_tokens,
                reply_tokens=told.completion_tokens,
                prompts=(prompt.name,),
                estimated=usage is None,
            )
        )

    async def _retried(self, send: Callable[[], Awaitable[ResultT]], deadline: float) -> ResultT:
        wait_s, attempt = self._backoff_s, 1
        while True:
            try:
                return await send()
            except _FAILURES as exc:
                fault = fault_of(exc)
            # Raised out here: the SDK's exception holds the request, and servers echo prompts.
            pause_s = max(wait_s, fault.retry_after_s)
            in_time = asyncio.get_running_loop().time() + pause_s < deadline
            if not (fault.passing and in_time and attempt < self._attempts):
                raise fault.error
            await asyncio.sleep(pause_s)
            wait_s, attempt = wait_s * 2, attempt + 1


async def _strip_headers(request: httpx.Request) -> None:
    for name in set(request.headers) - _HEADERS:
        del request.headers[name]


@asynccontextmanager
async def _within(deadline: float, limit_s: float) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except TimeoutError:
        raise timed_out(limit_s) from None


async def _next(chunks: openai.AsyncStream[ChatCompletionChunk]) -> ChatCompletionChunk:
    try:
        return await anext(chunks)
    except StopAsyncIteration:
        error: RadciteError = unavailable("the stream broke off", "数据流中断")
    except _FAILURES as exc:
        error = fault_of(exc).error
    raise error


def _check_finish(reason: str | None) -> None:
    if reason == "length":
        raise bad_output("the reply was cut off at its length limit", "回复因长度限制被截断")
    if reason == "content_filter":
        raise bad_output("the server withheld the reply", "服务器拦截了回复")
