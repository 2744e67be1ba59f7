"""The baseline for Chinese: BM25 over pairs of neighbouring characters, nothing else."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from math import log

import numpy as np
from numpy.typing import NDArray

__all__ = ["BigramBm25", "bigrams"]

_K1 = 0.9
_B = 0.4
_RUN = re.compile(r"[一-鿿]+|[a-z0-9]+")


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring Chinese characters, a lone character as itself, other words whole."""
    terms: list[str] = []
    for run in _RUN.findall(text.lower()):
        if run[0] < "一" or len(run) == 1:
            terms.append(run)
        else:
            terms += [run[i : i + 2] for i in range(len(run) - 1)]
    return terms


class BigramBm25:
    """Documents in memory, ranked by BM25 with k1 = 0.9 and b = 0.4 and their own mean length.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), eq. 3.15.
    """

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._ids = list(documents)
        counts = [Counter(bigrams(text)) for text in documents.values()]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        norms = _K1 * (1 - _B + _B * lengths / lengths.mean())
        postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, count in enumerate(counts):
            for term, times in count.items():
                postings[term].append((number, times))
        self._weights = {term: _weighted(held, norms) for term, held in postings.items()}

    def __call__(self, query: str, limit: int) -> list[str]:
        """The ids of the best documents, best first, equal scores in the order given."""
        scores = np.zeros(len(self._ids))
        for term in set(bigrams(query)):
            if (found := self._weights.get(term)) is not None:
                scores[found[0]] += found[1]
        return [self._ids[i] for i in np.argsort(-scores, kind="stable")[:limit] if scores[i] > 0]


def _weighted(
    held: list[tuple[int, int]], norms: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    numbers = np.array([number for number, _ in held], dtype=np.intp)
    times = np.array([count for _, count in held], dtype=np.float64)
    idf = log(1 + (len(norms) - len(held) + 0.5) / (len(held) + 0.5))
    return numbers, idf * times * (_K1 + 1) / (times + norms[numbers])
