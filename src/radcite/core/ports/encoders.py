"""Words to vectors, and the order of what was found."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from radcite.core.sources import Language
from radcite.core.vectors import SparseVector, Vectors

__all__ = ["Reranker", "SparseEncoder", "TermStatistics", "TextEncoder"]


class TextEncoder(Protocol):
    """Texts to unit vectors of one space."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model: equal fingerprints mean comparable vectors."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def languages(self) -> frozenset[Language]:
        """Languages the model reads; a query in another one is left to the sparse encoder."""
        ...

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of documents in the order given: shape (len(texts), dim), unit length.

        Raises:
            RadciteError: `EMBEDDING_INVALID` when the model returns zero or non-finite vectors.
        """
        ...

    async def encode_query(self, text: str) -> Vectors:
        """The vector of a question, shape (1, dim), unit length."""
        ...


class TermStatistics(Protocol):
    """How many points of a collection hold a term; what inverse document frequency needs."""

    async def document_count(self, collection: str) -> int:
        """Points with a sparse vector."""
        ...

    async def document_frequencies(
        self, collection: str, terms: Sequence[int]
    ) -> Mapping[int, int]:
        """Points that hold each term number; a term that none holds is left out."""
        ...


class SparseEncoder(Protocol):
    """Texts to BM25-weighted sparse vectors: the dot product of query and document is the score."""

    @property
    def fingerprint(self) -> str:
        """Name, version and parameters of tokeniser and weighting."""
        ...

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Saturated term frequencies of documents in the order given; empty for a text without terms."""
        ...

    async def encode_query(self, text: str, collection: str) -> SparseVector:
        """Inverse document frequencies of the query's distinct terms within the collection."""
        ...


class Reranker(Protocol):
    """A trained model that reads a question and a text together and says how well the one answers the other."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    @property
    def shares(self) -> Mapping[Language, float]:
        """By language, how much the model counts beside the search's own score, in [0, 1]; others are left alone."""
        ...

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """A score for each text in the order given: higher is better, comparable for one query only."""
        ...
