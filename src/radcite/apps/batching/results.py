"""The lines a batch writes: a question with its outcome or its failure, and what made it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from radcite.core.claims import Abstention, Answer
from radcite.core.errors import ErrorCode, RadciteError
from radcite.core.frozen import Frozen
from radcite.core.usage import Usage

__all__ = ["Failure", "Made", "ResultLine", "read_results"]


class Failure(Frozen):
    """Why a row has no outcome."""

    code: ErrorCode
    message: str


class Made(Frozen):
    """What answered a row; `results diff` seeks here why two runs differ.

    `model` is the language model's name or `extractive`, `prompts` are those that were sent, `parts` the
    fingerprints of encoders and judge, `collection` what was in it.
    """

    radcite: str
    model: str
    prompts: tuple[str, ...] = ()
    parts: Mapping[str, str] = {}
    collection: str = ""


class ResultLine(BaseModel):
    """One line of the output."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_name: Literal["radcite.result/1"] = Field(default="radcite.result/1", alias="schema")
    id: str
    question: str
    outcome: Annotated[Answer | Abstention, Field(discriminator="kind")] | None = None
    error: Failure | None = None
    made: Made | None = None
    usage: Usage | None = None

    def text(self) -> str:
        """The line as it stands in the file, with its end."""
        return self.model_dump_json(by_alias=True, exclude_none=False) + "\n"


def read_results(path: Path) -> Iterator[ResultLine]:
    """The lines of an output file; a last one that a kill cut short is left out.

    Raises:
        RadciteError: `RECORD_INVALID` naming the line that is no result.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield ResultLine.model_validate_json(line)
            except ValidationError as exc:
                if line.endswith("\n"):
                    detail = f"{path.name}: line {number}: not a result of a batch"
                    raise RadciteError("RECORD_INVALID", detail) from exc
