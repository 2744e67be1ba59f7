"""Two text encoders of one space: each reads its own language."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

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
        chinese: The student.
        turn: The orthogonal matrix, (dim, dim), that brings the student's vectors onto the teacher's axes.

    Raises:
        RadciteError: `CONFIG_INVALID` for vectors of different lengths.
    """

    english: TextEncoder
    chinese: TextEncoder
    turn: Vectors

    def __post_init__(self) -> None:
        if not self.english.dim == self.chinese.dim == len(self.turn):
            raise RadciteError(
                "CONFIG_INVALID",
                f"text vectors of {self.english.dim} and {self.chinese.dim} numbers share no space",
                f"{self.english.dim} 维与 {self.chinese.dim} 维的文本向量不在同一空间",
            )

    @property
    def fingerprint(self) -> str:
        """Both names and digests, and the turn's."""
        turn = sha256(self.turn.tobytes()).hexdigest()[:8]
        return f"{self.english.fingerprint}+{self.chinese.fingerprint}/{turn}"

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
        languages = [detect_language(text) for text in texts]
        english = [i for i, language in enumerate(languages) if language == "en"]
        chinese = [i for i, language in enumerate(languages) if language == "zh"]
        if english:
            vectors[english] = await self.english.encode([texts[i] for i in english])
        if chinese:
            own = await self.chinese.encode([texts[i] for i in chinese])
            vectors[chinese] = self._turned(own)
        return vectors

    async def encode_query(self, text: str) -> Vectors:
        """The vector of a question, shape (1, dim), unit length."""
        if detect_language(text) == "en":
            return await self.english.encode_query(text)
        return self._turned(await self.chinese.encode_query(text))

    def _turned(self, vectors: Vectors) -> Vectors:
        turned = vectors @ self.turn
        return turned / np.linalg.norm(turned, axis=1, keepdims=True)
