from time import perf_counter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from radcite.apps.searching import audited_search, hit_json
from radcite.apps.web.desk import By, TheDesk, Who, allow, check_collection
from radcite.core.errors import RadciteError
from radcite.core.sources import Language
from radcite.core.typed import without_identifiers
from radcite.tools.cases import CaseRequest
from radcite.tools.literature import LiteratureRequest

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["library"])


@router.get("/search/{what}", dependencies=[allow("ask")], summary="Search passages or cases")
async def search(
    desk: TheDesk,
    who: Who,
    by: By,
    what: Literal["literature", "cases"],
    query: Annotated[str, Query(max_length=2_000)] = "",
    study: Annotated[str | None, Query(max_length=64)] = None,
    collection: Annotated[str, Query(max_length=200)] = "default",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    modality: Annotated[str | None, Query(max_length=64)] = None,
    body_part: Annotated[str | None, Query(max_length=64)] = None,
    language: Language | None = None,
) -> dict[str, Any]:
    """The document of `radcite search --json`; cases also like the key images of a study, never its patient's own.

    Raises:
        RadciteError: `VALIDATION` for an empty search, `NOT_FOUND` for an unknown study or collection.
    """
    check_collection(who, collection)
    query = without_identifiers(query)
    record = await desk.house.conversations.study(who.name, study) if study else None
    if not query.strip() and (record is None or what == "literature"):
        raise RadciteError("VALIDATION", "a search needs words or an image", "检索需要文字或图像")
    started = perf_counter()
    async with desk.turn(who.name):
        request = (
            LiteratureRequest(query=query, collection=collection, limit=limit, language=language)
            if what == "literature"
            else CaseRequest(
                query=query,
                images=tuple(series.key for series in record.series)[:8] if record else (),
                collection=collection,
                limit=limit,
                patient=record.patient if record else None,
                modality=modality,
                body_part=body_part,
                language=language,
            )
        )
        hits = await audited_search(desk.house, request, by)
    took = round((perf_counter() - started) * 1000, 1)
    return {"hits": [hit_json(hit) for hit in hits], "took_ms": took}
