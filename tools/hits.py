from dataclasses import dataclass

from radcite.core.sources import Case, Passage, Region, Term

__all__ = ["Hit"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A source found by a search.

    `score` orders the hits of one search and means nothing else. `cosine` in [-1, 1] and `coverage` in
    [0, 1], the share of the query's idf weight that the source's words hold, can be
    compared between searches; None where the search had no such signal. `by_image`: the cosine is of images.
    """

    source: Passage | Case | Region | Term
    rank: int
    score: float
    cosine: float | None
    coverage: float | None
    encoder: str
    by_image: bool = False
