"""The first hits of a search, put in order by a model that reads question and text together."""

from collections.abc import Sequence
from dataclasses import replace

from radcite.core.framing import case_words
from radcite.core.language import detect_language
from radcite.core.ports import Reranker
from radcite.core.sources import Case, Passage, Source
from radcite.tools.hits import Hit

__all__ = ["RERANKED", "blended", "rerank", "words_of"]

RERANKED = 15


async def rerank(query: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """The hits with the first 15 in the order that search and model together give them.

    A query in a language for which the model's card names no share is left as it is. The scores stay with their ranks:
    they order hits and mean nothing else.
    """
    share = reranker.shares.get(detect_language(query), 0.0)
    first = hits[:RERANKED]
    if share == 0.0 or len(first) < 2:
        return list(hits)
    found = await reranker.score(query, [words_of(hit.source) for hit in first])
    order = blended([hit.score for hit in first], found, share)
    ordered = [
        replace(first[place], rank=hit.rank, score=hit.score)
        for hit, place in zip(first, order, strict=True)
    ]
    return [*ordered, *hits[RERANKED:]]


def blended(scores: Sequence[float], found: Sequence[float], share: float) -> list[int]:
    """Places in their new order: both scores scaled to [0, 1], the model's counted by `share`; ties stay."""
    own, told = _scaled(scores), _scaled(found)
    total = [(1 - share) * one + share * other for one, other in zip(own, told, strict=True)]
    return sorted(range(len(total)), key=lambda place: -total[place])


def words_of(source: Source) -> str:
    """What the model reads of a source: a passage behind its title, or all words of a case."""
    if isinstance(source, Passage):
        return f"{source.title}. {source.text}" if source.title else source.text
    return "\n".join(words for _, words in case_words(source)) if isinstance(source, Case) else ""


def _scaled(scores: Sequence[float]) -> list[float]:
    low, span = min(scores), max(scores) - min(scores)
    return [(score - low) / span if span else 0.0 for score in scores]
