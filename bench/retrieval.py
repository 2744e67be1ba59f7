"""A whole retrieval at 100,000 passages against the bare engine and the bare model within one run.

The passages are recombined sentences of real abstracts; a passage's dense vector is the mean of its
sentences' MiniLM vectors. The questions are real and encoded by MiniLM itself.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from bench.corpus import (
    SentenceEncoder,
    read_abstracts,
    read_questions,
    recombined,
    sentences_of,
    write_passages,
)
from bench.parts import Store, built_in_encoder
from bench.timing import Row, exponent
from radcite.backends.text.onnx import OnnxTextEncoder
from radcite.core.ports import Filter, VectorQuery
from radcite.core.vectors import SparseVector, Vectors
from radcite.ingestion.report import IngestReport

__all__ = ["retrieval_rows"]

_COLLECTION = "bench"
_LIMIT = 10
_CANDIDATES = 200
_SENTENCES = 5_000
_CONDITIONS = Filter(must={"kind": ("passage",)}, must_not={"retracted": ("yes",)})


@dataclass(frozen=True, slots=True)
class _Ask:
    """A question with the vectors the bare engine is given."""

    text: str
    dense: Vectors
    sparse: SparseVector


@dataclass(frozen=True, slots=True)
class _Cost:
    whole_cpu: float
    whole_wall: float
    bare_cpu: float
    bare_wall: float


async def retrieval_rows(folder: Path, count: int, questions: int) -> list[Row]:
    """Growth of the ingest from a tenth to the whole, optimize, recall, and the cost of a retrieval."""
    sentences = sentences_of(read_abstracts(10**6), _SENTENCES)
    model = built_in_encoder()
    encoder = SentenceEncoder(sentences, await model.encode(sentences), model)
    rows, store = await _ingested(folder, sentences, encoder, count)
    asks = [
        _Ask(
            text,
            (await model.encode_query(text))[0],
            await store.sparse.encode_query(text, _COLLECTION),
        )
        for text in read_questions(questions)
    ]
    recall = await _recall(store, asks)
    rows.append(Row(f"recall@{_LIMIT} against exact", recall, goal=">= 0.97"))
    await store.close()
    costs = await _costs(folder / "large", asks, encoder, model)
    return [*rows, *_cost_rows(costs)]


async def _ingested(
    folder: Path, sentences: Sequence[str], encoder: SentenceEncoder, count: int
) -> tuple[list[Row], Store]:
    # The first ingest of a process pays for the imports.
    await _ingest(folder / "warm", sentences, encoder, 100)
    small = await _ingest(folder / "small", sentences, encoder, count // 10)
    large = await _ingest(folder / "large", sentences, encoder, count)
    taken = large[0].seconds - (large[0].optimize_seconds or 0)
    rows = [
        Row(f"ingest of {count // 10} without the model", small[0].seconds, "s"),
        Row(f"ingest of {count} without the model", taken, "s"),
        Row("growth exponent, wall", exponent(small[0].seconds, taken, 10), goal="<= 1.1"),
        Row("growth exponent, CPU", exponent(small[1], large[1], 10), goal="<= 1.1"),
        Row("optimize", large[0].optimize_seconds or 0.0, "s", note="a row of the report"),
    ]
    return rows, Store.open(folder / "large")


async def _ingest(
    home: Path, sentences: Sequence[str], encoder: SentenceEncoder, count: int
) -> tuple[IngestReport, float]:
    """The report, and the CPU seconds but for optimize."""
    store = Store.open(home)
    passages = write_passages(home / "passages.jsonl", recombined(sentences, count))
    ingestor = store.ingestor(encoder)
    before = time.process_time()
    report = await ingestor([passages], _COLLECTION)
    cpu = time.process_time() - before
    started = time.perf_counter()
    if count > 50_000:
        await store.index.optimize(_COLLECTION)
        took = time.perf_counter() - started
        report = report.model_copy(
            update={"seconds": report.seconds + took, "optimize_seconds": took}
        )
    await store.close()
    return report, cpu


async def _recall(store: Store, asks: Sequence[_Ask]) -> float:
    shares: list[float] = []
    for ask in asks:
        exact, near = await store.index.search(
            _COLLECTION,
            [VectorQuery("text", ask.dense, _LIMIT, _CONDITIONS, exact) for exact in (True, False)],
        )
        shares.append(len({hit.id for hit in exact} & {hit.id for hit in near}) / _LIMIT)
    return statistics.mean(shares)


async def _costs(
    home: Path, asks: Sequence[_Ask], encoder: SentenceEncoder, model: OnnxTextEncoder
) -> list[_Cost]:
    """Both ways for each question, one after another, each in an engine of its own opening."""
    store = Store.open(home)
    search = store.search(encoder)
    whole: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    for ask in [*asks[:20], *asks]:
        cpu, wall = time.process_time(), time.perf_counter()
        hits = await search(ask.text, _COLLECTION, _CONDITIONS, _LIMIT)
        whole.append((time.process_time() - cpu, time.perf_counter() - wall))
        assert hits
        shard = store.index._shards[_COLLECTION]
        cpu, wall = time.process_time(), time.perf_counter()
        _bare(shard, model, ask)
        bare.append((time.process_time() - cpu, time.perf_counter() - wall))
    await store.close()
    return [_Cost(*a, *b) for a, b in zip(whole[20:], bare[20:], strict=True)]


def _bare(shard: Any, model: OnnxTextEncoder, ask: _Ask) -> None:
    """What nobody can do without: the model on the question, and the engine's two searches."""
    import qdrant_edge as edge

    encoding = model._tokenizer.encode(ask.text)
    ids = np.array([encoding.ids], dtype=np.int64)
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    vector = model._session.run(["embedding"], feed)[0][0].tolist()
    sparse = edge.SparseVector(list(ask.sparse.indices), list(ask.sparse.values))
    conditions = edge.Filter(
        must=[edge.FieldCondition(key="kind", match=edge.MatchAny(any=["passage"]))],
        must_not=[edge.FieldCondition(key="retracted", match=edge.MatchAny(any=["yes"]))],
    )
    for query, name in ((sparse, "bm25"), (vector, "text")):
        request = edge.QueryRequest(
            limit=_CANDIDATES,
            query=edge.Query.Nearest(query, name),
            filter=conditions,
            with_payload=True,
        )
        shard.query(request)


def _cost_rows(costs: Sequence[_Cost]) -> list[Row]:
    cpu = sorted(cost.whole_cpu for cost in costs)
    p95 = cpu[ceil(0.95 * len(cpu)) - 1]
    return [
        Row("retrieval, CPU median", 1000 * statistics.median(cpu), "ms"),
        Row("retrieval, CPU p95", 1000 * p95, "ms", "<= 10"),
        Row(
            "bare engine + model, CPU median",
            1000 * statistics.median(c.bare_cpu for c in costs),
            "ms",
        ),
        Row(
            "retrieval / bare, CPU",
            statistics.median(c.whole_cpu / c.bare_cpu for c in costs),
            "x",
            "<= 2",
        ),
        Row(
            "retrieval / bare, wall",
            statistics.median(c.whole_wall / c.bare_wall for c in costs),
            "x",
            "<= 2",
        ),
    ]


if __name__ == "__main__":
    import sys

    for row in asyncio.run(retrieval_rows(Path(sys.argv[1]), int(sys.argv[2]), 300)):
        print(row, row.met)
