"""The application: routes behind the gate, and the built front end."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from radcite import __version__
from radcite.apps.asking import open_agent
from radcite.apps.mcp import mcp_server
from radcite.apps.web.desk import Desk
from radcite.apps.web.gatekeeper import Gatekeeper
from radcite.apps.web.metrics import Metrics
from radcite.apps.web.problems import handle_errors
from radcite.apps.web.routes import (
    ask,
    dicom_web,
    health,
    library,
    openai,
    pacs,
    privacy,
    reports,
    search,
    session,
    studies,
    teaching,
    threads,
)
from radcite.apps.wiring import House
from radcite.core.accounts import Identity
from radcite.core.errors import RadciteError

__all__ = ["STATIC", "create_app", "open_desk"]

STATIC = Path(__file__).parent / "static"
_UNBUILT = """\
<!doctype html><html lang="en"><meta charset="utf-8"><title>radcite</title>
<p>The front end is not built. In a checkout: <code>make web</code>, which needs Node 20.19 or newer.</p>
<p lang="zh">前端尚未构建。在源码目录中运行 <code>make web</code>（需要 Node 20.19 或更新版本）。</p>
"""
_PROBLEM: Mapping[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem document; `code` is one of the published codes",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
}


@asynccontextmanager
async def open_desk(
    house: House, *, guarded: bool = False, hosts: frozenset[str] = frozenset()
) -> AsyncGenerator[Desk]:
    """A house with its agent and counters.

    Args:
        house: An opened house.
        guarded: Whether requests need a user even while there is none.
        hosts: Names the service is reached by, besides those of loopback.
    """
    async with AsyncExitStack() as closing:
        agent = await closing.enter_async_context(open_agent(house))
        yield Desk(house, agent, Metrics(), guarded, hosts | frozenset(house.settings.serve.hosts))


def create_app(desk: Desk) -> FastAPI:
    """The web application over a desk; whoever made the desk closes it."""
    server = mcp_server(desk.house, desk.agent, desk.turn)
    mcp_app = server.streamable_http_app(
        streamable_http_path="/mcp",
        json_response=True,
        stateless_http=True,
        # The gate knows the hosts.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncGenerator[None]:
        async with server.session_manager.run():
            yield

    app = FastAPI(
        lifespan=running,
        title="radcite",
        version=__version__,
        summary="Questions about medical images and literature, answered with checked citations",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=dict(_PROBLEM),
    )
    app.state.desk = desk
    handle_errors(app, partial(_noted, desk))
    for module in (
        session,
        ask,
        threads,
        reports,
        studies,
        pacs,
        dicom_web,
        privacy,
        library,
        search,
        teaching,
        openai,
        health,
    ):
        app.include_router(module.router)
    app.router.routes.extend(mcp_app.routes)
    _add_front_end(app)
    app.add_middleware(Gatekeeper, desk=desk)
    return app


async def _noted(desk: Desk, request: Request, error: RadciteError) -> RadciteError:
    """Put a user's failure on record, and a failed sign-in; what strangers and floods run into is only counted."""
    identity = request.scope.get("radcite.identity")
    route = str(getattr(request.scope.get("route"), "path", "other"))
    known = isinstance(identity, Identity)
    if error.code == "RATE_LIMITED" or not (known or route == "/api/session"):
        return error
    name = identity.name if isinstance(identity, Identity) else "-"
    try:
        await desk.house.auditor(name, "web").failed(error.code, f"{request.method} {route}")
    except RadciteError as down:
        return down
    return error


def _add_front_end(app: FastAPI) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    @app.api_route("/index.html", methods=["GET", "HEAD"], include_in_schema=False)
    async def _index() -> Response:  # pyright: ignore[reportUnusedFunction] - FastAPI calls it
        index = STATIC / "index.html"
        if not index.is_file():
            return HTMLResponse(_UNBUILT, status_code=503)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    @app.get("/favicon.svg", include_in_schema=False)
    async def _icon() -> Response:  # pyright: ignore[reportUnusedFunction] - FastAPI calls it
        icon = STATIC / "favicon.svg"
        return FileResponse(icon) if icon.is_file() else Response(status_code=404)

    for folder in ("assets", "pdfjs"):
        if (STATIC / folder).is_dir():
            app.mount(f"/{folder}", StaticFiles(directory=STATIC / folder))
