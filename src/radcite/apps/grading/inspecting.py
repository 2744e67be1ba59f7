"""The question sets for inspect_ai: `inspect eval radcite/NAME` and `radcite eval run NAME` run the same task.

inspect finds the tasks by the entry point `inspect_ai`. A task opens the data folder of the evals when it is
made and keeps it until the program ends, or until the run that made it has.
"""

# inspect_ai is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedFunctionDecorator=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import atexit
import json
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set, task

from radcite.apps.background import BackgroundLoop
from radcite.apps.grading.subjects import default_work_folder, measuring_settings, open_subject
from radcite.apps.wiring import open_house
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.evals.datasets import DEFAULT_FOLDER, Data
from radcite.evals.inspected import Asking, asked_in, task_of
from radcite.evals.questions.asking import cited, replied
from radcite.evals.questions.corpora import corpus_collection
from radcite.evals.questions.definition import QuestionSet, question_set, question_sets
from radcite.evals.questions.item import Item
from radcite.evals.questions.items import read_items
from radcite.evals.questions.records import report_of
from radcite.evals.questions.registered import registered
from radcite.evals.results import Provenance, Report
from radcite.evals.subject import Reply, Subject
from radcite.evals.task import Context, provenance_of

__all__ = ["run_set"]

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class _Opened:
    """A subject in a loop of its own: inspect's loop ends with each of its runs."""

    loop: BackgroundLoop
    subject: Subject
    closing: AsyncExitStack

    def asking(self, definition: QuestionSet, data: Data, collection: str) -> Asking:
        """The set's questions put to the subject, and to the model alone where there is one."""

        async def reply(item: Item) -> Reply:
            return await replied(self.subject, definition, data, collection, item)

        async def ask(item: Item) -> Reply:
            return await self.loop.wait(reply(item))

        async def scored(outcome: Answer | Abstention) -> Mapping[str, float]:
            return await cited(self.subject, outcome)

        async def cite(outcome: Answer | Abstention) -> Mapping[str, float]:
            return await self.loop.wait(scored(outcome))

        return Asking(ask, cite)


_opened: dict[Path, _Opened] = {}
"""By work folder: the lock of a home lets one process in once, and inspect makes a task more than once."""


def _open(work: Path) -> _Opened:
    if work not in _opened:
        loop, closing = BackgroundLoop(), AsyncExitStack()

        async def opened() -> Subject:
            settings = measuring_settings(work)
            return open_subject(await closing.enter_async_context(open_house(settings)))

        _opened[work] = _Opened(loop, loop.call(opened()), closing)
    return _opened[work]


@atexit.register
def _close_all() -> None:
    while _opened:
        _, opened = _opened.popitem()
        opened.loop.call(opened.closing.aclose())
        opened.loop.stop()


def _made(
    definition: QuestionSet, data: str | None, work: str | None, samples: int | None, seed: int
) -> Task:
    folder = Path(work) if work else default_work_folder()
    opened = _open(folder)
    source = Data(Path(data) if data else DEFAULT_FOLDER, elsewhere=registered(folder))
    context = Context(subject=opened.subject, data=source, work=folder, limit=samples, seed=seed)
    items = read_items(definition, source)
    for item in items:
        if item.image is not None:
            source.found(item.image)
    if samples is not None and samples < len(items):
        chosen = random.Random(seed).sample(range(len(items)), samples)  # noqa: S311 - a fixed sample
        items = [items[i] for i in sorted(chosen)]
    collection = opened.loop.call(corpus_collection(definition.corpus, context))
    asked = opened.asking(definition, source, collection)
    return task_of(definition, items, asked, provenance_of(context).model_dump(mode="json"))


def _registered(name: str) -> Any:
    @task(name=name)
    def made(
        data: str | None = None, work: str | None = None, samples: int | None = None, seed: int = 0
    ) -> Task:
        return _made(question_set(name), data, work, samples, seed)

    return made


_TASKS = {name: _registered(name) for name in question_sets()}


def run_set(
    name: str,
    *,
    data: Path | None,
    work: Path,
    samples: int | None = None,
    seed: int = 0,
    logs: Path | None = None,
    display: bool = False,
) -> Report:
    """Ask a set's questions; a run that was killed is continued, and inspect's log stays for its viewer.

    Args:
        name: Of the set.
        data: The data folder.
        work: Where corpora and collections are kept between runs.
        samples: A fixed random sample of so many, drawn by `seed`; None for all.
        seed: Of sample and resampling.
        logs: Where inspect keeps its logs.
        display: Whether inspect shows its progress.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID`; `INTERNAL` when questions could not be asked.
    """
    definition = question_set(name)
    arguments = {
        "data": str((data or DEFAULT_FOLDER).resolve()),
        "work": str(work.resolve()),
        "samples": samples,
        "seed": seed,
    }
    try:
        made = _made(definition, *arguments.values())  # pyright: ignore[reportArgumentType] - in its order
        return _run(definition, made, logs or work / "logs", samples, seed, display=display)
    finally:
        # A task that is no question set opens the same folder.
        _close_all()


def _run(
    definition: QuestionSet,
    made: Task,
    logs: Path,
    samples: int | None,
    seed: int,
    *,
    display: bool,
) -> Report:
    name = definition.name
    provenance = Provenance.model_validate((made.metadata or {})["provenance"])
    # What would answer otherwise, or be asked otherwise, is another run.
    run = sha256(json.dumps([provenance.model_dump(), definition.version]).encode()).hexdigest()
    folder = logs / f"{name}-v{definition.version}-{run[:12]}"
    _, logged = eval_set(
        made,
        log_dir=str(folder),
        display="rich" if display else "none",
        max_samples=_AT_ONCE,
        retry_attempts=0,
        retry_immediate=False,
        log_level="warning",
        log_dir_allow_dirty=True,
        # Each would be worked out anew with every question: with some thousand they cost more than answering.
        score_display=False,
        log_realtime=False,
        # What a kill may cost.
        log_buffer=10,
    )
    from inspect_ai.log import read_eval_log

    log = read_eval_log(logged[0].location)
    asked = asked_in(log)
    if log.status != "success" or not asked:
        raise RadciteError("INTERNAL", f"{name}: inspect ended with {log.status}")
    notes = [f"inspect's log: {folder.name}; `inspect view --log-dir` opens it."]
    if samples is not None:
        notes.append(f"A random sample of {len(asked)}, drawn by seed {seed}.")
    if provenance.fingerprints["model"] == "extractive":
        notes.append("Without a language model: what is graded is what the quoted sentences say.")
    return report_of(
        definition,
        asked,
        provenance,
        seed=seed,
        seconds=sum(one.seconds for one in asked),
        notes=notes,
    )
