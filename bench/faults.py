"""kill -9 at random moments of an ingest, then a second run of it.

The ingest that gets killed is forked from a process that has everything imported. The moments are spread over the
time that an undisturbed one takes, so most of them fall between two of its writes or within one.
"""

import asyncio
import multiprocessing
import random
import signal
import sqlite3
import statistics
import sys
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

from bench.corpus import varied
from bench.timing import Row
from radcite.core.errors import RadciteError
from radcite.ingestion.worker import ParserPool
from radcite.tools.cases import CaseRequest
from radcite.tools.literature import LiteratureRequest
from tests.ingestion.studio import PATIENT_ID, Studio, open_studio, write_jsonl

__all__ = ["faults_rows"]

_QUERIES = ("pulmo cardia neuro", "nodule 2 follow-up", "genta rios lys", "theros")
_MORE = 4_000
_IMPORTED = ("bench.faults", "llama_index.core.node_parser", "qdrant_edge")
_Found = list[list[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class _State:
    """What a home holds, as far as a user can tell."""

    ids: tuple[str, ...]
    files: tuple[str, ...]
    indexed: int
    hits: _Found


@dataclass(frozen=True, slots=True)
class _Outcome:
    midway: bool
    """Killed before it had ended by itself."""
    written: int
    """Points in the ledger when it was killed."""
    reopened: bool
    state: _State | None
    seconds: float


async def faults_rows(folder: Path, moments: int, seed: int = 11) -> list[Row]:
    """How many of the kills left something that a second run did not put right."""
    files = _input(folder / "in", seed)
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(list(_IMPORTED))
    await asyncio.to_thread(_ingest_apart, forks, folder / "warm", files, None)
    took = await asyncio.to_thread(_ingest_apart, forks, folder / "timed", files, None)
    async with open_studio(folder / "whole") as studio:
        await studio.take(files)
        wanted = await _state(folder / "whole", studio)
    draw = random.Random(seed)
    # One pool for every second run: its workers' start is no part of what is looked at.
    async with ParserPool() as pool:
        outcomes = [
            await _killed(forks, folder / f"home{number}", files, draw.uniform(0, took), pool)
            for number in range(moments)
        ]
    return _rows(outcomes, wanted, took)


def _rows(outcomes: list[_Outcome], wanted: _State, took: float) -> list[Row]:
    ended = [one.state for one in outcomes if one.state is not None]
    partial = sum(0 < one.written < len(wanted.ids) for one in outcomes)
    different = {
        "other ids": sum(state.ids != wanted.ids for state in ended),
        "other hits": sum(state.hits != wanted.hits for state in ended),
        "other files or index": sum(
            (state.files, state.indexed) != (wanted.files, wanted.indexed) for state in ended
        ),
    }
    span = f"seeded, over {took:.2f} s"
    return [
        Row("kills", len(outcomes), note=span),
        Row("kills before the end", sum(one.midway for one in outcomes)),
        Row("kills with a part written", partial, note=f"of {len(wanted.ids)} points"),
        Row("ledger or index not reopened", sum(not one.reopened for one in outcomes), "", "<= 0"),
        Row("second runs not completed", len(outcomes) - len(ended), goal="<= 0"),
        *(Row(f"homes with {name}", value, goal="<= 0") for name, value in different.items()),
        Row("second run, wall", statistics.median(one.seconds for one in outcomes), "s"),
    ]


def _input(folder: Path, seed: int) -> Path:
    """A list long enough to be written in several batches, and a few cases.

    No file of it needs a worker, whose start would be most of a run; the suite kills ingests of every kind.
    """
    folder.mkdir()
    cases = [
        {
            "case_id": f"c{number}",
            "patient_id": PATIENT_ID,
            "report": f"Nodule {number}, follow-up in three months.",
        }
        for number in range(3)
    ]
    write_jsonl(folder / "cases.jsonl", cases)
    records = [{"id": f"m{i}", "text": text} for i, text in enumerate(varied(_MORE, seed))]
    write_jsonl(folder / "passages.jsonl", records)
    return folder


async def _killed(
    forks: ForkServerContext, home: Path, files: Path, after_s: float, pool: ParserPool
) -> _Outcome:
    ended = await asyncio.to_thread(_ingest_apart, forks, home, files, after_s)
    written = len(_column(home, "SELECT id FROM points"))
    reopened = _column(home, "PRAGMA integrity_check") == ("ok",)
    started = time.perf_counter()
    state: _State | None = None
    try:
        async with open_studio(home) as studio:
            # Opens the engine's files as the kill left them.
            await studio.index.count("default")
            report = await replace(studio.ingestor, pool=pool)([files], "default")
            if not report.quarantined:
                state = await _state(home, studio)
    except (RadciteError, sqlite3.Error) as error:
        reopened = False
        print(f"{home.name}: {error}", file=sys.stderr)
    return _Outcome(ended < 0, written, reopened, state, time.perf_counter() - started)


def _ingest_apart(
    forks: ForkServerContext, home: Path, files: Path, after_s: float | None
) -> float:
    """Run the ingest in a process of its own.

    Returns:
        The seconds that it took; killed after `after_s`, -1, or 0 when it had ended by then.
    """
    told, tell = forks.Pipe(duplex=False)
    child = forks.Process(target=_child, args=(str(home), str(files), tell))
    child.start()
    tell.close()
    assert told.recv() == "started"
    started = time.perf_counter()
    if after_s is None:
        assert told.recv() == "ended"
        took = time.perf_counter() - started
        child.join()
        return took
    time.sleep(after_s)
    child.kill()
    child.join()
    return -1.0 if child.exitcode == -signal.SIGKILL else 0.0


def _child(home: str, files: str, tell: Connection) -> None:
    asyncio.run(_ingest(Path(home), Path(files), tell))


async def _ingest(home: Path, files: Path, tell: Connection) -> None:
    async with open_studio(home) as studio:
        tell.send("started")
        await studio.take(files)
        tell.send("ended")


async def _state(home: Path, studio: Studio) -> _State:
    hits: _Found = []
    for query in _QUERIES:
        literature = await studio.literature(LiteratureRequest(query=query))
        cases = await studio.cases(CaseRequest(query=query))
        hits += [
            [(hit.source.searched_text(), round(hit.score, 6)) for hit in found]
            for found in (literature, cases)
        ]
    return _State(
        ids=_column(home, "SELECT id FROM points ORDER BY id"),
        files=_column(home, "SELECT key || state FROM files ORDER BY key"),
        indexed=await studio.index.count("default"),
        hits=hits,
    )


def _column(home: Path, query: str) -> tuple[str, ...]:
    db = sqlite3.connect(home / "ledger.sqlite")
    try:
        return tuple(row[0] for row in db.execute(query))
    finally:
        db.close()
