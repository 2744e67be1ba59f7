"""Replies of public services: asked for no faster than they allow, again when busy, once a day each."""

import asyncio
import os
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

import httpx

from radcite.core.errors import DependencyDown, RadciteError

__all__ = ["PoliteWeb"]

_PASSING = {429, 500, 502, 503, 504}
_PRIVATE = {"api_key", "email", "tool"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_LONGEST_PAUSE_SECONDS = 60.0


class PoliteWeb:
    """GET requests to one service.

    Args:
        url: Its root.
        cache: Where replies are kept, or None.
        per_second: How many requests at most.
        cache_hours: How long a kept reply stands in for asking; older ones are removed.
        tries: How often a request is sent before the service counts as down.
        pause_seconds: How long to wait before the second try; doubled for each further one, and longer
            where the service says so (`Retry-After`).
        most_bytes: What one reply may hold.
    """

    def __init__(
        self,
        url: str,
        *,
        cache: Path | None = None,
        per_second: float = 3.0,
        cache_hours: float = 24.0,
        tries: int = 4,
        pause_seconds: float = 1.0,
        most_bytes: int = 256 << 20,
    ) -> None:
        self._cache, self._seconds = cache, cache_hours * 3600
        self._gap, self._next = 1.0 / per_second, 0.0
        self._tries, self._pause, self._most_bytes = tries, pause_seconds, most_bytes
        self._turn = asyncio.Lock()
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=httpx.Timeout(120, connect=15),
            headers={"User-Agent": "radcite"},
            # A site reaches the world through its proxy, and itself without.
            trust_env=urlsplit(url).hostname not in _LOOPBACK,
            follow_redirects=False,
        )

    async def get(self, path: str, params: Mapping[str, str]) -> bytes:
        """The body of a reply.

        Raises:
            RadciteError: `NOT_FOUND` for 404, `VALIDATION` for another refusal, `LIMIT_EXCEEDED`.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        kept = self._kept(path, params)
        if kept is not None and (content := await asyncio.to_thread(_fresh, kept, self._seconds)):
            return content
        content = await self._asked(path, params)
        if kept is not None:
            await asyncio.to_thread(_keep, kept, content, self._seconds)
        return content

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _asked(self, path: str, params: Mapping[str, str]) -> bytes:
        told = "no reply"
        for attempt in range(self._tries):
            await self._wait_turn()
            wait = 0.0
            try:
                async with self._client.stream("GET", path, params=dict(params)) as reply:
                    if reply.status_code not in _PASSING:
                        return await self._body(reply)
                    told, wait = str(reply.status_code), _retry_after(reply)
            except httpx.HTTPError as exc:
                told = type(exc).__name__
            if attempt + 1 < self._tries:
                await asyncio.sleep(max(wait, self._pause * 2**attempt))
        raise DependencyDown(
            "RETRIEVAL_UNAVAILABLE", f"literature service: {told}", f"文献服务：{told}"
        )

    async def _body(self, reply: httpx.Response) -> bytes:
        if reply.status_code == 404:
            raise RadciteError("NOT_FOUND", "the service has no such article", "服务中没有该文献")
        if reply.status_code >= 300:
            raise RadciteError(
                "VALIDATION",
                f"the service refuses the request ({reply.status_code})",
                f"服务拒绝该请求（{reply.status_code}）",
            )
        content = bytearray()
        async for chunk in reply.aiter_bytes():
            content += chunk
            if len(content) > self._most_bytes:
                raise RadciteError(
                    "LIMIT_EXCEEDED", f"a reply of more than {self._most_bytes} bytes"
                )
        return bytes(content)

    async def _wait_turn(self) -> None:
        async with self._turn:
            now = time.monotonic()
            await asyncio.sleep(max(0.0, self._next - now))
            self._next = max(now, self._next) + self._gap

    def _kept(self, path: str, params: Mapping[str, str]) -> Path | None:
        if self._cache is None:
            return None
        asked = sorted((name, value) for name, value in params.items() if name not in _PRIVATE)
        told = f"{self._client.base_url}\x1f{path}\x1f{asked}"
        return self._cache / sha256(told.encode()).hexdigest()


def _retry_after(reply: httpx.Response) -> float:
    stated = reply.headers.get("retry-after", "")
    return min(float(stated), _LONGEST_PAUSE_SECONDS) if stated.isdecimal() else 0.0


def _fresh(path: Path, seconds: float) -> bytes:
    try:
        return path.read_bytes() if time.time() - path.stat().st_mtime < seconds else b""
    except OSError:
        return b""


def _keep(path: Path, content: bytes, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in path.parent.iterdir():
        if time.time() - old.stat().st_mtime > seconds:
            old.unlink(missing_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
