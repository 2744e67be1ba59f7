"""The connected archive: its list, and a study of it as one to ask about."""

from collections.abc import AsyncIterable
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from radcite.apps.web.desk import By, TheDesk, Who, allow
from radcite.apps.web.events import Event, sent
from radcite.apps.web.receiving import progress_events
from radcite.apps.web.routes.studies import take_study
from radcite.core.errors import RadciteError
from radcite.core.pacs import Pacs, PacsQuery, PacsStudy
from radcite.ingestion.discovery import FoundFile
from radcite.ingestion.report import Progress
from radcite.ingestion.scratch import scratch_folder

__all__ = ["router"]

router = APIRouter(prefix="/api/pacs", tags=["pacs"], dependencies=[allow("archive")])


class FetchBody(BaseModel):
    """The UID of a study."""

    model_config = ConfigDict(extra="forbid")

    uid: str = Field(pattern=r"^[0-9]+(\.[0-9]+){1,40}$", max_length=64)


def _archive(desk: TheDesk) -> Pacs:
    if desk.house.pacs is None:
        raise RadciteError(
            "NOT_FOUND", "no archive is connected ([pacs])", "未连接影像归档（[pacs]）"
        )
    return desk.house.pacs


TheArchive = Annotated[Pacs, Depends(_archive)]


@router.get("/studies", summary="Studies of the connected archive")
async def studies(
    archive: TheArchive, by: By, query: Annotated[PacsQuery, Query()]
) -> list[PacsStudy]:
    """Up to fifty, the latest first. They name patients, and are shown, not kept.

    Raises:
        RadciteError: `NOT_FOUND` where no archive is connected.
        DependencyDown: `RETRIEVAL_UNAVAILABLE`.
    """
    found = list(await archive.studies(query))
    await by.read("study", detail="archive")
    return found


@router.post(
    "/studies",
    dependencies=[allow("upload")],
    response_class=EventSourceResponse,
    summary="Fetch a study to ask about",
)
async def fetch(
    body: FetchBody, archive: TheArchive, desk: TheDesk, who: Who
) -> AsyncIterable[ServerSentEvent]:
    """Events as of a study that is sent in; what comes passes the same gate."""

    async def work(tell: Progress) -> Event:
        desk.uploads.take(who.name)
        async with scratch_folder() as folder:
            found: list[FoundFile] = []
            async for path in archive.instances(body.uid, folder):
                found.append(FoundFile(path, f"#{len(found) + 1}"))
                tell(0, len(found))
            if not found:
                raise RadciteError("NOT_FOUND", "the study is empty", "检查为空")
            return await take_study(desk, who, found, None, tell)

    async with aclosing(progress_events(work)) as events:
        async for event in events:
            yield sent(event)
