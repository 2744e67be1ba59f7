from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from radcite.core.frozen import Frozen
from radcite.core.ports import Filter
from radcite.core.sources import Language, Passage
from radcite.tools.hits import Hit
from radcite.tools.hybrid import HybridSearch, SearchMode

__all__ = ["LiteratureRequest", "LiteratureSearch"]

_PER_DOCUMENT = 5


class LiteratureRequest(Frozen):
    """Search the literature by meaning and words."""

    tool: Literal["literature_search"] = "literature_search"
    query: str = Field(min_length=1, max_length=20_000)
    collection: str = "default"
    limit: int = Field(default=8, ge=1, le=1_000)
    group: Literal["passage", "document"] = "passage"
    language: Language | None = None
    with_retracted: bool = False
    mode: SearchMode = "hybrid"


@dataclass(frozen=True, slots=True)
class LiteratureSearch:
    """Passages of the literature."""

    search: HybridSearch

    async def __call__(self, request: LiteratureRequest, /) -> Sequence[Hit]:
        """Passages nearest in meaning and words, best first; grouped, the best one of each document.

        Raises:
            RadciteError: `INDEX_MODEL_MISMATCH`, `VALIDATION`.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        conditions = Filter(
            must={
                "kind": ("passage",),
                "language": (request.language,) if request.language else (),
            },
            must_not={} if request.with_retracted else {"retracted": ("yes",)},
        )
        grouped = request.group == "document"
        hits = await self.search(
            request.query,
            request.collection,
            conditions,
            request.limit * (_PER_DOCUMENT if grouped else 1),
            request.mode,
        )
        return _one_per_document(hits)[: request.limit] if grouped else hits


def _one_per_document(hits: Sequence[Hit]) -> list[Hit]:
    first: dict[str, Hit] = {}
    for hit in hits:
        if isinstance(hit.source, Passage):
            first.setdefault(hit.source.document_id, hit)
    return [
        Hit(hit.source, rank, hit.score, hit.cosine, hit.coverage, hit.encoder)
        for rank, hit in enumerate(first.values(), 1)
    ]
