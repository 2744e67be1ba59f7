"""The questions of a batch, read from CSV or JSONL as they are needed."""

import csv
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from radcite.apps.asking import AskOptions
from radcite.core.errors import RadciteError
from radcite.core.question import TaskChoice
from radcite.core.sources import Language

__all__ = ["BatchRow", "read_rows"]


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
    """The questions of a CSV or JSONL file, one after another.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` naming the row and the field.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        records: Iterator[Any] = (
            csv.DictReader(lines)
            if path.suffix.lower() == ".csv"
            else (line for line in lines if line.strip())
        )
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
