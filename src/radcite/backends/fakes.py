"""Doubles of the ports that need no engine; they ship so that users can test their own code."""

import re
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.ports import ChatPrompt

__all__ = ["ScriptedChat"]

ReplyT = TypeVar("ReplyT", bound=BaseModel)


class ScriptedChat:
    """A `ChatModel` that says what it was told to say, in order, and keeps the prompts it saw.

    Args:
        replies: A model or JSON text is validated as the form asked for; an error is raised.
            Once they are used up the model is down.
    """

    def __init__(self, replies: Iterable[BaseModel | str | RadciteError] = ()) -> None:
        self._replies = list(replies)
        self.prompts: list[ChatPrompt] = []

    @property
    def name(self) -> str:
        """`scripted`."""
        return "scripted"

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        """The next reply.

        Raises:
            DependencyDown: `LLM_UNAVAILABLE` when none is left.
            RadciteError: The scripted error, or `LLM_BAD_OUTPUT` for a reply of another form.
        """
        text = self._next(prompt)
        try:
            return reply.model_validate_json(text)
        except ValidationError:
            pass
        raise RadciteError("LLM_BAD_OUTPUT", "the scripted reply has another form")

    async def stream(self, prompt: ChatPrompt) -> AsyncIterator[str]:
        """The next reply word by word. Raises as `complete`."""
        for word in re.findall(r"\s*\S+|\s+$", self._next(prompt)):
            yield word

    async def probe(self) -> None:
        """Raises `DependencyDown` when no reply is left."""
        if not self._replies:
            raise DependencyDown("LLM_UNAVAILABLE", "no scripted reply is left")

    def _next(self, prompt: ChatPrompt) -> str:
        self.prompts.append(prompt)
        if not self._replies:
            raise DependencyDown("LLM_UNAVAILABLE", "no scripted reply is left")
        reply = self._replies.pop(0)
        if isinstance(reply, RadciteError):
            raise reply
        return reply if isinstance(reply, str) else reply.model_dump_json(by_alias=True)
