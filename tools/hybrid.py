"""One hybrid search over an index: dense and sparse candidates, fused, resolved to their sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.fusion import Fusion, fuse
from radcite.core.language import detect_language
from radcite.core.ledger import CollectionRecord, SourceReader
from radcite.core.ports import (
    Filter,
    Index,
    Reranker,
    Scored,
    SparseEncoder,
    TermStatistics,
    TextEncoder,
    VectorQuery,
)
from radcite.core.vectors import SparseVector
from radcite.tools.hits import Hit
from radcite.tools.knowledge.translation import english_words
from radcite.tools.rerank import RERANKED, rerank

__all__ = ["CountedSources", "HybridSearch", "SearchMode", "checked_collection"]

SearchMode = Literal["hybrid", "dense", "sparse"]
_CANDIDATES = 200
# Chinese is learned from few texts: among them words count for more. Chosen on Toyhom's development questions.
_MEANING_IN_CHINESE = 0.25


async def checked_collection(
    sources: SourceReader, name: str, text: TextEncoder | None, image: str | None
) -> CollectionRecord | None:
    """The collection, or None if it is empty.

    Raises:
        RadciteError: `INDEX_MODEL_MISMATCH` when its vectors were made by another encoder than the
            one at hand. An encoder that is merely absent is no mismatch. `HOME_NEWER` for an index of a later form.
        DependencyDown: `RETRIEVAL_UNAVAILABLE` for an index of an earlier form.
    """
    record = await sources.collection(name)
    if record is None:
        return None
    record.check_layout(searching=True)
    for made, present in (
        (record.text, text.fingerprint if text else None),
        (record.image, image),
    ):
        if made is not None and present is not None and made != present:
            raise RadciteError(
                "INDEX_MODEL_MISMATCH",
                f"collection {name} was made with {made}, not {present}",
                f"集合 {name} 由 {made} 建立，而非 {present}",
            )
    return record


class CountedSources(SourceReader, TermStatistics, Protocol):
    """Sources with their number: a ledger."""


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Text search shared by the literature and the case tool.

    Args:
        index: Where points are found.
        sources: Where their words are.
        sparse: Words to BM25 vectors.
        text: The text encoder, if there is one.
        fusion: How dense and sparse order are put together.
        exact_up_to: A collection of more points than this is searched through its graph.
        reranker: Puts the first hits of a hybrid search in order, if there is one.
    """

    index: Index
    sources: CountedSources
    sparse: SparseEncoder
    text: TextEncoder | None
    fusion: Fusion = "score"
    exact_up_to: int = 50_000
    reranker: Reranker | None = None

    async def __call__(
        self,
        query: str,
        collection: str,
        conditions: Filter,
        limit: int,
        mode: SearchMode = "hybrid",
    ) -> list[Hit]:
        """The nearest sources, best first; empty when nothing shares a word or a meaning.

        Raises:
            RadciteError: `INDEX_MODEL_MISMATCH`, `VALIDATION` for `dense` without an encoder that reads the query.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        record = await checked_collection(self.sources, collection, self.text, None)
        if record is None:
            return []
        encoder = self._encoder_for(query, record)
        if mode == "dense" and encoder is None:
            raise RadciteError(
                "VALIDATION",
                "no encoder at hand reads this query's language; use hybrid or sparse",
                "没有能读取该语言的编码器；请使用 hybrid 或 sparse",
            )
        candidates = max(_CANDIDATES, limit)
        words = await self.sparse.encode_query(query, collection)
        in_chinese = detect_language(query) == "zh"
        told = english_words(query) if in_chinese else ""
        others = await self.sparse.encode_query(told, collection)
        queries: list[VectorQuery] = []
        if mode != "dense":
            both = _together(words, others)
            queries.append(VectorQuery("bm25", both, candidates, conditions))
        if mode != "sparse" and encoder is not None:
            vector = (await encoder.encode_query(query))[0]
            exact = await self.is_exact(collection)
            queries.append(VectorQuery("text", vector, candidates, conditions, exact))
        found = await self.index.search(collection, queries)
        if not any(found):
            await self._check_not_lost(collection)
        meaning = 0.5
        if in_chinese and await self._has_chinese(collection, words, conditions):
            meaning = _MEANING_IN_CHINESE
        shares = [meaning if each.using == "text" else 1 - meaning for each in queries]
        reranker = self.reranker if mode == "hybrid" else None
        most = max(limit, RERANKED) if reranker else limit
        fused = fuse(found, self.fusion, shares)[:most]
        cosines = _by_id(found, queries)
        resolved = await self.sources.resolve(collection, [hit.id for hit in fused])
        scores = {hit.id: hit.score for hit in fused}
        held = await self.sources.terms(collection, list(scores))
        name = encoder.fingerprint if encoder and mode != "sparse" else self.sparse.fingerprint
        hits = [
            Hit(
                source,
                rank,
                scores[point],
                cosines.get(point),
                _better(_coverage(words, held[point]), _coverage(others, held[point])),
                name,
            )
            for rank, (point, source) in enumerate(resolved, 1)
        ]
        return (await rerank(query, hits, reranker))[:limit] if reranker else hits

    async def _check_not_lost(self, collection: str) -> None:
        """That nothing was found because nothing is like the query, not because the index is gone."""
        if await self.index.count(collection) or not await self.sources.document_count(collection):
            return
        raise DependencyDown(
            "RETRIEVAL_UNAVAILABLE",
            f"the index of {collection} is missing; `radcite index rebuild` makes it again",
            f"集合 {collection} 的索引缺失；可用 `radcite index rebuild` 重建",
        )

    async def is_exact(self, collection: str) -> bool:
        """Whether a collection is small enough to compare a query with every vector."""
        return await self.sources.document_count(collection) <= self.exact_up_to

    async def _has_chinese(self, collection: str, words: SparseVector, conditions: Filter) -> bool:
        """Whether any Chinese text among those searched holds a word of the question."""
        wanted = conditions.must.get("language") or ("zh",)
        if "zh" not in wanted:
            return False
        chinese = conditions.model_copy(update={"must": {**conditions.must, "language": ("zh",)}})
        (hits,) = await self.index.search(collection, [VectorQuery("bm25", words, 1, chinese)])
        return bool(hits)

    def _encoder_for(self, query: str, record: CollectionRecord) -> TextEncoder | None:
        readable = self.text is not None and detect_language(query) in self.text.languages
        return self.text if readable and record.text is not None else None


def _coverage(words: SparseVector, held: frozenset[int]) -> float | None:
    """The share of the query's idf weight that a point's terms hold."""
    total = sum(words.values)
    if not total:
        return None
    weights = zip(words.indices, words.values, strict=True)
    return sum(weight for term, weight in weights if term in held) / total


def _together(words: SparseVector, others: SparseVector) -> SparseVector:
    """A Chinese question's words and what they are in English; a word of both counts once."""
    weights = dict(zip(others.indices, others.values, strict=True))
    weights |= dict(zip(words.indices, words.values, strict=True))
    terms = tuple(sorted(weights))
    return SparseVector(terms, tuple(weights[term] for term in terms))


def _better(own: float | None, told: float | None) -> float | None:
    """A text is in one language: it covers the question as asked, or as told in the other one."""
    return max((each for each in (own, told) if each is not None), default=None)


def _by_id(found: Sequence[Sequence[Scored]], queries: Sequence[VectorQuery]) -> dict[str, float]:
    return {
        hit.id: hit.score
        for query, hits in zip(queries, found, strict=True)
        if query.using != "bm25"
        for hit in hits
    }
