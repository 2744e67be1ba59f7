"""Literature ingest: the whole against the sum of its bare parts, and what a second run costs.

Imports and the model are loaded before anything is measured. Both sides start with an empty folder
in every round, and the rounds of the two alternate.
"""

import asyncio
import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.corpus import read_abstracts, write_passages
from bench.parts import Store, built_in_encoder, default_encoder
from bench.timing import Row, Spent, Stopwatch, measure, median_ratio
from radcite.core.ports import TextEncoder
from radcite.core.sources import Language
from radcite.core.vectors import Vectors
from radcite.ingestion.chunking import split_passages
from radcite.ingestion.report import IngestReport

__all__ = ["bare_shard", "bare_upsert", "ingest_rows", "reingest_rows"]

_COLLECTION = "bench"
_GROUP = 1_024
_ROUNDS = 3
_PARTS = ("parse", "chunk", "encode", "upsert")


class _CountingEncoder:
    """A `TextEncoder` that counts how often its model is called."""

    def __init__(self, model: TextEncoder) -> None:
        self._model = model
        self.calls = 0

    @property
    def fingerprint(self) -> str:
        return self._model.fingerprint

    @property
    def dim(self) -> int:
        return self._model.dim

    @property
    def languages(self) -> frozenset[Language]:
        return self._model.languages

    async def encode(self, texts: Sequence[str]) -> Vectors:
        # The writer asks for nothing where a batch has no text; the model is not run then.
        self.calls += bool(texts)
        return await self._model.encode(texts)

    async def encode_query(self, text: str) -> Vectors:
        self.calls += 1
        return await self._model.encode_query(text)


def ingest_rows(folder: Path, documents: int) -> list[Row]:
    """An ingest of abstracts in relation to parse, chunk, encode and upsert alone, by both text encoders."""
    return [
        row
        for name, encoder in _encoders()
        for row in _named(name, _ingest_rows(folder / name, documents, encoder))
    ]


def reingest_rows(folder: Path, documents: int) -> list[Row]:
    """A second ingest of files that did not change in relation to the first one, by both text encoders."""
    return [
        row
        for name, encoder in _encoders()
        for row in _named(name, _reingest_rows(folder / name, documents, encoder))
    ]


def _encoders() -> list[tuple[str, TextEncoder]]:
    """What reads English in a fresh installation, and what reads it without MiniLM, and Chinese always."""
    return [("default", default_encoder()), ("carried", built_in_encoder())]


def _named(name: str, rows: Sequence[Row]) -> list[Row]:
    return [replace(row, name=f"{row.name} ({name} encoder)") for row in rows]


def _ingest_rows(folder: Path, documents: int, encoder: TextEncoder) -> list[Row]:
    folder.mkdir()
    passages = write_passages(folder / "passages.jsonl", read_abstracts(documents))
    homes = (folder / f"home{number}" for number in count())
    _warm(folder, encoder)
    whole: list[Spent] = []
    bare: list[Stopwatch] = []
    for number in range(_ROUNDS):
        for way in ("whole", "bare")[:: 1 if number % 2 == 0 else -1]:
            if way == "whole":
                whole.append(measure(lambda: _ingest(next(homes), passages, encoder)))
            else:
                bare.append(_bare(next(homes), passages, encoder))
    return [
        *_ratio_rows(whole, [watch.total for watch in bare]),
        *_part_rows(whole, bare, documents),
    ]


def _reingest_rows(folder: Path, documents: int, model: TextEncoder) -> list[Row]:
    folder.mkdir()
    passages = write_passages(folder / "passages.jsonl", read_abstracts(documents))
    _warm(folder, model)
    taken = [_twice(folder / f"home{number}", passages, model) for number in range(_ROUNDS)]
    first, again = [one[0] for one in taken], [one[1] for one in taken]
    return [
        Row("first / second ingest, wall", _ratio(first, again, "wall_s"), "x", ">= 50"),
        Row("first / second ingest, CPU", _ratio(first, again, "cpu_s"), "x", ">= 50"),
        Row("second ingest, wall", 1000 * statistics.median(s.wall_s for s in again), "ms"),
        Row("model calls of the second ingest", sum(one[2] for one in taken), goal="<= 0"),
    ]


def _twice(home: Path, passages: Path, model: TextEncoder) -> tuple[Spent, Spent, int]:
    """The cost of a first and a second ingest, and the second one's model calls."""
    encoder = _CountingEncoder(model)
    first = measure(lambda: _ingest(home, passages, encoder))
    before = encoder.calls
    assert before
    return first, measure(lambda: _ingest(home, passages, encoder)), encoder.calls - before


def _warm(folder: Path, encoder: TextEncoder) -> None:
    long = write_passages(folder / "warm.jsonl", ["A sentence of a few words stands here. " * 20])
    _ingest(folder / "warm", long, encoder)


def _ingest(home: Path, passages: Path, encoder: TextEncoder) -> None:
    asyncio.run(_ingested(home, passages, encoder))


async def _ingested(home: Path, passages: Path, encoder: TextEncoder) -> IngestReport:
    store = Store.open(home)
    report = await store.ingestor(encoder)([passages], _COLLECTION)
    await store.close()
    assert report.documents + report.skipped > 0
    assert report.quarantined == ()
    return report


def _bare(home: Path, passages: Path, encoder: TextEncoder) -> Stopwatch:
    """What nobody can do without: no ledger, no digest, no check, nothing that survives a kill."""
    sparse = Store.open(home).sparse
    watch = Stopwatch()
    with watch.part("parse"), passages.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    with watch.part("chunk"):
        texts = [
            "\n" + record["text"][start:end]
            for record in records
            for start, end in split_passages(record["text"])
        ]
    with watch.part("upsert"):
        shard = bare_shard(home / "bare", encoder.dim)
    for start in range(0, len(texts), _GROUP):
        group = texts[start : start + _GROUP]
        with watch.part("encode"):
            dense, words = asyncio.run(encoder.encode(group)), sparse.encode(group)
        with watch.part("upsert"):
            bare_upsert(shard, start, zip(dense.tolist(), words, strict=True))
    shard.close()
    return watch


def bare_shard(folder: Path, dim: int) -> Any:
    import qdrant_edge as edge

    from radcite.backends.index.qdrant_edge import PAYLOAD_KEYWORDS

    folder.mkdir(parents=True)
    config = edge.EdgeConfig(
        vectors={"text": edge.EdgeVectorParams(size=dim, distance=edge.Distance.Cosine)},
        sparse_vectors={"bm25": edge.EdgeSparseVectorParams()},
    )
    shard = edge.EdgeShard.create(str(folder), config)
    for keyword in PAYLOAD_KEYWORDS:
        index = edge.UpdateOperation.create_field_index(keyword, edge.PayloadSchemaType.Keyword)
        shard.update(index)
    return shard


def bare_upsert(shard: Any, first: int, rows: Iterator[tuple[list[float], Any]]) -> None:
    import qdrant_edge as edge

    points = [
        edge.Point(
            UUID(int=first + place),
            {
                "text": dense,
                "bm25": edge.SparseVector(list(words.indices), list(words.values)),
            },
            {"kind": "passage", "owner": str(first + place), "language": "en", "retracted": "no"},
        )
        for place, (dense, words) in enumerate(rows)
    ]
    shard.update(edge.UpdateOperation.upsert_points(points))
    shard.flush()


def _ratio(above: Sequence[Spent], below: Sequence[Spent], what: str) -> float:
    return median_ratio([getattr(s, what) for s in above], [getattr(s, what) for s in below])


def _ratio_rows(whole: Sequence[Spent], bare: Sequence[Spent]) -> list[Row]:
    return [
        Row("ingest / its bare parts, CPU", _ratio(whole, bare, "cpu_s"), "x", "<= 1.15"),
        Row("ingest / its bare parts, wall", _ratio(whole, bare, "wall_s"), "x", "<= 1.15"),
    ]


def _part_rows(whole: Sequence[Spent], bare: Sequence[Stopwatch], documents: int) -> list[Row]:
    parts = {name: statistics.median(watch.spent[name].cpu_s for watch in bare) for name in _PARTS}
    slowest = max(parts, key=lambda name: parts[name])
    share = median_ratio([watch.total.cpu_s for watch in bare], [s.cpu_s for s in whole])
    return [
        Row("bare parts / ingest, CPU", share, "x", ">= 0.7"),
        Row("documents a second", documents / statistics.median(s.wall_s for s in whole), "1/s"),
        Row("whole ingest, CPU", statistics.median(s.cpu_s for s in whole), "s"),
        *(Row(f"bare {name}, CPU", spent, "s") for name, spent in parts.items()),
        Row("the slowest part's share", parts[slowest] / sum(parts.values()), note=slowest),
    ]
