"""`radcite serve`: one process, one event loop, one house."""

import ipaddress
import sys
from typing import TYPE_CHECKING

from radcite.apps.web.app import create_app, open_desk
from radcite.apps.wiring import open_house
from radcite.core.errors import RadciteError

if TYPE_CHECKING:
    from pathlib import Path

    from radcite.core.settings import Settings

__all__ = ["is_loopback", "serve"]


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
        RadciteError: `CONFIG_INVALID` beyond loopback without users, `HOME_LOCKED`.
    """
    import uvicorn

    async with open_house(settings, alone=True) as house, house.lending():
        if not await house.accounts.exist() and not is_loopback(host):
            raise RadciteError(
                "CONFIG_INVALID",
                f"{host} can be reached by others: add a user first (radcite user add NAME --role admin)",
                f"{host} 可被他人访问：请先添加用户（radcite user add 用户名 --role admin）",
            )
        async with open_desk(house, guarded=not is_loopback(host), hosts=frozenset({host})) as desk:
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


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
