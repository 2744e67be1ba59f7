"""Files that are sent in: written under numbers of our own, read only by the worker processes."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from fastapi import UploadFile

from radcite.apps.web.events import Event
from radcite.apps.web.problems import problem_document
from radcite.core.errors import CODES, RadciteError
from radcite.ingestion.discovery import FoundFile
from radcite.ingestion.report import Quarantined

__all__ = ["progress_events", "received", "refusal"]

# What a reader goes by where the content alone does not say it.
_SUFFIXES = frozenset(
    {".txt", ".md", ".markdown", ".jsonl", ".pdf", ".dcm", ".png", ".jpg", ".jpeg"}
)
_NAME = 120


@asynccontextmanager
async def received(files: Sequence[UploadFile]) -> AsyncGenerator[list[FoundFile]]:
    """The files in a temporary folder, gone when the context ends; reports call them what the sender did."""
    with TemporaryDirectory(prefix="radcite-") as folder:
        found: list[FoundFile] = []
        for number, file in enumerate(files):
            name = (file.filename or f"#{number + 1}").replace("\\", "/").rpartition("/")[2]
            suffix = Path(name).suffix.lower()
            path = Path(folder) / f"{number:06}{suffix if suffix in _SUFFIXES else ''}"
            await asyncio.to_thread(_write, file.file, path)
            found.append(FoundFile(path, name[:_NAME]))
        yield found


async def progress_events(
    work: Callable[[Callable[[int, int], None]], Awaitable[Event]],
) -> AsyncGenerator[Event]:
    """`progress` events while the work goes on, then its own event, or `error`."""
    told: asyncio.Queue[Event | None] = asyncio.Queue()

    def tell(done: int, total: int) -> None:
        told.put_nowait(Event("progress", {"done": done, "total": total}))

    async def run() -> Event:
        try:
            return await work(tell)
        finally:
            told.put_nowait(None)

    task = asyncio.create_task(run())
    try:
        while (event := await told.get()) is not None:
            yield event
        yield await task
    except RadciteError as error:
        yield Event("error", problem_document(error))
    except Exception as error:  # noqa: BLE001 - the outermost edge: a stream has no other place to say it
        yield Event("error", problem_document(RadciteError("INTERNAL", type(error).__name__)))
    finally:
        task.cancel()


def refusal(one: Quarantined) -> dict[str, Any]:
    """A file that was not taken, as the report has it, with the title of its code in both languages."""
    wording = CODES[one.code]
    told = one.model_dump(mode="json")
    return {**told, "title": wording.en, "zh": {"title": wording.zh}}


def _write(source: IO[bytes], path: Path) -> None:
    source.seek(0)
    with path.open("xb") as sink:
        shutil.copyfileobj(source, sink)
