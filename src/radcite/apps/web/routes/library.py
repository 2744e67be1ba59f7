from collections.abc import AsyncIterable
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from radcite.apps.web.desk import By, TheDesk, Who, allow, check_collection
from radcite.apps.web.events import Event, sent
from radcite.apps.web.receiving import (
    SentIn,
    form_schema,
    let_in,
    progress_events,
    received,
    refusal,
)
from radcite.apps.web.routes.studies import picture_response
from radcite.core.errors import RadciteError
from radcite.core.sources import Case, Document
from radcite.ingestion.report import Progress

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["library"])
Collection = Annotated[str, Query(max_length=200)]
Id = Annotated[str, Query(min_length=1, max_length=500)]
_AROUND = 1_200


class LibraryFields(BaseModel):
    """Which collection files are added to."""

    model_config = ConfigDict(extra="forbid")

    collection: str = Field(default="default", min_length=1, max_length=200)


LibraryFiles = Annotated[SentIn[LibraryFields], let_in("ingest", LibraryFields)]


async def _opened(who: Who, told: LibraryFiles) -> SentIn[LibraryFields]:
    check_collection(who, told.fields.collection)
    return told


@router.post(
    "/library",
    response_class=EventSourceResponse,
    summary="Add documents and cases to a collection: PDF, text, Markdown, JSONL, DICOM, images, zip",
    openapi_extra=form_schema(LibraryFields),
)
async def add(
    desk: TheDesk, told: Annotated[SentIn[LibraryFields], Depends(_opened)], by: By
) -> AsyncIterable[ServerSentEvent]:
    """Events `progress`, then `report` (the document of `radcite ingest --json`) or `error`.

    Everybody who may search the collection will find what is added.
    """
    collection = told.fields.collection
    async with received(told.files) as found:

        async def work(tell: Progress) -> Event:
            await by.note("ingest", "ingest", collection=collection)
            ingest = replace(desk.house.ingestor(), confined=True)
            report = await ingest.take(found, collection, tell)
            taken = report.documents + report.cases + report.skipped
            desk.metrics.files.labels("taken").inc(taken)
            desk.metrics.files.labels("refused").inc(len(report.quarantined))
            document = report.model_dump(mode="json")
            document["quarantined"] = [refusal(one) for one in report.quarantined]
            return Event("report", {"schema": "radcite.ingest/1", **document})

        async with aclosing(progress_events(work)) as events:
            async for event in events:
                yield sent(event)


async def _document(
    desk: TheDesk,
    who: Who,
    by: By,
    id: Id,  # noqa: A002 - the published parameter
    collection: Collection = "default",
) -> Document:
    check_collection(who, collection)
    found = await desk.house.ledger.document(collection, id)
    if found is None:
        raise RadciteError("NOT_FOUND", "no such document", "没有此文献")
    await by.read("document", id, collection=collection)
    return found


async def _case(
    desk: TheDesk,
    who: Who,
    by: By,
    id: Id,  # noqa: A002 - the published parameter
    collection: Collection = "default",
) -> Case:
    check_collection(who, collection)
    found = await desk.house.ledger.case(collection, id)
    if found is None:
        raise RadciteError("NOT_FOUND", "no such case", "没有此病例")
    await by.read("case", id, collection=collection, patient=found.patient)
    return found


TheDocument = Annotated[Document, Depends(_document)]
TheCase = Annotated[Case, Depends(_case)]


@router.get("/document", dependencies=[allow("ask")], summary="A stretch of a document's text")
async def document(
    desk: TheDesk,
    found: TheDocument,
    collection: Collection = "default",
    start: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
    end: Annotated[int, Query(ge=0, le=100_000_000)] = 0,
) -> dict[str, Any]:
    """The text around `[start, end)` in code points, what is known of the document, and whether its pages are kept.

    `boxes` are the rectangles of the stretch on its pages; empty where the document has none.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    name = found.document_id
    first, last = max(0, start - _AROUND), min(len(found.text), max(start, end) + _AROUND)
    boxes = await desk.house.ledger.boxes(collection, name, start, end) if found.paged else ()
    return {
        **found.model_dump(mode="json", exclude={"text"}),
        "from": first,
        "text": found.text[first:last],
        "length": len(found.text),
        "boxes": [box.model_dump(mode="json") for box in boxes],
        "pages": found.paged and await _has_pages(desk, name),
    }


@router.get("/document/file", dependencies=[allow("ask")], summary="A document's PDF")
async def document_file(desk: TheDesk, found: TheDocument) -> FileResponse:
    """Raises: RadciteError: `NOT_FOUND`, also where the file was not kept."""
    if not found.paged:
        raise RadciteError("NOT_FOUND", "no such document", "没有此文献")
    path = await desk.house.pages.path(_digest(found.document_id))
    return FileResponse(
        path, media_type="application/pdf", headers={"Cache-Control": "private, max-age=3600"}
    )


@router.get("/case", dependencies=[allow("ask")], summary="A case with its report")
async def case(found: TheCase) -> Case:
    """Raises: RadciteError: `NOT_FOUND`."""
    return found


@router.get("/case/picture", dependencies=[allow("ask")], summary="An image of a case")
async def case_picture(
    desk: TheDesk, found: TheCase, index: Annotated[int, Query(ge=0, le=10_000)] = 0
) -> Response:
    """A PNG of the case's image of this place in its list, from 0.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    if index >= len(found.images):
        raise RadciteError("NOT_FOUND", "no such image in this case", "该病例没有此图像")
    image = found.images[index]
    return await picture_response(desk, image.digest, image.frame, shared=True)


def _digest(document_id: str) -> str:
    return document_id.removeprefix("sha256:")


async def _has_pages(desk: TheDesk, document_id: str) -> bool:
    try:
        await desk.house.pages.path(_digest(document_id))
    except RadciteError:
        return False
    return True
