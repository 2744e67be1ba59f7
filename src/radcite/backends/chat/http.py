"""Completions over aiohttp, which keeps its pace with many requests at once.

httpx's connection pool searches all connections on every request, and the SDK's layers cost a
millisecond more: a batch has no time for either. Streams are few and stay with the SDK.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Completions", "Refused"]


class Refused(Exception):
    """An answer that is no success. `told` holds the server's words, which may echo a prompt: never repeat it."""

    def __init__(self, status: int, told: str, retry_after: str) -> None:
        super().__init__(str(status))
        self.status = status
        self.told = told
        self.retry_after = retry_after


class Completions:
    """Posts to `/chat/completions`, without proxies, cookies or redirects; opens nothing before the first call.

    Args:
        base_url: The API's root.
        headers: Sent with every request.
        timeout_s: Longest silence of the server, in seconds.
        connect_timeout_s: Longest opening of a connection, in seconds.
        connections: Open at once; a request beyond them waits for one.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        connect_timeout_s: float,
        connections: int,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            **headers,
        }
        self._timeouts = (timeout_s, connect_timeout_s)
        self._connections = connections

    @cached_property
    def _session(self) -> "aiohttp.ClientSession":
        import aiohttp

        silence_s, opening_s = self._timeouts
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=opening_s, sock_read=silence_s),
            trust_env=False,
        )

    async def post(self, body: Mapping[str, object], url: str | None = None) -> bytes:
        """The body of a successful answer; of another path of the same server where `url` names it.

        Raises:
            Refused: The answer has another status than 200.
            aiohttp.ClientError: The connection failed, or the server fell silent.
        """
        content = json.dumps(body, ensure_ascii=False).encode()
        sent = self._session.post(url or self._url, data=content, allow_redirects=False)
        async with sent as answer:
            return await _read(answer)

    async def get(self, url: str) -> bytes:
        """The body of a successful answer to a plain request. Raises as `post`."""
        async with self._session.get(url, allow_redirects=False) as answer:
            return await _read(answer)

    async def close(self) -> None:
        """Release the connections."""
        if "_session" in self.__dict__:
            await self._session.close()


async def _read(answer: "aiohttp.ClientResponse") -> bytes:
    told = await answer.read()
    if answer.status != 200:
        retry_after = answer.headers.get("retry-after", "")
        raise Refused(answer.status, told.decode("utf-8", "replace"), retry_after)
    return told
