import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.agent.replay import Replayed

app = new_app()
_STEPS = {
    "understood": ("how the question was understood", "对问题的理解"),
    "requests": ("the searches", "检索请求"),
    "evidence": ("the evidence", "证据"),
    "draft": ("the draft", "草稿"),
    "outcome": ("the outcome", "结果"),
}


@app.command()
def replay(
    trace: Annotated[str, typer.Argument(help="An outcome's trace_id.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Make a kept answer again, step by step, and tell whether it is the same. Exit code 3 where it is not.

    Kept are the turns of the threads of `ask` and the chat, until their thread is removed.
    """
    found = asyncio.run(_run(home, trace))
    if as_json:
        told = {"identical": found.identical, **found.model_dump(mode="json")}
        print_json({"schema": "radcite.replay/1", "trace_id": trace, **told})
    elif found.differs is None:
        console().print("identical / 完全一致")
    else:
        en, zh = _STEPS[found.differs]
        console().print(f"differs first in {en} / 最先不同之处：{zh}", highlight=False)
    if not found.identical:
        raise typer.Exit(3)


async def _run(home: Path | None, trace: str) -> "Replayed":
    from radcite.apps.asking import replayed
    from radcite.apps.configuration import load_settings
    from radcite.apps.wiring import open_house

    async with open_house(load_settings({"home": home})) as house:
        return await replayed(house, trace)
