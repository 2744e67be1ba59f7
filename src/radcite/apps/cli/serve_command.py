import asyncio
from pathlib import Path
from typing import Annotated

import typer

from radcite.apps.cli.options import Home, new_app

app = new_app()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8420,
    certificate: Annotated[
        Path | None, typer.Option(help="TLS certificate (PEM).", exists=True, dir_okay=False)
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Its key (PEM).", exists=True, dir_okay=False)
    ] = None,
    home: Home = None,
) -> None:
    """The chat in a browser, the REST API, the OpenAI-compatible API and MCP.

    On loopback nobody has to sign in until users exist. Beyond loopback it refuses to start without users.
    """
    from radcite.apps.configuration import load_settings
    from radcite.apps.web.serving import serve as serve_until_stopped

    settings = load_settings({"home": home})
    asyncio.run(serve_until_stopped(settings, host, port, certificate=certificate, key=key))
