"""The questions of a batch, read from CSV or JSONL as they are needed."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from radcite.apps.asking import AskOptions
from radcite.core.errors import RadciteError
from radcite.core.question import TaskChoice
from radcite.core.sources import Language

__all__ = ["BatchRow", "read_rows"]

_UTF_8 = "utf-8-sig"
# What Excel writes in Chinese. Not its superset GB18030, which would read a damaged UTF-8 file as other words.
_OF_A_SPREADSHEET = "gb2312"
_PIECE = 1 << 20


def _image_list(value: object) -> object:
    """A list of images may be one text with semicolons, as in a CSV cell."""
    if value is None:
        return ()
    return tuple(filter(None, value.split(";"))) if isinstance(value, str) else value


def _absent(value: object) -> object:
    return None if value == "" else value


class BatchRow(BaseModel):
    """One question of a batch; image paths are relative to the file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1, coerce_numbers_to_str=True)
    question: str = Field(max_length=20_000)
    task: Annotated[TaskChoice | None, BeforeValidator(_absent)] = None
    images: Annotated[tuple[str, ...], BeforeValidator(_image_list)] = ()
    patient_id: Annotated[str | None, BeforeValidator(_absent)] = None
    lang: Annotated[Literal["auto"] | Language | None, BeforeValidator(_absent)] = None

    def options(self, defaults: AskOptions, folder: Path) -> AskOptions:
        """The question as it is asked; `folder` is where image paths start."""
        return defaults.model_copy(
            update={
                "text": self.question,
                "images": tuple(folder / name for name in self.images),
                "patient": self.patient_id,
                "task": self.task or defaults.task,
                "language": self.lang or defaults.language,
            }
        )

    def asked(self, defaults: AskOptions) -> str:
        """A digest of all that is asked: a row that asks something else is answered anew."""
        options = self.options(defaults, Path())
        said = json.dumps(options.model_dump(mode="json"), sort_keys=True)
        return sha256(said.encode()).hexdigest()


def read_rows(path: Path) -> Iterator[BatchRow]:
    """The questions of a CSV or JSONL file, one after another: UTF-8, a CSV also as Excel writes it in Chinese.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` naming the row and the field.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    is_csv = path.suffix.lower() == ".csv"
    encodings = (_UTF_8, _OF_A_SPREADSHEET) if is_csv else (_UTF_8,)
    with path.open(encoding=_encoding(path, encodings), newline="") as lines:
        records = _cells(lines) if is_csv else (line for line in lines if line.strip())
        for number, record in enumerate(records, 1):
            try:
                yield (
                    BatchRow.model_validate_json(record)
                    if isinstance(record, str)
                    else BatchRow.model_validate(record)
                )
            except ValidationError as exc:
                fault = exc.errors(include_input=False, include_url=False)[0]
                where = ".".join(map(str, fault["loc"])) or "line"
                detail = f"row {number}: {where}: {fault['msg']}"
                raise RadciteError("RECORD_INVALID", detail) from exc


def _cells(lines: Iterable[str]) -> Iterator[dict[str | Any, str | Any]]:
    rows = csv.DictReader(lines)
    try:
        for number, row in enumerate(rows, 1):
            if None in row:
                raise RadciteError(
                    "RECORD_INVALID",
                    f"row {number}: more cells than columns; a question that holds a comma stands in quotes",
                    f"第 {number} 行：单元格多于列；含逗号的问题须加引号",
                )
            yield row
    except csv.Error as exc:
        raise RadciteError("RECORD_INVALID", f"after line {rows.line_num}: {exc}") from exc


def _encoding(path: Path, encodings: Sequence[str]) -> str:
    """The first in which all of the file can be read.

    Raises:
        RadciteError: `RECORD_INVALID` for none.
    """
    for encoding in encodings:
        try:
            with path.open(encoding=encoding) as text:
                while text.read(_PIECE):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise RadciteError(
        "RECORD_INVALID",
        f"{path.name}: not UTF-8; a spreadsheet is saved as CSV UTF-8",
        f"{path.name}：不是 UTF-8 编码；表格请另存为“CSV UTF-8”",
    )
