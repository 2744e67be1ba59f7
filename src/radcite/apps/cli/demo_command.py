import asyncio
import sys
from collections.abc import Generator
from contextlib import aclosing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import new_app
from radcite.apps.cli.output import byte_progress, console, print_json

if TYPE_CHECKING:
    from radcite.apps.demo.session import Answered
    from radcite.core.settings import Settings
    from radcite.ingestion.report import IngestReport

app = new_app()

_TASKS = {
    "literature": "literature / 文献",
    "consultation": "consultation / 咨询",
    "caption": "caption / 图像描述",
    "diagnosis": "diagnosis / 诊断",
}
_OPENING = """\
[bold]radcite demonstration[/]: phantom images, short texts and reports made for it, and DICOM files that ship
with pydicom. No patient stands behind any of them and nothing here is clinical guidance.
[bold]radcite 演示[/]：体模图像、短文与报告均为演示而作，另有 pydicom 自带的 DICOM 文件。
其中不涉及任何患者，也不构成临床指导。
"""
_NEXT = """
Next / 下一步
  radcite ingest PATH...                      your own PDF, DICOM, images, passages.jsonl, cases.jsonl / 导入自己的资料
  radcite ask "QUESTION" [--image FILE]       a question of your own / 提出自己的问题
  radcite serve                               the chat in a browser / 在浏览器中对话
  radcite doctor                              what works here, and how to get the rest / 检查环境
"""


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the files and the collection behind.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One outcome a line on stdout.")] = False,
    home: Annotated[
        Path | None,
        typer.Option(help="A data folder to keep it in.", show_default="a temporary one"),
    ] = None,
) -> None:
    """Make a small collection and ask one question of each kind in English and in Chinese.

    Works in a temporary data folder that is removed at the end, unless --keep or --home is given.
    """
    from radcite.apps.configuration import load_settings

    with _place(home, keep=keep) as folder:
        settings = load_settings({"home": folder})
        asyncio.run(_demonstrate(settings, folder / "demo", as_json=as_json))
        if home or keep:
            sys.stderr.write(f"kept / 已保留: {folder} (--collection demo)\n")


@contextmanager
def _place(home: Path | None, *, keep: bool) -> Generator[Path]:
    if home is not None:
        yield home
    elif keep:
        yield Path(mkdtemp(prefix="radcite-demo-"))
    else:
        with TemporaryDirectory(prefix="radcite-demo-") as folder:
            yield Path(folder)


async def _demonstrate(settings: "Settings", folder: Path, *, as_json: bool) -> None:
    from radcite.apps.demo.session import demonstrate
    from radcite.core.claims import Answer

    if not as_json:
        console().print(_OPENING, highlight=False)
    first: float | None = None
    with byte_progress(enabled=sys.stderr.isatty()) as progress:
        told = _quiet if as_json else _show_ingested
        async with aclosing(demonstrate(settings, folder, told, progress)) as answers:
            async for answered in answers:
                if first is None and isinstance(answered.outcome, Answer):
                    first = answered.seconds
                (_print_line if as_json else _show_answered)(answered)
    if not as_json:
        console().print(_NEXT, highlight=False, markup=False)
    if first is not None:
        words = f"first cited answer after {first:.1f} s / 首个带引用的回答用时 {first:.1f} 秒\n"
        (sys.stderr if as_json else sys.stdout).write(words)


def _quiet(_: "IngestReport") -> None:
    return


def _show_ingested(report: "IngestReport") -> None:
    from radcite.apps.cli.ingest_command import show_report

    show_report(report)


def _print_line(answered: "Answered") -> None:
    print_json(
        {
            "schema": "radcite.outcome/1",
            "question": answered.question.text,
            **answered.outcome.model_dump(mode="json"),
        }
    )


def _show_answered(answered: "Answered") -> None:
    from rich.markup import escape

    from radcite.apps.cli.answers import show

    question = answered.question
    image = f"  [{question.image}]" if question.image else ""
    out = console()
    out.print(f"\n[bold cyan]{_TASKS[question.task]}[/]", highlight=False)
    out.print(f"[bold]{escape(question.text + image)}[/]", highlight=False)
    show(answered.outcome)
