"""BM25 as sparse vectors: saturated term frequencies on the document's side, IDF on the query's.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), eq. 3.15,
with the document's length measured against fixed means so that a vector never changes once it is written.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from radcite.core.normalization import is_cjk
from radcite.core.ports import TermStatistics
from radcite.core.tokens import Tokenizer, term_number
from radcite.core.vectors import SparseVector

__all__ = ["Bm25Encoder"]

_VERSION = 1
_K1 = 0.9
_B = 0.4
# A Chinese text gives a term for every character and pair of characters, an English one for every word.
_MEAN_LATIN_TERMS = 40.0
_MEAN_CHINESE_TERMS = 200.0


@dataclass(frozen=True, slots=True)
class Bm25Encoder:
    """Sparse vectors whose dot product is the BM25 score."""

    tokenizer: Tokenizer
    statistics: TermStatistics

    @property
    def fingerprint(self) -> str:
        """Version and parameters of the weighting."""
        return f"bm25/{_VERSION}/k1={_K1}/b={_B}"

    def encode(self, texts: Sequence[str]) -> list[SparseVector]:
        """Saturated term frequencies of documents in the order given."""
        return [self._document(self.tokenizer(text)) for text in texts]

    async def encode_query(self, text: str, collection: str) -> SparseVector:
        """Inverse document frequencies of the query's distinct terms within the collection."""
        terms = sorted({term_number(term) for term in self.tokenizer(text)})
        total = await self.statistics.document_count(collection)
        found = await self.statistics.document_frequencies(collection, terms)
        weights = tuple(_idf(total, found.get(term, 0)) for term in terms)
        return SparseVector(tuple(terms), weights)

    def _document(self, terms: list[str]) -> SparseVector:
        counts = Counter(map(term_number, terms))
        chinese = sum(is_cjk(term[0]) for term in terms)
        length = chinese / _MEAN_CHINESE_TERMS + (len(terms) - chinese) / _MEAN_LATIN_TERMS
        length_norm = _K1 * (1 - _B + _B * length)
        ordered = sorted(counts)
        return SparseVector(
            tuple(ordered),
            tuple(counts[term] * (_K1 + 1) / (counts[term] + length_norm) for term in ordered),
        )


def _idf(total: int, frequency: int) -> float:
    return log(1 + (total - frequency + 0.5) / (frequency + 0.5))
