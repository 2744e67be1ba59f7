"""An HTTP client for many requests at once: httpx to its callers, aiohttp underneath.

httpx's own connection pool searches all connections on every request and so slows with their number.
"""

from collections.abc import Awaitable, Callable

import httpx

__all__ = ["open_client"]


def open_client(
    timeout_s: float,
    connect_timeout_s: float,
    *,
    connections: int,
    on_request: Callable[[httpx.Request], Awaitable[None]],
) -> httpx.AsyncClient:
    """A client without proxies, cookies or redirects; it opens nothing before its first request.

    Args:
        timeout_s: Longest silence of a server, in seconds.
        connect_timeout_s: Longest opening of a connection, in seconds.
        connections: Open at once; a request beyond them waits for one.
        on_request: Called with each request before it is sent.
    """
    import aiohttp
    from httpx_aiohttp import AiohttpTransport

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=15),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout_s, connect=connect_timeout_s, pool=None),
        event_hooks={"request": [on_request]},
        transport=AiohttpTransport(client=session, trust_env=False),
        trust_env=False,
    )
