"""One order out of several: by normalised scores, or by ranks."""

from collections.abc import Mapping, Sequence
from typing import Literal

from radcite.core.ports import Scored

__all__ = ["Fusion", "fuse"]

Fusion = Literal["score", "rank"]
_RANK_CONSTANT = 60


def fuse(
    lists: Sequence[Sequence[Scored]], how: Fusion = "score", weights: Sequence[float] = ()
) -> list[Scored]:
    """All ids of the lists, best first, equal scores by id.

    `score`: each list's scores scaled to [0, 1] by its own lowest and highest, absent ids at 0, then the
    mean, weighted if there are weights, of the lists that are not empty. `rank`: reciprocal ranks with the
    constant 60. Fused scores order hits and mean nothing else: the best hit is near 1 whatever was asked.

    Source: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval (2023), for the scores;
        Cormack, Clarke and Büttcher, Reciprocal Rank Fusion (2009), for the ranks.
    """
    parts = [
        (weight, _scaled(hits) if how == "score" else _reciprocal(hits))
        for hits, weight in zip(lists, weights or (1.0,) * len(lists), strict=True)
        if hits
    ]
    total = sum(weight for weight, _ in parts)
    sums: dict[str, float] = {}
    for weight, part in parts:
        for hit_id, value in part.items():
            sums[hit_id] = sums.get(hit_id, 0.0) + weight * value
    ranked = sorted((-value / total, hit_id) for hit_id, value in sums.items())
    return [Scored(hit_id, -value) for value, hit_id in ranked]


def _scaled(hits: Sequence[Scored]) -> Mapping[str, float]:
    scores = [hit.score for hit in hits]
    low = min(scores)
    span = max(scores) - low
    return {hit.id: (hit.score - low) / span if span else 1.0 for hit in hits}


def _reciprocal(hits: Sequence[Scored]) -> Mapping[str, float]:
    return {hit.id: 1 / (_RANK_CONSTANT + rank) for rank, hit in enumerate(hits, 1)}
