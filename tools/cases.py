from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field, model_validator

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.fusion import fuse
from radcite.core.ports import Filter, ImageEncoder, ImageStore, Index, Scored, VectorQuery
from radcite.core.sources import Case, Language
from radcite.tools.hits import Hit
from radcite.tools.hybrid import HybridSearch, SearchMode, checked_collection

__all__ = ["CaseRequest", "CaseSearch"]

_IMAGES_PER_CASE = 5


class CaseRequest(Frozen):
    """Search similar cases by images, by words, or by both.

    `patient` is a pseudonym: that patient's own cases are kept out, as are those in `exclude`.
    """

    tool: Literal["case_search"] = "case_search"
    query: str = Field(default="", max_length=20_000)
    images: tuple[str, ...] = ()
    collection: str = "default"
    limit: int = Field(default=5, ge=1, le=1_000)
    patient: str | None = None
    exclude: tuple[str, ...] = ()
    modality: str | None = None
    body_part: str | None = None
    language: Language | None = None
    mode: SearchMode = "hybrid"

    @model_validator(mode="after")
    def _something_to_search(self) -> "CaseRequest":
        if not self.query.strip() and not self.images:
            raise ValueError("a search for cases needs words or an image")
        return self


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """Cases like this one."""

    search: HybridSearch
    index: Index
    images: ImageStore
    encoder: ImageEncoder | None

    async def __call__(self, request: CaseRequest, /) -> Sequence[Hit]:
        """Cases nearest in image or words, best first, each once.

        Raises:
            RadciteError: `INDEX_MODEL_MISMATCH`, `VALIDATION`, `NOT_FOUND` for an unknown image.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        by_image = await self._by_image(request) if request.images else []
        by_words = await self._by_words(request) if request.query.strip() else []
        if not (by_image and by_words):
            return [replace(hit, rank=i) for i, hit in enumerate((by_image or by_words), 1)]
        return _merged(by_image, by_words, request.limit)

    async def _by_words(self, request: CaseRequest) -> list[Hit]:
        return await self.search(
            request.query,
            request.collection,
            _conditions(request, "case"),
            request.limit,
            request.mode,
        )

    async def _by_image(self, request: CaseRequest) -> list[Hit]:
        if self.encoder is None:
            raise RadciteError("VALIDATION", "no image encoder is set", "未设置图像编码器")
        sources = self.search.sources
        record = await checked_collection(
            sources, request.collection, None, self.encoder.fingerprint
        )
        if record is None or record.image is None:
            return []
        pixels = [await self.images.pixels(digest) for digest in request.images]
        vectors = await self.encoder.encode(pixels)
        conditions = _conditions(request, "image")
        candidates = request.limit * _IMAGES_PER_CASE
        exact = await self.search.is_exact(request.collection)
        found = await self.index.search(
            request.collection,
            [VectorQuery("image", row, candidates, conditions, exact) for row in vectors],
        )
        best: dict[str, float] = {}
        for hit in (hit for hits in found for hit in hits):
            best[hit.id] = max(hit.score, best.get(hit.id, -1.0))
        ordered = sorted(best, key=lambda point: (-best[point], point))
        cases: dict[str, Hit] = {}
        for point, source in await sources.resolve(request.collection, ordered):
            if isinstance(source, Case) and source.case_id not in cases:
                rank, score = len(cases) + 1, best[point]
                cases[source.case_id] = Hit(
                    source, rank, score, score, None, self.encoder.fingerprint, by_image=True
                )
        return list(cases.values())[: request.limit]


def _conditions(request: CaseRequest, kind: str) -> Filter:
    wanted = {
        "modality": request.modality,
        "body_part": request.body_part,
        "language": request.language,
    }
    return Filter(
        must={"kind": (kind,)}
        | {name: _spellings(value) for name, value in wanted.items() if value},
        must_not={
            "patient": (request.patient,) if request.patient else (),
            "owner": request.exclude,
        },
    )


def _spellings(value: str) -> tuple[str, ...]:
    """A value as written, and as DICOM (CT, CHEST) and lists of cases may have it."""
    return tuple(dict.fromkeys((value, value.upper(), value.lower(), value.capitalize())))


def _merged(by_image: list[Hit], by_words: list[Hit], limit: int) -> list[Hit]:
    coverage = {_id(hit): hit.coverage for hit in by_words}
    known = {_id(hit): hit for hit in by_words}
    known |= {_id(hit): replace(hit, coverage=coverage.get(_id(hit))) for hit in by_image}
    lists = [[Scored(_id(hit), hit.score) for hit in hits] for hits in (by_image, by_words)]
    return [
        replace(known[scored.id], rank=rank, score=scored.score)
        for rank, scored in enumerate(fuse(lists)[:limit], 1)
    ]


def _id(hit: Hit) -> str:
    return hit.source.case_id if isinstance(hit.source, Case) else ""
