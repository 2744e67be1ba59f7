from collections.abc import AsyncIterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from radcite.apps.auditing import Auditor
from radcite.apps.searching import asked_patient
from radcite.apps.upkeep.dropping import drop_study
from radcite.apps.web.desk import By, Desk, TheDesk, Who, allow, check_collection
from radcite.apps.web.events import Event, sent
from radcite.apps.web.receiving import (
    SentIn,
    form_schema,
    let_in,
    progress_events,
    received,
    refusal,
)
from radcite.core.accounts import Identity
from radcite.core.conversations import StudyImage, StudyRecord
from radcite.core.errors import RadciteError
from radcite.core.sources import ImageRef
from radcite.ingestion.discovery import FoundFile
from radcite.ingestion.report import Progress

__all__ = ["picture_response", "router", "take_study"]

router = APIRouter(prefix="/api/studies", tags=["studies"], dependencies=[allow("upload")])
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
CaseId = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Frame = Annotated[int, Path(ge=0, le=1_000_000)]


class StudyFields(BaseModel):
    """What may be said of images that are sent in."""

    model_config = ConfigDict(extra="forbid")

    patient: str | None = Field(default=None, max_length=200)


@router.post(
    "",
    response_class=EventSourceResponse,
    summary="Send in images to ask about",
    openapi_extra=form_schema(StudyFields),
)
async def send_in(
    desk: TheDesk, who: Who, told: Annotated[SentIn[StudyFields], let_in("upload", StudyFields)]
) -> AsyncIterable[ServerSentEvent]:
    """Events `progress`, then `study` (the record, and the files that were refused) or `error`.

    The files are read in worker processes and not kept; pixels and a few attributes without identity are.
    """
    async with received(told.files) as found:

        async def work(tell: Progress) -> Event:
            return await take_study(desk, who, found, told.fields.patient, tell)

        async with aclosing(progress_events(work)) as events:
            async for event in events:
                yield sent(event)


async def take_study(
    desk: Desk, who: Identity, found: Sequence[FoundFile], patient: str | None, tell: Progress
) -> Event:
    """Read files through the gate and keep them as a study of this user."""
    from radcite.ingestion.query_studies import StudyTaker

    house = desk.house
    take = StudyTaker(house.door(), house.images, house.frames)
    taken = await take(found, tell)
    record = StudyRecord(
        study=uuid4().hex,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        series=taken.series,
        gate=taken.gate,
        patient=await asked_patient(house, patient) or taken.patient,
    )
    await house.conversations.add_study(who.name, record)
    desk.metrics.files.labels("taken").inc(sum(len(one.images) for one in record.series))
    desk.metrics.files.labels("refused").inc(len(taken.refused))
    refused = [refusal(one) for one in taken.refused]
    return Event("study", {"study": record.model_dump(mode="json"), "refused": refused})


@router.get("", summary="Your studies, the latest first")
async def studies(desk: TheDesk, who: Who) -> list[StudyRecord]:
    """Studies of other users are not among them."""
    return await desk.house.conversations.studies(who.name)


@router.get("/{study}", summary="A study")
async def one_study(study: str, desk: TheDesk, who: Who, by: By) -> StudyRecord:
    """Raises: RadciteError: `NOT_FOUND`, also for another user's study."""
    found = await desk.house.conversations.study(who.name, study)
    await by.read("study", study, patient=found.patient)
    return found


@router.delete("/{study}", status_code=204, summary="Remove a study")
async def remove(study: str, desk: TheDesk, who: Who, by: By) -> None:
    """Removes the record, and the pictures and stored values that nothing else shows.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    found = await desk.house.conversations.study(who.name, study)
    await by.removed("study", study, patient=found.patient)
    await drop_study(desk.house, who.name, study)


@router.get("/{study}/images/{digest}/picture", summary="An image as a picture")
async def picture(study: str, digest: Digest, desk: TheDesk, who: Who, by: By) -> Response:
    """A PNG of the key frame as displayed.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    await _image(desk, who, by, study, digest)
    return await picture_response(desk, digest, 0)


@router.get("/{study}/images/{digest}/frames/{frame}", summary="Stored values of a frame")
async def frame_values(
    study: str, digest: Digest, frame: Frame, desk: TheDesk, who: Who, by: By
) -> Response:
    """Little-endian values row by row, of the kind that the study's record names.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    await _image(desk, who, by, study, digest)
    content = await desk.house.frames.frame(digest, frame)
    # They are kept as zlib streams, which is what HTTP calls deflate.
    headers = {"Content-Encoding": "deflate"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get(
    "/{study}/images/{digest}/occlusion",
    summary="What makes an image like a case, or like those of a label",
)
async def occlusion_map(
    study: str,
    digest: Digest,
    case: Annotated[list[CaseId], Query(min_length=1, max_length=16)],
    desk: TheDesk,
    who: Who,
    by: By,
    collection: Annotated[str, Query(max_length=200)] = "default",
) -> dict[str, Any]:
    """`drops`, a grid over the image: how much likeness is lost with each part hidden. `similarity` is the whole.

    With several cases, such as those that vote for a diagnosis, the likeness is that to their mean direction.

    Raises:
        RadciteError: `NOT_FOUND`, also for a case without an image.
    """
    from radcite.tools.occlusion import occlusion

    check_collection(who, collection)
    await _image(desk, who, by, study, digest)
    refs: list[ImageRef] = []
    for name in case:
        found = await desk.house.ledger.case(collection, name)
        if found is None or not found.images:
            raise RadciteError("NOT_FOUND", "no such case with an image", "没有此病例或其图像")
        refs.append(found.images[0])
    images = desk.house.images
    async with desk.turn(who.name):
        made = await occlusion(
            desk.house.image_encoder,
            await images.pixels(digest),
            [await images.pixels(ref.digest, ref.frame) for ref in refs],
        )
    encoder = desk.house.image_encoder.fingerprint
    return {"similarity": made.similarity, "drops": made.drops, "encoder": encoder}


async def picture_response(
    desk: Desk, digest: str, frame: int, *, shared: bool = False
) -> Response:
    """The stored picture as PNG, encoded outside the event loop.

    A browser keeps one of a collection for an hour, and none of a user's own study: workstations are shared.
    """
    import asyncio

    from radcite.ingestion.pictures.images import encode_png

    pixels = await desk.house.images.pixels(digest, frame)
    content = await asyncio.to_thread(encode_png, pixels)
    headers = {"Cache-Control": "private, max-age=3600"} if shared else {}
    return Response(content, media_type="image/png", headers=headers)


async def _image(desk: Desk, who: Identity, by: Auditor, study: str, digest: str) -> StudyImage:
    """An image of the user's study; that they are shown it is noted once an hour."""
    record = await desk.house.conversations.study(who.name, study)
    for series in record.series:
        for image in series.images:
            if image.digest == digest:
                if not desk.seen.lately(who.name, digest):
                    await by.read("image", digest, patient=record.patient)
                    desk.seen.add(who.name, digest)
                return image
    raise RadciteError("NOT_FOUND", "no such image in this study", "该检查中没有此图像")
