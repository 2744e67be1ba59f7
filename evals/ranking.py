"""How good an order of documents is."""

from collections.abc import Collection, Sequence
from math import log2

__all__ = ["ndcg", "recall"]


def ndcg(ranked: Sequence[str], gold: Collection[str], depth: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `depth`, every gold document worth the same.

    Source: Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002).
    """
    gain = sum(1 / log2(rank + 1) for rank, one in enumerate(ranked[:depth], 1) if one in gold)
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(depth, len(gold)) + 1))
    return gain / ideal


def recall(ranked: Sequence[str], gold: Collection[str], depth: int = 10) -> float:
    """The share of the gold documents in the first `depth`, out of as many as could stand there."""
    return len(set(ranked[:depth]) & set(gold)) / min(depth, len(gold))
