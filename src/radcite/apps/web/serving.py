"""`radcite serve`: one process, one event loop, one house."""

import ipaddress
import sys
from typing import TYPE_CHECKING

from radcite.apps.web.app import create_app, open_desk
from radcite.apps.wiring import open_house
from radcite.core.errors import RadciteError

if TYPE_CHECKING:
    from pathlib import Path

    from radcite.core.settings import ServeSettings, Settings

__all__ = ["is_loopback", "is_shared", "serve"]


async def serve(
    settings: "Settings",
    host: str,
    port: int,
    *,
    certificate: "Path | None" = None,
    key: "Path | None" = None,
) -> None:
    """Serve until interrupted.

    Raises:
        RadciteError: `CONFIG_INVALID` beyond loopback or behind a proxy without users, `HOME_LOCKED`.
    """
    import uvicorn

    async with open_house(settings, alone=True) as house, house.lending():
        shared = is_shared(host, settings.serve)
        if shared and not await house.accounts.exist():
            raise RadciteError(
                "CONFIG_INVALID",
                f"{host}: others can reach it: add a user first (radcite user add NAME --role admin)",
                f"{host}：可被他人访问，请先添加用户（radcite user add 用户名 --role admin）",
            )
        async with open_desk(house, guarded=shared, hosts=frozenset({host})) as desk:
            config = uvicorn.Config(
                create_app(desk),
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
                # Whom to believe is settled at the gate.
                proxy_headers=False,
                timeout_graceful_shutdown=5,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
            scheme = "https" if certificate else "http"
            shown = f"[{host}]" if ":" in host else host
            sys.stderr.write(f"radcite: {scheme}://{shown}:{port}/\n")
            await uvicorn.Server(config).serve()


def is_shared(host: str, bounds: "ServeSettings") -> bool:
    """Whether others than who sits at this machine reach the service: beyond loopback, or by a name or a proxy."""
    return bool(not is_loopback(host) or bounds.hosts or bounds.proxies or bounds.proxy_header)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
