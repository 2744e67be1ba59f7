import asyncio
from typing import TYPE_CHECKING

from radcite.apps.cli.options import Home, new_app

if TYPE_CHECKING:
    from radcite.core.settings import Settings

app = new_app()


@app.command()
def mcp(home: Home = None) -> None:
    """A Model Context Protocol server on standard input and output.

    `radcite serve` may run on the same data folder if it was started first; it serves MCP too, at /mcp.
    """
    from radcite.apps.configuration import load_settings

    asyncio.run(_run(load_settings({"home": home})))


async def _run(settings: "Settings") -> None:
    from radcite.apps.asking import open_agent
    from radcite.apps.mcp import mcp_server
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house, house.lending(), open_agent(house) as agent:
        await mcp_server(house, agent).run_stdio_async()
