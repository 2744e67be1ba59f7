import json
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from radcite.ingestion.report import Progress

__all__ = ["byte_progress", "console", "count_progress", "print_json"]


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
