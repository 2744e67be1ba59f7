"""Two text encoders of one space: each reads its own language."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from radcite.core.errors import RadciteError
from radcite.core.language import detect_language
from radcite.core.ports import TextEncoder
from radcite.core.sources import Language
from radcite.core.vectors import Vectors

__all__ = ["PairedTextEncoder"]


@dataclass(frozen=True, slots=True)
class PairedTextEncoder:
    """English texts by one encoder, Chinese ones by another that was taught the first one's vectors.

    Args:
        english: The teacher.
        chinese: The student; its vectors stand in the teacher's space.

    Raises:
        RadciteError: `CONFIG_INVALID` for vectors of different lengths.
    """

    english: TextEncoder
    chinese: TextEncoder

    def __post_init__(self) -> None:
        if self.english.dim != self.chinese.dim:
            raise RadciteError(
                "CONFIG_INVALID",
                f"text vectors of {self.english.dim} and {self.chinese.dim} numbers share no space",
                f"{self.english.dim} 维与 {self.chinese.dim} 维的文本向量不在同一空间",
            )

    @property
    def fingerprint(self) -> str:
        """Both names and digests."""
        return f"{self.english.fingerprint}+{self.chinese.fingerprint}"

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.english.dim

    @property
    def languages(self) -> frozenset[Language]:
        """Both languages."""
        return frozenset({"en", "zh"})

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of documents in the order given: (len(texts), dim), float32, unit length."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        for language in ("en", "zh"):
            own = [i for i, text in enumerate(texts) if detect_language(text) == language]
            if own:
                vectors[own] = await self._reader(language).encode([texts[i] for i in own])
        return vectors

    async def encode_query(self, text: str) -> Vectors:
        """The vector of a question, shape (1, dim), unit length."""
        return await self._reader(detect_language(text)).encode_query(text)

    def _reader(self, language: Language) -> TextEncoder:
        return self.english if language == "en" else self.chinese
