"""What language models were asked and how much they wrote: counted in all, and for one question at a time."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from pydantic import Field

from radcite.core.frozen import Frozen

__all__ = ["Meter", "Usage", "estimated_tokens"]

_CHARACTERS_A_TOKEN = 4


class Usage(Frozen):
    """Requests to a language model and the tokens of their prompts and replies.

    `estimated`: some server gave no count, so that characters were counted instead.
    """

    requests: int = Field(default=0, ge=0)
    prompt_tokens: int = Field(default=0, ge=0)
    reply_tokens: int = Field(default=0, ge=0)
    prompts: tuple[str, ...] = ()
    estimated: bool = False

    @property
    def tokens(self) -> int:
        """Prompt and reply together."""
        return self.prompt_tokens + self.reply_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            requests=self.requests + other.requests,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            reply_tokens=self.reply_tokens + other.reply_tokens,
            prompts=tuple(dict.fromkeys((*self.prompts, *other.prompts))),
            estimated=self.estimated or other.estimated,
        )


@dataclass(slots=True)
class Meter:
    """Adds usage up. What is started within `counting` is also counted there, whichever tasks it runs in."""

    total: Usage = field(default_factory=Usage)
    _current: ContextVar["Meter | None"] = field(
        default_factory=lambda: ContextVar("counting", default=None)
    )

    def add(self, usage: Usage) -> None:
        """Count one request."""
        self.total += usage
        if (current := self._current.get()) is not None:
            current.total += usage

    @contextmanager
    def counting(self) -> Generator["Meter"]:
        """A meter of what is added by the block and the tasks it starts."""
        inner = Meter()
        token = self._current.set(inner)
        try:
            yield inner
        finally:
            self._current.reset(token)


def estimated_tokens(text: str) -> int:
    """A token for four ASCII characters, one for each other: near enough for a budget."""
    plain = sum(char.isascii() for char in text)
    return -(-plain // _CHARACTERS_A_TOKEN) + len(text) - plain
