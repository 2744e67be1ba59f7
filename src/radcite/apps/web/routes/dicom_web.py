"""The connected archive as DICOMweb, for viewers: searched and read by whoever may, never written to.

Source: DICOM PS3.18, 10.4 (Retrieve) and 10.6 (Search).
"""

import re
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from radcite.apps.auditing import Auditor
from radcite.apps.web.desk import By, Desk, TheDesk, Who, allow
from radcite.apps.web.routes.pacs import TheArchive
from radcite.core.accounts import Identity
from radcite.core.errors import RadciteError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["router"]

router = APIRouter(prefix="/dicom-web", tags=["pacs"], dependencies=[allow("archive")])

_UID = r"(?=[0-9.]{1,64}(?:/|$))[0-9]+(?:\.[0-9]+){1,40}"
_STUDY = rf"studies/(?P<study>{_UID})"
_SERIES = rf"{_STUDY}/series/{_UID}"
_INSTANCE = rf"{_SERIES}/instances/{_UID}"
_NUMBERS = r"[0-9]{1,6}(?:,[0-9]{1,6}){0,99}"
_SEARCH = re.compile(
    "|".join(
        pattern.replace("(?P<study>", f"(?P<study{number}>")
        for number, pattern in enumerate(
            (
                "studies",
                rf"{_STUDY}/(?:series|instances)",
                rf"{_SERIES}/instances",
            )
        )
    )
)
_RETRIEVE = re.compile(
    rf"{_STUDY}(?:/series/{_UID}(?:/instances/{_UID}(?:/frames/{_NUMBERS})?)?)?"
    r"(?:/(?:metadata|rendered|thumbnail))?"
)
_BULK = re.compile(rf"{_INSTANCE}/bulk(?:/[0-9a-fA-F]{{1,8}}){{1,16}}")
_NAME = re.compile(r"[A-Za-z0-9]{1,64}(?:\.[A-Za-z0-9]{1,64}){0,4}")
_ACCEPT = re.compile(r"[A-Za-z0-9 ,;=*/\"+.()\-]{1,500}")
_MOST_STUDIES = 1_000
_STUDIES = 100


class _Relayed(StreamingResponse):
    """Lets go of the archive's answer at the end, also where the client has gone away."""

    closing: AsyncExitStack

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        async with self.closing:
            await super().__call__(scope, receive, send)


@router.get("/{path:path}", summary="The connected archive, as DICOMweb")
async def relay(
    path: str, request: Request, archive: TheArchive, desk: TheDesk, who: Who, by: By
) -> Response:
    """QIDO-RS and WADO-RS below `studies`: searches, metadata, objects, frames, rendered images.

    What comes is the archive's own, with the identity of its patients: it is passed on, and not kept.

    Raises:
        RadciteError: `NOT_FOUND` for a path that is none of these or where no archive is connected; `VALIDATION`.
        DependencyDown: `RETRIEVAL_UNAVAILABLE`.
    """
    searched = _SEARCH.fullmatch(path)
    found = searched or _RETRIEVE.fullmatch(path) or _BULK.fullmatch(path)
    if found is None:
        raise RadciteError("NOT_FOUND", "no such DICOMweb resource", "没有此 DICOMweb 资源")
    params = _params(request, searched=searched is not None)
    accept = request.headers.get("accept", "*/*")
    if not _ACCEPT.fullmatch(accept):
        raise RadciteError("VALIDATION", "accept", "accept")
    study = next((uid for uid in found.groups() if uid), None)
    if study is None:
        desk.asks.take(who.name)
    await _note(desk, who, by, study)
    closing = AsyncExitStack()
    shown_at = f"{request.url.scheme}://{request.headers['host']}/dicom-web"
    reply = await closing.enter_async_context(archive.relay(path, params, accept, shown_at))
    if not reply.media_type:
        await closing.aclose()
        return Response(status_code=204)
    response = _Relayed(reply.chunks, headers={"Content-Type": reply.media_type})
    response.closing = closing
    return response


def _params(request: Request, *, searched: bool) -> list[tuple[str, str]]:
    given = [(name, value) for name, value in request.query_params.multi_items() if value]
    if len(given) > 64 or not all(_NAME.fullmatch(name) and len(v) <= 256 for name, v in given):
        raise RadciteError("VALIDATION", "a parameter of the query", "查询参数")
    if not searched:
        return given
    asked = request.query_params.get("limit") or str(_STUDIES)
    if not asked.isdecimal() or not 1 <= int(asked) <= _MOST_STUDIES:
        raise RadciteError("VALIDATION", f"limit: 1 to {_MOST_STUDIES}")
    return [*((name, value) for name, value in given if name != "limit"), ("limit", asked)]


async def _note(desk: Desk, who: Identity, by: Auditor, study: str | None) -> None:
    """Put it on record: each list, and of a study the first look within the hour."""
    if study is None:
        await by.read("study", detail="dicom-web")
    elif not desk.seen.lately(who.name, f"dicom-web {study}"):
        await by.read("study", study, detail="dicom-web")
        desk.seen.add(who.name, f"dicom-web {study}")
