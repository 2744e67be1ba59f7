"""`Pacs` over DICOMweb: QIDO-RS to search, WADO-RS to fetch.

Source: DICOM PS3.18, 10.6 (Search) and 10.4 (Retrieve); multipart/related by RFC 2387.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any, cast

import httpx
from pydantic import SecretStr

from radcite.backends.remote.dicomweb_addresses import turned
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.pacs import PacsQuery, PacsReply, PacsStudy

__all__ = ["DicomWebPacs"]

_UID = re.compile(r"[0-9]+(\.[0-9]+){1,40}")
_PAGE = 200
_TRIES = 3
_PASSING = {429, 502, 503, 504}
_INCLUDED = ("StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances")
_TAGS = {
    "uid": "0020000D",
    "patient_id": "00100020",
    "patient_name": "00100010",
    "date": "00080020",
    "description": "00081030",
}
_JSON = frozenset({"application/dicom+json", "application/json"})
_RELAYED = re.compile(
    r"(application/(dicom|octet-stream|pdf)|image/(jpeg|png|gif|jp2|jxl)|video/(mp4|mpeg)|multipart/related)"
    r"(;[\x20-\x7e]{0,300})?"
)
_JSON_BYTES = 64 << 20
_MODALITIES, _INSTANCES = "00080061", "00201208"


class DicomWebPacs:
    """An archive at a DICOMweb address.

    Args:
        url: The service's root, such as `http://orthanc:8042/dicom-web`.
        username: Of basic authentication, or None.
        password: Its password.
        most_bytes: What one study may hold.
        pause_seconds: How long a busy archive is left alone before it is asked again.
        transport: For tests.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str | None = None,
        password: SecretStr | None = None,
        most_bytes: int,
        pause_seconds: float = 1.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        secret = password.get_secret_value() if password else ""
        self._url = url.rstrip("/")
        self._most_bytes = most_bytes
        self._pause_seconds = pause_seconds
        self._client = httpx.AsyncClient(
            base_url=self._url,
            auth=(username, secret) if username else None,
            timeout=httpx.Timeout(60, connect=5),
            transport=transport,
            # An archive is asked directly, does not send us elsewhere, and knows no user from another.
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def studies(self, query: PacsQuery, limit: int = 50) -> Sequence[PacsStudy]:
        """Studies that match, at most `limit`, the latest first."""
        wanted = {
            "PatientName" if "*" in query.patient else "PatientID": query.patient,
            "StudyDate": query.date,
            "ModalitiesInStudy": query.modality,
            "StudyInstanceUID": query.study,
        }
        params = [(name, value) for name, value in wanted.items() if value]
        params += [("includefield", name) for name in _INCLUDED]
        found: dict[str, PacsStudy] = {}
        while len(found) < limit:
            page = str(min(_PAGE, limit - len(found)))
            place = [("limit", page), ("offset", str(len(found)))]
            listed = [_study(one) for one in await self._json("/studies", [*params, *place])]
            fresh = {one.uid: one for one in listed if one.uid not in found}
            found |= fresh
            # An archive that knows no offset sends the first page again.
            if not fresh or len(listed) < int(page):
                break
        return sorted(found.values(), key=lambda one: one.date, reverse=True)[:limit]

    async def instances(self, uid: str, folder: Path) -> AsyncIterator[Path]:
        """The objects of a study, each written into the folder under a number."""
        if not _UID.fullmatch(uid) or len(uid) > 64:
            raise RadciteError("VALIDATION", "a study is named by its UID", "检查以其 UID 指定")
        headers = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
        try:
            async with self._client.stream("GET", f"/studies/{uid}", headers=headers) as reply:
                _check(reply)
                parts = _parts(reply, self._most_bytes)
                number = 0
                async for content in parts:
                    path = folder / f"{number:06}"
                    await asyncio.to_thread(path.write_bytes, content)
                    yield path
                    number += 1
        except httpx.HTTPError as exc:
            raise _down(type(exc).__name__) from exc

    @asynccontextmanager
    async def relay(
        self, path: str, params: Sequence[tuple[str, str]], accept: str, shown_at: str
    ) -> AsyncGenerator[PacsReply]:
        """The archive's answer to a DICOMweb request."""
        headers = {"Accept": accept}
        try:
            async with self._client.stream(
                "GET", f"/{path}", params=list(params), headers=headers
            ) as reply:
                yield await self._relayed(reply, shown_at)
        except httpx.HTTPError as exc:
            raise _down(type(exc).__name__) from exc

    async def _relayed(self, reply: httpx.Response, shown_at: str) -> PacsReply:
        if reply.status_code in {400, 406, 415}:
            raise RadciteError("VALIDATION", "the archive refuses this", "影像归档拒绝该请求")
        _check(reply)
        media_type = reply.headers.get("content-type", "").strip()
        if reply.status_code == 204:
            return PacsReply("", _chunks(reply, 0))
        if media_type.partition(";")[0].strip().lower() in _JSON:
            content = b"".join([chunk async for chunk in _chunks(reply, _JSON_BYTES)])
            try:
                told = await asyncio.to_thread(turned, content, self._url, shown_at)
            except (ValueError, RecursionError) as exc:
                raise _down("no JSON") from exc
            return PacsReply("application/dicom+json", _once(told))
        if not _RELAYED.fullmatch(media_type):
            raise _down("an answer of another kind")
        return PacsReply(media_type, _chunks(reply, self._most_bytes))

    async def probe(self) -> None:
        """Ask for one study."""
        await self._json("/studies", [("limit", "1")])

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _json(self, path: str, params: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        try:
            reply = await self._get(path, params)
            _check(reply)
            told = cast("object", [] if reply.status_code == 204 else reply.json())
        except (httpx.HTTPError, ValueError) as exc:
            raise _down(type(exc).__name__) from exc
        if not isinstance(told, list):
            raise _down("not a list")
        return cast("list[dict[str, Any]]", told)

    async def _get(self, path: str, params: Sequence[tuple[str, str]]) -> httpx.Response:
        """A reply, asked for again where the archive is busy for the moment."""
        headers = {"Accept": "application/dicom+json"}
        for again in range(_TRIES - 1):
            reply = await self._client.get(path, params=list(params), headers=headers)
            if reply.status_code not in _PASSING:
                return reply
            await asyncio.sleep(self._pause_seconds * 2**again)
        return await self._client.get(path, params=list(params), headers=headers)


def _check(reply: httpx.Response) -> None:
    if reply.status_code == 404:
        raise RadciteError("NOT_FOUND", "the archive has no such study", "影像归档中没有此检查")
    if reply.status_code >= 300:
        raise _down(str(reply.status_code))


async def _chunks(reply: httpx.Response, most_bytes: int) -> AsyncIterator[bytes]:
    total = 0
    async for chunk in reply.aiter_bytes(1 << 18):
        total += len(chunk)
        if total > most_bytes:
            bound = f"answer > {most_bytes} bytes"
            raise RadciteError("LIMIT_EXCEEDED", bound, f"应答超过 {most_bytes} 字节")
        yield chunk


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _parts(reply: httpx.Response, most_bytes: int) -> AsyncIterator[bytes]:
    """The bodies of a multipart reply, one held at a time."""
    found = re.search(r'boundary="?([^";,]+)"?', reply.headers.get("content-type", ""))
    if found is None:
        raise _down("no multipart reply")
    mark, held, total = b"--" + found.group(1).encode("latin-1"), b"", 0
    async for chunk in reply.aiter_bytes(1 << 20):
        total += len(chunk)
        if total > most_bytes:
            bound = f"study > {most_bytes} bytes"
            raise RadciteError("LIMIT_EXCEEDED", bound, f"检查超过 {most_bytes} 字节")
        *whole, held = (held + chunk).split(mark)
        for part in whole:
            if body := _body(part):
                yield body
    if body := _body(held):
        yield body


def _body(part: bytes) -> bytes:
    _, blank, body = part.partition(b"\r\n\r\n")
    return body.removesuffix(b"\r\n") if blank else b""


def _study(record: dict[str, Any]) -> PacsStudy:
    count = _value(record, _INSTANCES)
    modalities = record.get(_MODALITIES, {}).get("Value") or ()
    return PacsStudy(
        **{name: _value(record, tag) for name, tag in _TAGS.items()},
        modalities=tuple(str(one) for one in modalities),
        instances=int(count) if count.isdecimal() else None,
    )


def _value(record: dict[str, Any], tag: str) -> str:
    """The first value of an attribute as text; a name in its first representation."""
    values = record.get(tag, {}).get("Value") or [""]
    first = values[0]
    if isinstance(first, dict):
        named = cast("dict[str, str]", first)
        first = named.get("Ideographic") or named.get("Alphabetic") or ""
    return str(first)


def _down(detail: str) -> DependencyDown:
    return DependencyDown("RETRIEVAL_UNAVAILABLE", f"archive: {detail}", f"影像归档：{detail}")
