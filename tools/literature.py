from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field, model_validator

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.ports import Filter, ImageEncoder, ImageStore, VectorQuery
from radcite.core.sources import Language, Passage
from radcite.tools.hits import Hit
from radcite.tools.hybrid import HybridSearch, SearchMode, checked_collection

__all__ = ["LiteratureRequest", "LiteratureSearch"]

_PER_DOCUMENT = 5


class LiteratureRequest(Frozen):
    """Search the literature by meaning and words, and its figures by images.

    `images` are digests of stored images; without a query the figures alone are searched.
    """

    tool: Literal["literature_search"] = "literature_search"
    query: str = Field(default="", max_length=20_000)
    images: tuple[str, ...] = ()
    collection: str = "default"
    limit: int = Field(default=8, ge=1, le=1_000)
    group: Literal["passage", "document"] = "passage"
    language: Language | None = None
    with_retracted: bool = False
    mode: SearchMode = "hybrid"

    @model_validator(mode="after")
    def _something_to_search(self) -> "LiteratureRequest":
        if not self.query and not self.images:
            raise ValueError("a search of the literature needs words or an image")
        return self


@dataclass(frozen=True, slots=True)
class LiteratureSearch:
    """Passages of the literature, and its figures where there are images and their encoder."""

    search: HybridSearch
    images: ImageStore | None = None
    encoder: ImageEncoder | None = None

    async def __call__(self, request: LiteratureRequest, /) -> Sequence[Hit]:
        """Passages nearest in meaning and words, best first; grouped, the best one of each document.

        Captions of figures like the images stand first.

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
        if request.group != "document":
            hits = await self._found(request, conditions, request.limit)
            return _once(hits)[: request.limit] if request.images else hits
        # One long document may fill any number of places: more are asked for until others come, or none is left.
        limit = request.limit * _PER_DOCUMENT
        while True:
            hits = await self._found(request, conditions, limit)
            documents = _one_per_document(hits)
            if len(documents) >= request.limit or len(hits) < limit:
                return documents[: request.limit]
            limit *= _PER_DOCUMENT

    async def _found(self, request: LiteratureRequest, conditions: Filter, limit: int) -> list[Hit]:
        hits = await self._by_image(request, conditions, limit) if request.images else []
        if request.query:
            hits += await self.search(
                request.query, request.collection, conditions, limit, request.mode
            )
        return hits

    async def _by_image(
        self, request: LiteratureRequest, conditions: Filter, limit: int
    ) -> list[Hit]:
        if self.encoder is None or self.images is None:
            raise RadciteError("VALIDATION", "no image encoder is set", "未设置图像编码器")
        sources, encoder = self.search.sources, self.encoder
        record = await checked_collection(sources, request.collection, None, encoder.fingerprint)
        if record is None or record.image is None:
            return []
        vectors = await encoder.encode([await self.images.pixels(one) for one in request.images])
        figures = conditions.model_copy(update={"must": {**conditions.must, "kind": ("figure",)}})
        exact = await self.search.is_exact(request.collection)
        found = await self.search.index.search(
            request.collection,
            [VectorQuery("image", row, limit, figures, exact) for row in vectors],
        )
        best: dict[str, float] = {}
        for hit in (hit for hits in found for hit in hits):
            best[hit.id] = max(hit.score, best.get(hit.id, -1.0))
        ordered = sorted(best, key=lambda point: (-best[point], point))[:limit]
        resolved = await sources.resolve(request.collection, ordered)
        return [
            Hit(source, rank, best[point], best[point], None, encoder.fingerprint)
            for rank, (point, source) in enumerate(resolved, 1)
        ]


def _once(hits: Sequence[Hit]) -> list[Hit]:
    """Each passage once, where it stands first."""
    first: dict[tuple[str, int], Hit] = {}
    for hit in hits:
        if isinstance(hit.source, Passage):
            first.setdefault((hit.source.document_id, hit.source.start), hit)
    return [replace(hit, rank=rank) for rank, hit in enumerate(first.values(), 1)]


def _one_per_document(hits: Sequence[Hit]) -> list[Hit]:
    first: dict[str, Hit] = {}
    for hit in hits:
        if isinstance(hit.source, Passage):
            first.setdefault(hit.source.document_id, hit)
    return [
        Hit(hit.source, rank, hit.score, hit.cosine, hit.coverage, hit.encoder)
        for rank, hit in enumerate(first.values(), 1)
    ]
