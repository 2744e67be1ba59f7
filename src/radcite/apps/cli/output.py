import json
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from rich.console import Console

    from radcite.ingestion.report import Progress

__all__ = [
    "byte_progress",
    "console",
    "count_progress",
    "new_file",
    "print_json",
    "read_file",
    "typed_password",
]


def console() -> "Console":
    """Where results for a reader go."""
    from rich.console import Console

    return Console(file=sys.stdout, soft_wrap=True)


def print_json(document: Mapping[str, object]) -> None:
    """One JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def byte_progress(*, enabled: bool) -> Generator["Progress | None"]:
    """A bar with rate and time left on stderr, or nothing."""
    if not enabled:
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("reading"),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("reading", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def count_progress(total: int, *, enabled: bool) -> Generator["Callable[[int], None] | None"]:
    """A bar with counts and time left on stderr, or nothing."""
    if not enabled:
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("answering"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("answering", total=total)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def new_file(path: Path) -> Generator[BinaryIO]:
    """A file that was not there before; what cannot be written whole is removed.

    Raises:
        RadciteError: `VALIDATION` for a file that exists, or that cannot be written.
    """
    from radcite.core.errors import RadciteError

    try:
        file = path.open("xb")
    except FileExistsError as exc:
        raise RadciteError("VALIDATION", "the output file exists", "输出文件已存在") from exc
    except OSError as exc:
        raise RadciteError(
            "VALIDATION", "the output file cannot be written", "无法写入输出文件"
        ) from exc
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read_file(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    from radcite.core.errors import RadciteError

    try:
        return path.read_bytes()
    except OSError as exc:
        raise RadciteError("NOT_FOUND", path.name) from exc


def typed_password() -> str:
    """A password asked for on a terminal, or the first line of a pipe."""
    import typer

    if sys.stdin.isatty():
        return str(typer.prompt("Password / 密码", hide_input=True))
    return sys.stdin.readline().rstrip("\n")
