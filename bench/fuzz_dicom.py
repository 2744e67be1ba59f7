"""Broken DICOM files against the reader: nothing may die, hang or fail without a code.

    python bench/fuzz_dicom.py --mutants 2000 --seed 7

Prints one JSON object: outcomes by code, and deaths, hangs and untyped failures, each of which must be 0.
`cut_short_accepted` is the share of truncated files that were read as if they were whole.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.ingestion.dicom import read_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.worker import ParserPool

_LARGEST_SEED_FILE = 300_000


@dataclass(frozen=True, slots=True)
class Mutant:
    kind: str
    data: bytes


@dataclass(slots=True)
class Tally:
    mutants: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    failures: list[str] = field(default_factory=list[str])
    truncated: int = 0
    truncated_accepted: int = 0
    slowest_seconds: float = 0.0

    def add(self, mutant: Mutant, outcome: str, detail: str, seconds: float) -> None:
        self.mutants += 1
        self.outcomes[outcome] += 1
        self.slowest_seconds = max(self.slowest_seconds, seconds)
        if outcome in {"PARSER_CRASH", "PARSER_TIMEOUT"}:
            self.failures.append(f"{mutant.kind}: {outcome} {detail}")
        if mutant.kind == "truncate":
            self.truncated += 1
            self.truncated_accepted += outcome == "read"

    def report(self) -> dict[str, object]:
        died = [failure for failure in self.failures if "process died" in failure]
        crashed = self.outcomes["PARSER_CRASH"]
        return {
            "mutants": self.mutants,
            "deaths": len(died),
            "hangs": self.outcomes["PARSER_TIMEOUT"],
            "untyped": crashed - len(died),
            "cut_short_accepted": self.truncated_accepted / max(1, self.truncated),
            "slowest_seconds": round(self.slowest_seconds, 2),
            "outcomes": dict(self.outcomes.most_common()),
            "failures": self.failures[:20],
        }


def seed_files() -> list[bytes]:
    import pydicom

    folder = Path(str(pydicom.__file__)).parent / "data" / "test_files"
    files = sorted(folder.glob("*.dcm"))
    return [path.read_bytes() for path in files if path.stat().st_size < _LARGEST_SEED_FILE]


def mutants(count: int, seed: int) -> Iterator[Mutant]:
    generator = random.Random(seed)
    seeds = seed_files()
    kinds = sorted(_KINDS)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        yield Mutant(kind, _KINDS[kind](generator, generator.choice(seeds), seeds))


def _flip(generator: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(generator.randint(1, 24)):
        changed[generator.randrange(len(changed))] = generator.randrange(256)
    return bytes(changed)


def _flip_header(generator: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(generator.randint(1, 8)):
        changed[generator.randrange(128, min(len(changed), 3_000))] = generator.randrange(256)
    return bytes(changed)


def _length(generator: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    at = generator.randrange(132, len(changed) - 4)
    value = generator.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF, generator.getrandbits(16)])
    changed[at : at + 4] = value.to_bytes(4, "little")
    return bytes(changed)


def _truncate(generator: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: generator.randrange(140, len(data) - 8)]


def _remove(generator: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = generator.randrange(132, len(data))
    return data[:at] + data[at + generator.randint(1, 64) :]


def _repeat(generator: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at, size = generator.randrange(132, len(data)), generator.randint(1, 512)
    return data[:at] + data[at : at + size] * generator.randint(2, 50) + data[at + size :]


def _splice(generator: random.Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = generator.choice(seeds)
    return (
        data[: generator.randrange(132, len(data))] + other[generator.randrange(132, len(other)) :]
    )


_KINDS: dict[str, Callable[[random.Random, bytes, Sequence[bytes]], bytes]] = {
    "flip": _flip,
    "flip_header": _flip_header,
    "length": _length,
    "remove": _remove,
    "repeat": _repeat,
    "splice": _splice,
    "truncate": _truncate,
}


async def fuzz(count: int, seed: int, *, jobs: int = 2) -> Tally:
    tally = Tally()
    source = enumerate(mutants(count, seed))
    with tempfile.TemporaryDirectory() as folder:
        async with ParserPool(Limits(wall_seconds=30, cpu_seconds=30), jobs=jobs) as pool:
            readers = (_read_all(pool, source, Path(folder), tally) for _ in range(jobs))
            await asyncio.gather(*readers)
    return tally


async def _read_all(
    pool: ParserPool, source: Iterator[tuple[int, Mutant]], folder: Path, tally: Tally
) -> None:
    for number, mutant in source:
        path = folder / f"{number}.dcm"
        path.write_bytes(mutant.data)
        began = time.monotonic()
        outcome, detail = "read", ""
        try:
            await pool.run(read_dicom, path)
        except RadciteError as exc:
            outcome, detail = exc.code, exc.detail
        tally.add(mutant, outcome, detail, time.monotonic() - began)
        path.unlink()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    report = asyncio.run(fuzz(arguments.mutants, arguments.seed)).report()
    print(json.dumps(report, indent=2))
    return int(bool(report["deaths"] or report["hangs"] or report["untyped"]))


if __name__ == "__main__":
    sys.exit(main())
