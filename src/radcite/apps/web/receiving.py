"""The one door for files: who may come in is settled before a byte is read; only worker processes read them."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, TypeVar, cast

from fastapi import Depends, Request, params
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from radcite.apps.web.desk import TheDesk, Who, check_permission
from radcite.apps.web.events import Event
from radcite.apps.web.problems import problem_document
from radcite.core.accounts import Permission
from radcite.core.errors import CODES, RadciteError
from radcite.ingestion.discovery import FoundFile
from radcite.ingestion.report import Quarantined
from radcite.ingestion.scratch import scratch_folder

__all__ = ["SentIn", "form_schema", "let_in", "progress_events", "received", "refusal"]

# What a reader goes by where the content alone does not say it.
_SUFFIXES = frozenset(
    {".txt", ".md", ".markdown", ".jsonl", ".pdf", ".dcm", ".png", ".jpg", ".jpeg"}
)
_NAME = 120
_FIELDS = 16
_Fields = TypeVar("_Fields", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SentIn(Generic[_Fields]):
    """The files of a form, and what was said beside them."""

    files: tuple[UploadFile, ...]
    fields: _Fields


def let_in(permission: Permission, fields: type[_Fields]) -> params.Depends:
    """A dependency that reads a form of files, once its sender may send it.

    Args:
        permission: What the sender needs.
        fields: What may be said beside the files.

    Raises:
        RadciteError: `FORBIDDEN`, `RATE_LIMITED`, `LIMIT_EXCEEDED` for more than `serve.upload_files`, `VALIDATION`;
            in the request.
    """

    async def read(request: Request, desk: TheDesk, who: Who) -> SentIn[_Fields]:
        check_permission(who, permission)
        desk.uploads.take(who.name)
        form = await _form(request, desk.house.settings.serve.upload_files)
        try:
            return _sent_in(form, fields)
        except RadciteError:
            await form.close()
            raise

    return cast("params.Depends", Depends(read))


def form_schema(fields: type[BaseModel]) -> dict[str, Any]:
    """What the published schema says of such a form."""
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    known = {"files": {"type": "array", "items": file}, **fields.model_json_schema()["properties"]}
    schema = {"type": "object", "required": ["files"], "properties": known}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


async def _form(request: Request, most: int) -> FormData:
    try:
        return await request.form(max_files=most, max_fields=_FIELDS)
    except HTTPException as exc:
        if str(exc.detail).startswith("Too many files"):
            raise RadciteError(
                "LIMIT_EXCEEDED", f"more than {most} files", f"文件超过 {most} 个"
            ) from exc
        raise


def _sent_in(form: FormData, fields: type[_Fields]) -> SentIn[_Fields]:
    files = tuple(one for one in form.getlist("files") if isinstance(one, UploadFile))
    if not files:
        raise RadciteError("VALIDATION", "files: at least one", "files：至少一个文件")
    said = {name: value for name, value in form.multi_items() if name != "files"}
    try:
        return SentIn(files, fields.model_validate(said))
    except ValidationError as exc:
        names = ", ".join(".".join(map(str, one["loc"])) for one in exc.errors())
        raise RadciteError("VALIDATION", names) from exc


@asynccontextmanager
async def received(files: Sequence[UploadFile]) -> AsyncGenerator[list[FoundFile]]:
    """The files in a temporary folder, gone when the context ends; reports call them what the sender did."""
    async with scratch_folder() as folder:
        found: list[FoundFile] = []
        for number, file in enumerate(files):
            name = (file.filename or f"#{number + 1}").replace("\\", "/").rpartition("/")[2]
            suffix = Path(name).suffix.lower()
            path = folder / f"{number:06}{suffix if suffix in _SUFFIXES else ''}"
            await asyncio.to_thread(_write, file.file, path)
            await file.close()
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
