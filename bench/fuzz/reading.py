"""Mutants taken in as a user's files are, and what is left of them looked at."""

import asyncio
import os
import resource
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bench.fuzz.journal import note, read_journal
from bench.fuzz.mutants import Mutant, mutants
from bench.parts import Store
from bench.timing import Row
from radcite.backends.images.files import FileImages
from radcite.backends.images.viewing import FilePages
from radcite.core.pseudonym import content_key
from radcite.core.settings import PrivacySettings
from radcite.ingestion.discovery import FoundFile, digest_of
from radcite.ingestion.ingest import Ingestor
from radcite.ingestion.limits import Limits
from radcite.ingestion.report import IngestReport
from radcite.ingestion.worker import ParserPool
from radcite.ingestion.writer import Encoders

__all__ = ["Tally", "fuzz", "fuzz_rows"]

T = TypeVar("T")

_GROUP = 200
_JOBS = 2
_SECRET = bytes(32)
_OCR_EVERY = 500
# A worker that was started for the file, and a machine that others use.
_GRACE_SECONDS = 10.0
_PLAIN, _READ = "plain", "read for text"
_LISTS = ("main_failures", "worker_deaths", "hangs", "untyped", "partial", "silent")


@dataclass(slots=True)
class Tally:
    """What became of the mutants; everything but `outcomes`, `stopped` and the times is to be nothing."""

    outcomes: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    main_failures: list[str] = field(default_factory=list[str])
    worker_deaths: list[str] = field(default_factory=list[str])
    hangs: list[str] = field(default_factory=list[str])
    untyped: list[str] = field(default_factory=list[str])
    partial: list[str] = field(default_factory=list[str])
    cut: Counter[str] = field(default_factory=Counter[str])
    silent: list[str] = field(default_factory=list[str])
    slowest_seconds: float = 0.0

    def told(self) -> dict[str, object]:
        """What was counted, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def add(self, other: "Tally") -> None:
        """Count what another tally counted, too."""
        for kind, counted in other.outcomes.items():
            self.outcomes.setdefault(kind, Counter()).update(counted)
        for name in _LISTS:
            getattr(self, name).extend(getattr(other, name))
        self.cut.update(other.cut)
        self.slowest_seconds = max(self.slowest_seconds, other.slowest_seconds)

    @property
    def mutants(self) -> int:
        return sum(counted.total() for counted in self.outcomes.values())

    @property
    def silent_share(self) -> float:
        return len(self.silent) / max(1, self.cut.total())


@dataclass(slots=True)
class _Watched:
    """The workers, with an eye on how long each file took and whether it was read without a word."""

    pool: ParserPool
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    silent: set[str] = field(default_factory=set[str])

    @property
    def limits(self) -> Limits:
        return self.pool.limits

    async def run(self, read: Callable[[Path, Limits], T], path: Path) -> T:
        began = time.monotonic()
        try:
            value = await self.pool.run(read, path)
        finally:
            self.seconds[path.name] = time.monotonic() - began
        if not getattr(value, "warnings", ()):
            self.silent.add(path.name)
        return value

    async def close(self) -> None:
        await self.pool.close()


def fuzz_rows(
    folder: Path, count: int, seed: int, journal: Path | None = None, jobs: int = _JOBS
) -> list[Row]:
    """Nothing may die, hang, fail without a code or be left half written; few truncated files pass silently."""
    began = time.monotonic()
    tally = asyncio.run(fuzz(folder, count, seed, journal=journal, jobs=jobs))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    refused = sum(n for counted in tally.outcomes.values() for code, n in counted.items() if code)
    stopped = _counted(tally, "PARSER_TIMEOUT")
    return [
        Row("mutants", tally.mutants, note=f"seed {seed}; {refused} refused with a code"),
        _none("deaths of the main process", tally.main_failures),
        Row(
            "workers that died, and were replaced",
            len(tally.worker_deaths),
            note=_few(tally.worker_deaths),
        ),
        _none("readings that went on past the limit", tally.hangs),
        Row("readings ended at the limit", stopped),
        _none("errors without a code", tally.untyped),
        _none("parts left of a refused file", tally.partial),
        Row(
            "truncated files",
            tally.cut.total(),
            note=", ".join(f"{k}: {n}" for k, n in tally.cut.items()),
        ),
        Row(
            "truncated files taken silently",
            100 * tally.silent_share,
            "%",
            "<= 0.1",
            _few(tally.silent),
        ),
        Row("slowest reading", tally.slowest_seconds, "s"),
        Row("peak memory of the main process", peak, "MiB"),
        Row("wall", time.monotonic() - began, "s"),
        *(
            Row(f"  {kind}", counted.total(), note=_codes(counted))
            for kind, counted in sorted(tally.outcomes.items())
        ),
    ]


def _none(name: str, found: Sequence[str]) -> Row:
    return Row(name, len(found), goal="<= 0", note=_few(found))


def _few(found: Sequence[str]) -> str:
    return "; ".join(found[:8])


def _codes(counted: Counter[str]) -> str:
    return ", ".join(f"{code or 'read'} {count}" for code, count in counted.most_common())


def _counted(tally: Tally, code: str) -> int:
    return sum(counted[code] for counted in tally.outcomes.values())


async def fuzz(
    folder: Path,
    count: int,
    seed: int,
    *,
    limits: Limits | None = None,
    measuring: bool = True,
    ocr_every: int = _OCR_EVERY,
    journal: Path | None = None,
    jobs: int = _JOBS,
) -> Tally:
    """Take so many mutants in, group by group, each group into a home of its own.

    With a journal every group is noted there when it is done, and a second run passes over those noted. One in
    `ocr_every` is read for burned-in text too, which costs a hundred times as much and parses no bytes of the file;
    0 is none.
    """
    coming = enumerate(mutants(count, seed, measuring=measuring))
    noted = {} if journal is None else read_journal(journal, count, seed)
    tally = Tally()
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    before, os.environ["TMPDIR"], tempfile.tempdir = os.environ.get("TMPDIR"), str(scratch), None
    try:
        async with ParserPool(limits, jobs=jobs) as pool:
            for number, group in enumerate(_groups(coming)):
                if number in noted:
                    tally.add(Tally(**noted[number]))
                    continue
                some = Tally()
                await _take(folder / str(number), group, pool, some, ocr_every)
                some.partial += [f"scratch: {one.name}" for one in scratch.glob("radcite-*")]
                tally.add(some)
                if journal is not None:
                    note(journal, count, seed, number, some.told())
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
        tempfile.tempdir = None
    return tally


def _groups(coming: Iterator[tuple[int, Mutant]]) -> Iterator[list[tuple[int, Mutant]]]:
    while group := list(islice(coming, _GROUP)):
        yield group


async def _take(
    folder: Path,
    group: Sequence[tuple[int, Mutant]],
    pool: ParserPool,
    tally: Tally,
    ocr_every: int,
) -> None:
    files: dict[str, tuple[int, Mutant]] = {}
    (folder / "files").mkdir(parents=True)
    for number, mutant in group:
        path = folder / "files" / f"{number:06}"
        path.write_bytes(mutant.data)
        files[path.name] = (number, mutant)
    paths = [folder / "files" / name for name in files]
    watched, store = _Watched(pool), Store.open(folder / "home")
    ingest = _ingestor(store, watched)
    read = paths[::ocr_every] if ocr_every else []
    parts = {_READ: read, _PLAIN: [path for path in paths if path not in read]}
    for collection, some in parts.items():
        try:
            report = await ingest.take([FoundFile(one, one.name) for one in some], collection)
            _note(report, some, files, watched, tally)
            tally.partial += [problem async for problem in _left(store, collection, some, report)]
        except Exception:  # noqa: BLE001 - what ends an ingest is what is looked for
            tally.main_failures.append(traceback.format_exc()[-400:])
    await store.close()
    await asyncio.to_thread(shutil.rmtree, folder)


def _ingestor(store: Store, pool: _Watched) -> Ingestor:
    return Ingestor(
        ledger=store.ledger,
        index=store.index,
        encoders=Encoders(store.sparse, None, None),
        images=FileImages(store.home / "images"),
        pages=FilePages(store.home / "pages"),
        pool=pool,
        secret=_SECRET,
        jobs=_JOBS,
        privacy=PrivacySettings(deidentified=(_PLAIN,)),
        optimize_above=10**9,
    )


def _note(
    report: IngestReport,
    paths: Sequence[Path],
    files: dict[str, tuple[int, Mutant]],
    watched: _Watched,
    tally: Tally,
) -> None:
    refused = {one.file: one for one in report.quarantined}
    for path in paths:
        number, mutant = files[path.name]
        one = refused.get(path.name)
        code, told = (one.code, one.message) if one else ("", "")
        seconds = watched.seconds.get(path.name, 0.0)
        name = f"{number} {mutant.kind}"
        tally.outcomes.setdefault(mutant.kind, Counter())[code] += 1
        tally.slowest_seconds = max(tally.slowest_seconds, seconds)
        if seconds > watched.limits.wall_seconds + _GRACE_SECONDS:
            tally.hangs.append(f"{name}: {seconds:.0f} s")
        if code == "PARSER_CRASH" and "process died" in told:
            tally.worker_deaths.append(name)
        elif code in {"PARSER_CRASH", "INTERNAL"}:
            tally.untyped.append(f"{name}: {told}")
        if mutant.cut:
            tally.cut[mutant.kind] += 1
            if path.name in watched.silent:
                tally.silent.append(name)


async def _left(
    store: Store, collection: str, paths: Sequence[Path], report: IngestReport
) -> AsyncIterator[str]:
    """What a refused file left behind beside its state, and what is not yet searched of a taken one."""
    refused = {one.file for one in report.quarantined}
    kept = {one.name.partition(".")[0] for one in store.home.glob("images/*/*")}
    kept |= {one.name.partition(".")[0] for one in store.home.glob("pages/**/*")}
    for path in paths:
        digest = digest_of(path)
        key = content_key(_SECRET, digest)
        state = await store.ledger.file(collection, key)
        if state is None or state.state not in {"indexed", "quarantined"}:
            yield f"{path.name}: state {state and state.state}"
        if path.name in refused and (
            digest.hex() in kept or await store.ledger.links(collection, [key])
        ):
            yield f"{path.name}: pictures, pages or links of a refused file"
    for part in store.home.rglob("*.part"):
        yield f"{part.name} in the data folder"
    points, removed, _ = await store.ledger.pending(collection, 1)
    if points or removed:
        yield f"{collection}: points that the index does not have"
