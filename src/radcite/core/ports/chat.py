"""A served language model."""

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel

from radcite.core.frozen import Frozen

__all__ = ["ChatMessage", "ChatModel", "ChatPrompt", "TokenCounter"]

ReplyT = TypeVar("ReplyT", bound=BaseModel)


class ChatMessage(Frozen):
    """One turn for a chat model. `images` are PNG data URIs of de-identified pixels."""

    role: Literal["system", "user", "assistant"]
    content: str
    images: tuple[str, ...] = ()


class ChatPrompt(Frozen):
    """Rendered messages and which prompt made them (`answer.v1.en`)."""

    name: str
    messages: tuple[ChatMessage, ...] = ()
    max_tokens: int = 1024
    temperature: float = 0.0


class TokenCounter(Protocol):
    """Counts in the tokens of the served model."""

    async def context(self) -> int | None:
        """How many tokens a prompt and its reply may take together; None where the server does not say."""
        ...

    async def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text: by the model's own tokenizer where it is served, else estimated.

        An estimate is corrected by what the server charged for earlier prompts. Raises nothing.
        """
        ...


class ChatModel(Protocol):
    """A language model that replies in a given form."""

    @property
    def name(self) -> str:
        """The served model's or adapter's name."""
        ...

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        """One reply, decoded under the JSON schema of `reply` and validated.

        Raises:
            DependencyDown: `LLM_UNAVAILABLE` or `TIMEOUT` after bounded retries.
            RadciteError: `LLM_BAD_OUTPUT` when no valid reply came after bounded retries, or the
                prompt is longer than the model's context.
        """
        ...

    def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        """The reply as it is written: free text, or JSON decoded under the schema of `reply`, not validated.

        Raises as `complete`, also midway; a reply in a wrong form is the reader's to find.
        """
        ...

    async def probe(self) -> None:
        """A one-token completion. Raises `DependencyDown` when the model cannot answer."""
        ...
