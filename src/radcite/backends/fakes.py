"""Doubles of the ports that need no engine; they ship so that users can test their own code."""

import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Literal, TypeVar
from zlib import crc32

import numpy as np
from pydantic import BaseModel, ValidationError

from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.ports import ChatPrompt
from radcite.core.sources import Language
from radcite.core.vectors import Pixels, Vectors, unit_rows

__all__ = ["FlatImageEncoder", "HashingTextEncoder", "ScriptedChat", "WordOverlapReranker"]

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

    async def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        """The next reply word by word, whatever its form. Raises as `complete`."""
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


class HashingTextEncoder:
    """A `TextEncoder` of words alone: each is counted in one of `dim` places that its CRC-32 picks.

    Texts that share words have near vectors; equal texts have equal vectors in every batch.

    Args:
        dim: Length of a vector.
        languages: What it says it reads.
    """

    def __init__(self, dim: int = 64, languages: Iterable[Language] = ("en",)) -> None:
        self._dim = dim
        self._languages = frozenset(languages)
        self.encoded = 0
        """How many texts were encoded, questions included."""

    @property
    def fingerprint(self) -> str:
        """`hashing/<dim>`."""
        return f"hashing/{self._dim}"

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def languages(self) -> frozenset[Language]:
        """As given."""
        return self._languages

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of documents in the order given: (len(texts), dim), unit length."""
        self.encoded += len(texts)
        rows = np.zeros((len(texts), self._dim))
        for row, text in zip(rows, texts, strict=True):
            # A text without words still has a direction.
            for word in re.findall(r"\w+", text.lower()) or [""]:
                row[crc32(word.encode()) % self._dim] += 1
        return unit_rows(rows)

    async def encode_query(self, text: str) -> Vectors:
        """The vector of a question, shape (1, dim), unit length."""
        return await self.encode([text])


class FlatImageEncoder:
    """An `ImageEncoder` that sees the mean brightness of each cell of a grid, and no text."""

    def __init__(self, cells: int = 4) -> None:
        self._cells = cells
        self.encoded = 0
        """How many images were encoded."""

    @property
    def fingerprint(self) -> str:
        """`flat/<cells>`."""
        return f"flat/{self._cells}"

    @property
    def dim(self) -> int:
        """Cells of the grid, and one place more so that a black image has a direction too."""
        return self._cells**2 + 1

    @property
    def reads_text(self) -> bool:
        """False."""
        return False

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        """Vectors of images in the order given: (len(images), dim), unit length."""
        self.encoded += len(images)
        if not images:
            return np.empty((0, self.dim), dtype=np.float32)
        return unit_rows(np.array([self._cell_means(image) for image in images]))

    async def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Raises `VALIDATION`: there is no text tower."""
        raise RadciteError("VALIDATION", f"{len(texts)} texts for an encoder that reads none")

    def _cell_means(self, image: Pixels) -> list[float]:
        grey = image.mean(axis=2) if image.ndim == 3 else image
        rows = np.array_split(grey, self._cells, axis=0)
        cells = [cell for row in rows for cell in np.array_split(row, self._cells, axis=1)]
        return [255.0, *(float(cell.mean()) if cell.size else 0.0 for cell in cells)]


class WordOverlapReranker:
    """A `Reranker` that counts the words of the question that a text holds; Chinese counts by character.

    Args:
        shares: By language, how much it counts beside the search.
        sign: -1 puts the texts that hold fewest first.
    """

    def __init__(
        self, shares: Mapping[Language, float] | None = None, sign: Literal[1, -1] = 1
    ) -> None:
        self._shares: Mapping[Language, float] = shares or {"en": 0.5, "zh": 0.5}
        self._sign = sign

    @property
    def fingerprint(self) -> str:
        """`word-overlap`."""
        return "word-overlap"

    @property
    def shares(self) -> Mapping[Language, float]:
        """As given."""
        return self._shares

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """The number of the question's different words in each text."""
        asked = _words(query)
        return [float(self._sign * len(asked & _words(text))) for text in texts]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+|[一-鿿]", text.lower()))
