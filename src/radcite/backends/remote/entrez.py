"""PubMed and PubMed Central by NCBI's E-utilities.

Source: NCBI, Entrez Programming Utilities Help: esearch and efetch; at most three requests a second
without a key.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from radcite.backends.remote.polite_web import PoliteWeb
from radcite.core.errors import DependencyDown, RadciteError

__all__ = ["PmcArticles", "PubMedArticles"]

_AT_ONCE = 200
_PMCID = re.compile(r"(?:PMC)?(\d{1,12})", re.IGNORECASE)


class PubMedArticles:
    """`LiteratureSource` of PubMed: titles and abstracts, with what PubMed says of retraction.

    Args:
        web: The service.
        identity: `tool`, `email` and `api_key`, as NCBI asks for them.
    """

    def __init__(self, web: PoliteWeb, identity: Mapping[str, str]) -> None:
        self._web, self._identity = web, identity

    async def files(self, query: str, folder: Path, limit: int) -> AsyncIterator[Path]:
        """PubMed XML, two hundred articles a file."""
        found = await self._found(query, limit)
        if not found:
            raise RadciteError(
                "NOT_FOUND", "PubMed has nothing for this query", "PubMed 没有匹配的文献"
            )
        for start in range(0, len(found), _AT_ONCE):
            some = ",".join(found[start : start + _AT_ONCE])
            fetch = {"db": "pubmed", "id": some, "retmode": "xml", **self._identity}
            yield await _written(folder, start, await self._web.get("/efetch.fcgi", fetch))

    async def close(self) -> None:
        """Close connections."""
        await self._web.close()

    async def _found(self, query: str, limit: int) -> Sequence[str]:
        if not query.strip():
            raise RadciteError("VALIDATION", "a PubMed query is needed", "需要 PubMed 查询")
        search = {"db": "pubmed", "term": query, "retmode": "json", "retmax": str(limit)}
        reply = await self._web.get("/esearch.fcgi", {**search, **self._identity})
        try:
            told = cast("dict[str, Any]", json.loads(reply))
            return [str(one) for one in told["esearchresult"]["idlist"]][:limit]
        except (ValueError, LookupError, TypeError) as exc:
            raise DependencyDown(
                "RETRIEVAL_UNAVAILABLE", "PubMed: not a search result", "PubMed：不是检索结果"
            ) from exc


class PmcArticles:
    """`LiteratureSource` of PubMed Central: whole articles in JATS, by their PMCIDs.

    Args:
        web: The service.
        identity: `tool`, `email` and `api_key`, as NCBI asks for them.
    """

    def __init__(self, web: PoliteWeb, identity: Mapping[str, str]) -> None:
        self._web, self._identity = web, identity

    async def files(self, query: str, folder: Path, limit: int) -> AsyncIterator[Path]:
        """JATS, one article a file."""
        stated = re.split(r"[,;\s]+", query.strip())
        matches = [_PMCID.fullmatch(each) for each in stated]
        numbers = list(dict.fromkeys(each.group(1) for each in matches if each))
        if not all(matches) or not numbers:
            raise RadciteError(
                "VALIDATION", "PMCIDs such as PMC7376533", "应为 PMC7376533 形式的编号"
            )
        for place, number in enumerate(numbers[:limit]):
            fetch = {"db": "pmc", "id": number, "retmode": "xml", **self._identity}
            yield await _written(folder, place, await self._web.get("/efetch.fcgi", fetch))

    async def close(self) -> None:
        """Close connections."""
        await self._web.close()


async def _written(folder: Path, number: int, content: bytes) -> Path:
    path = folder / f"{number:06}.xml"
    await asyncio.to_thread(path.write_bytes, content)
    return path
