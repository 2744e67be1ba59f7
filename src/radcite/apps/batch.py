"""Questions by the thousand: answers appended as they finish, and a run that was killed goes on.

The output file is its own journal: a line is appended and synced once per answer, and a second run
reads which questions stand in it.
"""

import asyncio
import csv
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any, Literal, TextIO

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from radcite.apps.asking import AskOptions
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import ErrorCode, RadciteError
from radcite.core.frozen import Frozen
from radcite.core.question import TaskChoice
from radcite.core.sources import Language

__all__ = ["BatchReport", "BatchRow", "ResultLine", "read_results", "read_rows", "run_batch"]

Answering = Callable[[AskOptions], Awaitable[Answer | Abstention]]


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


class Failure(Frozen):
    """Why a row has no outcome."""

    code: ErrorCode
    message: str


class ResultLine(BaseModel):
    """One line of the output: a question with its outcome, or with its failure."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_name: Literal["radcite.result/1"] = Field(default="radcite.result/1", alias="schema")
    id: str
    question: str
    outcome: Annotated[Answer | Abstention, Field(discriminator="kind")] | None = None
    error: Failure | None = None

    def text(self) -> str:
        """The line as it stands in the file, with its end."""
        return self.model_dump_json(by_alias=True) + "\n"


class BatchReport(Frozen):
    """What a run did. `kept` rows had been answered by an earlier run."""

    rows: int
    answered: int
    abstained: int
    kept: int
    failed: int
    seconds: float


def read_rows(path: Path) -> list[BatchRow]:
    """The questions of a CSV or JSONL file.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` naming the row and field, or an id used twice.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    rows: list[BatchRow] = []
    seen: set[str] = set()
    for number, row in enumerate(_parsed(path), 1):
        if row.id in seen:
            raise RadciteError("RECORD_INVALID", f"row {number}: id {row.id} is used twice")
        seen.add(row.id)
        rows.append(row)
    return rows


def _parsed(path: Path) -> Iterator[BatchRow]:
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


def read_results(path: Path) -> dict[str, ResultLine]:
    """The lines of an output file by id; a line that a kill cut short is left out."""
    found: dict[str, ResultLine] = {}
    if path.is_file():
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    result = ResultLine.model_validate_json(line)
                except ValidationError:
                    continue
                found[result.id] = result
    return found


@dataclass(slots=True)
class _Run:
    answer: Answering
    folder: Path
    sink: TextIO
    defaults: AskOptions
    tell: Callable[[int], None] | None
    done: int = 0

    async def take(self, row: BatchRow) -> ResultLine:
        """Answer a row and append its line."""
        options = self.defaults.model_copy(
            update={
                "text": row.question,
                "images": tuple(self.folder / name for name in row.images),
                "patient": row.patient_id,
                "task": row.task or self.defaults.task,
                "language": row.lang or self.defaults.language,
            }
        )
        try:
            outcome = await self.answer(options)
            line = ResultLine(id=row.id, question=row.question, outcome=outcome)
        except RadciteError as error:
            failure = Failure(code=error.code, message=error.detail)
            line = ResultLine(id=row.id, question=row.question, error=failure)
        self.sink.write(line.text())
        self.sink.flush()
        os.fsync(self.sink.fileno())
        self.done += 1
        if self.tell is not None:
            self.tell(self.done)
        return line


async def run_batch(
    answer: Answering,
    rows: Sequence[BatchRow],
    output: Path,
    *,
    folder: Path,
    defaults: AskOptions,
    jobs: int = 4,
    tell: Callable[[int], None] | None = None,
) -> BatchReport:
    """Answer what is missing in the output, at most `jobs` at a time.

    A row is missing when its line is absent, holds an error, or was written for other words.

    Args:
        answer: Answers one question.
        rows: The questions.
        output: The JSONL file, made or continued.
        folder: Where image paths start.
        defaults: Collection, task and language of rows that state none.
        jobs: Questions under way at once.
        tell: Called with the number of rows done after each one.
    """
    started = asyncio.get_running_loop().time()
    wanted = {row.id: row for row in rows}
    kept = {
        result_id: line
        for result_id, line in read_results(output).items()
        if line.outcome and result_id in wanted and wanted[result_id].question == line.question
    }
    _rewrite(output, kept.values())
    missing = iter([row for row in rows if row.id not in kept])
    lines: list[ResultLine] = []
    with output.open("a", encoding="utf-8") as sink:
        run = _Run(answer, folder, sink, defaults, tell)

        async def work() -> None:
            for row in missing:
                lines.append(await run.take(row))  # noqa: PERF401 - each row waits for the last

        await asyncio.gather(*(work() for _ in range(jobs)))
    outcomes = [line.outcome for line in lines if line.outcome is not None]
    return BatchReport(
        rows=len(rows),
        answered=sum(outcome.kind == "answer" for outcome in outcomes),
        abstained=sum(outcome.kind == "abstention" for outcome in outcomes),
        kept=len(kept),
        failed=len(lines) - len(outcomes),
        seconds=round(asyncio.get_running_loop().time() - started, 3),
    )


def _rewrite(output: Path, lines: Iterable[ResultLine]) -> None:
    """The file with these lines alone, whole or not at all."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(
        "w", dir=output.parent, prefix=f".{output.name}.", delete=False, encoding="utf-8"
    ) as part:
        part.writelines(line.text() for line in lines)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(output)
