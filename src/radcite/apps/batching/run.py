"""Questions by the thousand: answers appended as they finish, and a run that was killed goes on."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from radcite.apps.asking import AskOptions
from radcite.apps.batching.budget import Bounds, Budget, Prices, Retries, Stop
from radcite.apps.batching.journal import Journal
from radcite.apps.batching.results import Failure, Made, ResultLine
from radcite.apps.batching.rows import BatchRow, read_rows
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.typed import without_identifiers
from radcite.core.usage import Meter, Usage

__all__ = ["Batch", "BatchReport", "run_batch"]

Answering = Callable[[AskOptions], Awaitable[Answer | Abstention]]
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0


class BatchReport(Frozen):
    """What a run did.

    `kept` rows had been answered by an earlier run; `degraded` of those answered now did without the language model;
    `left` rows were not reached because the budget that `stopped` names was spent. `usage` and `cost` are of all
    runs of this output.
    """

    rows: int
    answered: int
    abstained: int
    kept: int
    failed: int
    degraded: int
    retried: int
    left: int
    stopped: Stop | None
    usage: Usage
    cost: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Batch:
    """What is asked, of whom, and within what bounds.

    Args:
        answer: Answers one question.
        questions: The CSV or JSONL file; image paths start at its folder.
        output: The JSONL file, made or continued.
        defaults: Collection, task and language of rows that state none.
        jobs: Questions under way at once.
        bounds: The most that may be spent.
        prices: Of the language model's tokens.
        meter: Where the language model's usage is counted.
        made: What answers, for the record.
        again: Whether rows that were answered without the language model are asked again.
        tell: Called with the number of rows done after each one.
        pause_s: Before a row's first repetition; it doubles with each further one.
    """

    answer: Answering
    questions: Path
    output: Path
    defaults: AskOptions = AskOptions()  # noqa: RUF009 - frozen
    jobs: int = 4
    bounds: Bounds = Bounds()  # noqa: RUF009 - frozen
    prices: Prices = Prices()  # noqa: RUF009 - frozen
    meter: Meter | None = None
    made: Made | None = None
    again: bool = False
    tell: Callable[[int], None] | None = None
    pause_s: float = _FIRST_PAUSE_S


async def run_batch(batch: Batch) -> BatchReport:
    """Answer what is missing in the output, at most `jobs` questions at a time.

    A row is missing when it has no line, its line holds an error, or it was answered for other words,
    images, patient, task, language or collection.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID` naming the row, `HOME_LOCKED` while another run writes the output.
    """
    with closing(Journal(batch.output)) as journal:
        rows = journal.expect(read_rows(batch.questions), batch.defaults, again=batch.again)
        journal.rewrite()
        kept = journal.count("done")
        with batch.output.open("a", encoding="utf-8") as sink:
            run = _Run(batch, journal, sink, rows - kept)
            await run.all()
            sink.flush()
            os.fsync(sink.fileno())
        return BatchReport(
            rows=rows,
            kept=kept,
            left=journal.count("missing"),
            retried=run.retries.taken,
            stopped=run.stopped,
            usage=run.budget.before + run.meter.total,
            cost=round(run.budget.cost(run.meter.total), 6),
            seconds=round(run.budget.clock() - run.budget.started, 3),
            **run.counts,
        )


class _Run:
    def __init__(self, batch: Batch, journal: Journal, sink: TextIO, missing: int) -> None:
        self._batch = batch
        self._journal = journal
        self._sink = sink
        self.meter = batch.meter or Meter()
        usage, cost = journal.spent()
        clock = asyncio.get_running_loop().time
        self.budget = Budget(batch.bounds, batch.prices, clock, usage, cost)
        self.retries = Retries.of(batch.bounds, missing)
        self.stopped: Stop | None = None
        self.counts = {"answered": 0, "abstained": 0, "failed": 0, "degraded": 0}

    async def all(self) -> None:
        missing = self._missing()

        async def work() -> None:
            for row in missing:
                await self._take(row)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._batch.jobs):
                    group.create_task(work())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    def _missing(self) -> Iterator[BatchRow]:
        """The rows to answer, until a budget is spent; the workers take turns at it."""
        for row in read_rows(self._batch.questions):
            if not self._journal.is_done(row.id):
                self.stopped = self.budget.exhausted(self.meter.total)
                if self.stopped:
                    return
                yield row

    async def _take(self, row: BatchRow) -> None:
        with self.meter.counting() as spent:
            line = await self._persistent(row)
        if spent.total.requests:
            made = self._batch.made
            prompts = spent.total.prompts
            line = line.model_copy(
                update={
                    "usage": spent.total,
                    "made": made.model_copy(update={"prompts": prompts}) if made else None,
                }
            )
        so_far = self.meter.total
        self._journal.put(line, self.budget.before + so_far, self.budget.cost(so_far))
        self._sink.write(line.text())
        self._sink.flush()
        self._count(line)

    async def _persistent(self, row: BatchRow) -> ResultLine:
        """The row's line, asked again while it failed in a way that may pass and repetitions are left."""
        repeated, pause_s = 0, self._batch.pause_s
        while True:
            line, may_pass = await self._once(row)
            if not may_pass or not self.retries.allow(repeated):
                return line
            await asyncio.sleep(min(pause_s, _LONGEST_PAUSE_S))
            repeated, pause_s = repeated + 1, 2 * pause_s

    async def _once(self, row: BatchRow) -> tuple[ResultLine, bool]:
        batch = self._batch
        # What a question says of a patient leaves in no file of results either.
        question = without_identifiers(row.question, [row.patient_id] if row.patient_id else ())
        said = ResultLine(id=row.id, question=question, made=batch.made)
        try:
            outcome = await batch.answer(row.options(batch.defaults, batch.questions.parent))
            return said.model_copy(update={"outcome": outcome}), "llm" in outcome.degraded
        except RadciteError as error:
            failure = Failure(code=error.code, message=error.detail)
            return said.model_copy(update={"error": failure}), error.retryable
        except Exception as error:  # noqa: BLE001 - the edge of a row: the others go on
            failure = Failure(code="INTERNAL", message=type(error).__name__)
            return said.model_copy(update={"error": failure}), False

    def _count(self, line: ResultLine) -> None:
        if line.outcome is None:
            self.counts["failed"] += 1
        else:
            self.counts["answered" if line.outcome.kind == "answer" else "abstained"] += 1
            self.counts["degraded"] += "llm" in line.outcome.degraded
        if self._batch.tell is not None:
            done = self.counts["answered"] + self.counts["abstained"] + self.counts["failed"]
            self._batch.tell(done)
