"""Europe PMC: articles by query, whole where they are open, else their abstracts.

Source: Europe PMC RESTful web service: `search` (resultType core, cursorMark) and `fullTextXML`.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any, cast

from radcite.backends.remote.polite_web import PoliteWeb
from radcite.core.errors import DependencyDown, RadciteError

__all__ = ["EuropePmcArticles"]

_PAGE = 100
_PMCID = re.compile(r"PMC\d{1,12}")
_HEADING = re.compile(r"</?h\d[^>]*>|</?p[^>]*>|<br[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_LICENCES = {"cc by": "CC BY", "cc0": "CC0", "cc by-nc": "CC BY-NC", "cc by-nc-nd": "CC BY-NC-ND"}
_Record = Mapping[str, Any]


class EuropePmcArticles:
    """`LiteratureSource` of Europe PMC.

    Args:
        web: The service.
    """

    def __init__(self, web: PoliteWeb) -> None:
        self._web = web

    async def files(self, query: str, folder: Path, limit: int) -> AsyncIterator[Path]:
        """JATS of open articles, one a file; last a `passages.jsonl` with the abstracts of the others."""
        if not query.strip():
            raise RadciteError("VALIDATION", "a Europe PMC query is needed", "需要 Europe PMC 查询")
        abstracts: list[dict[str, object]] = []
        number = 0
        async for record in self._records(query, limit):
            number += 1
            whole = await self._whole(record)
            if whole is not None:
                path = folder / f"{number:06}.xml"
                await asyncio.to_thread(path.write_bytes, whole)
                yield path
            elif passage := _passage(record):
                abstracts.append(passage)
        if not number:
            raise RadciteError(
                "NOT_FOUND", "Europe PMC has nothing for this query", "没有匹配的文献"
            )
        if abstracts:
            path = folder / "passages.jsonl"
            lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in abstracts)
            await asyncio.to_thread(path.write_text, "".join(lines), encoding="utf-8")
            yield path

    async def close(self) -> None:
        """Close connections."""
        await self._web.close()

    async def _records(self, query: str, limit: int) -> AsyncIterator[_Record]:
        mark, left = "*", limit
        while left > 0:
            size = str(min(_PAGE, left))
            asked = {"query": query, "resultType": "core", "format": "json"}
            reply = await self._web.get("/search", {**asked, "pageSize": size, "cursorMark": mark})
            try:
                told = cast("dict[str, Any]", json.loads(reply))
                records = cast("list[_Record]", told["resultList"]["result"])
                following = str(told.get("nextCursorMark") or "")
            except (ValueError, LookupError, TypeError) as exc:
                raise DependencyDown(
                    "RETRIEVAL_UNAVAILABLE", "Europe PMC: not a search result", "不是检索结果"
                ) from exc
            for record in records:
                yield record
            left -= len(records)
            if not records or following in {"", mark}:
                return
            mark = following

    async def _whole(self, record: _Record) -> bytes | None:
        pmcid = str(record.get("pmcid") or "")
        if record.get("isOpenAccess") != "Y" or not _PMCID.fullmatch(pmcid) or _retracted(record):
            return None
        try:
            return await self._web.get(f"/{pmcid}/fullTextXML", {})
        except RadciteError as error:
            if error.code in {"NOT_FOUND", "VALIDATION"}:
                return None
            raise


def _passage(record: _Record) -> dict[str, object] | None:
    """An abstract as a record of `passages.jsonl`; None for an article without one."""
    spaced = _HEADING.sub("\n\n", str(record.get("abstractText") or ""))
    parts = (" ".join(part.split()) for part in unescape(_TAG.sub("", spaced)).split("\n\n"))
    text = "\n\n".join(filter(None, parts))
    source, number = str(record.get("source") or ""), str(record.get("id") or "")
    if not text or not number:
        return None
    pmid = record.get("pmid")
    year = str(record.get("pubYear") or "")
    listed = cast("list[Mapping[str, str]]", (record.get("authorList") or {}).get("author") or [])
    return {
        "id": f"pmid:{pmid}" if pmid else f"europepmc:{source}:{number}",
        "title": unescape(_TAG.sub("", str(record.get("title") or ""))).rstrip("."),
        "text": text,
        "doi": str(record["doi"]).lower() if record.get("doi") else None,
        "pmid": str(pmid) if pmid else None,
        "year": int(year) if year.isdecimal() else None,
        "licence": _LICENCES.get(str(record.get("license") or "").lower()),
        "source_url": f"https://europepmc.org/article/{source}/{number}",
        "retracted": _retracted(record),
        "authors": [one["fullName"] for one in listed if one.get("fullName")],
    }


def _retracted(record: _Record) -> bool:
    kinds = cast("list[object]", (record.get("pubTypeList") or {}).get("pubType") or [])
    corrections = cast("dict[str, Any]", record.get("commentCorrectionList") or {})
    notes = cast("list[Mapping[str, object]]", corrections.get("commentCorrection") or [])
    return any(str(kind).lower() == "retracted publication" for kind in kinds) or any(
        str(note.get("type", "")).lower() == "retraction in" for note in notes
    )
