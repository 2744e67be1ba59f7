"""Peak memory of an ingest of ten times the input in relation to that of one.

    python -m bench.memory HOME PASSAGES edge|none

ingests in a process of its own and prints its peak in MiB. The encoder counts words, so that what
grows is radcite's and the engine's; with `none` the engine is left out, so that it is radcite's alone.
Peaks repeat within a few per cent, so each is taken once.
"""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.corpus import read_abstracts, recombined, sentences_of, write_passages
from bench.parts import Store
from bench.timing import Row
from radcite.backends.fakes import HashingTextEncoder
from radcite.core.ports import DenseName, IndexPoint, Scored, VectorQuery

__all__ = ["memory_rows", "own_peak_mib"]

_FACTOR = 10
_DIM = 384


def memory_rows(folder: Path, documents: int) -> list[Row]:
    """The peaks of both sizes and their ratio, with the engine and without."""
    sentences = sentences_of(read_abstracts(2_000), 2_000)
    small, large = (
        write_passages(folder / f"{size}.jsonl", recombined(sentences, size))
        for size in (documents, _FACTOR * documents)
    )
    rows: list[Row] = []
    for engine, about in (("edge", "ingest"), ("none", "ingest without the engine")):
        peaks = [_peak_mib(folder / engine / path.stem, path, engine) for path in (small, large)]
        note = (
            f"{peaks[0]:.0f} MiB of {documents} documents, {peaks[1]:.0f} of {_FACTOR} times that"
        )
        rows.append(Row(f"{about}, peak", peaks[1] / peaks[0], "x", "<= 1.2", note))
    return rows


def _peak_mib(home: Path, passages: Path, engine: str) -> float:
    command = [sys.executable, "-m", "bench.memory", str(home), str(passages), engine]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


async def _ingest(home: Path, passages: Path, engine: str) -> None:
    store = Store.open(home)
    ingestor = store.ingestor(HashingTextEncoder(_DIM))
    if engine == "none":
        ingestor = replace(ingestor, index=_NoEngine())
    report = await ingestor([passages], "bench")
    assert report.documents
    await store.close()


class _NoEngine:
    """An `Index` that counts what it is given and keeps none of it."""

    def __init__(self) -> None:
        self._points = 0

    async def create(self, collection: str, dims: Mapping[DenseName, int]) -> None:
        pass

    async def upsert(self, collection: str, points: Sequence[IndexPoint]) -> None:
        self._points += len(points)

    async def delete(self, collection: str, ids: Sequence[str]) -> None:
        self._points -= len(ids)

    async def search(self, collection: str, queries: Sequence[VectorQuery]) -> list[list[Scored]]:
        return [[] for _ in queries]

    async def count(self, collection: str) -> int:
        return self._points

    async def optimize(self, collection: str) -> None:
        pass

    async def drop(self, collection: str) -> None:
        self._points = 0

    async def close(self) -> None:
        pass


def own_peak_mib() -> float:
    """Of this program alone: what `getrusage` says begins with the peak of the parent's."""
    status = Path("/proc/self/status")
    if not status.is_file():
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    asyncio.run(_ingest(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
    print(own_peak_mib())
