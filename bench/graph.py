"""What the graph and its persistence add to the work of its nodes, and what a long thread stores."""

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from langgraph.runtime import Runtime

from bench.timing import Row
from bench.turns import fake_parts, passages_of, questions
from radcite.agent.ask import ask
from radcite.agent.checkpoints import open_checkpoints
from radcite.agent.graph import build_graph
from radcite.agent.intake import intake
from radcite.agent.plan import plan
from radcite.agent.retrieve import retrieve
from radcite.agent.review import review
from radcite.agent.state import Parts, State
from radcite.agent.verify import verify
from radcite.agent.write import write
from radcite.core.question import Question
from radcite.core.sources import Passage

__all__ = ["graph_rows"]

_TURNS = 40
_WARM_UP = 4
_SHORT = 200


async def graph_rows(folder: Path, rounds: int) -> list[Row]:
    """CPU of a turn over its nodes, and bytes kept by a thread of 40 turns over its transcript."""
    passages = passages_of(80)
    parts = fake_parts(passages)
    over, bare, whole = await _costs(folder / "cost.sqlite", parts, passages, rounds)
    stored, transcript = await _long_thread(folder / "long.sqlite", passages)
    short = [_shortened(one) for one in passages]
    short_stored, short_transcript = await _long_thread(folder / "short.sqlite", short)
    return [
        Row("a turn through graph and SQLite, CPU", whole, "ms"),
        Row("the same nodes called one after another, CPU", bare, "ms"),
        Row("graph and persistence over the nodes, CPU", over, "ms", "<= 5"),
        Row("40 turns stored / their transcript", stored / transcript, "x", "<= 3"),
        Row("transcript of 40 turns", transcript / 1024, "KiB"),
        Row(
            "40 turns over passages of 200 characters / theirs",
            short_stored / short_transcript,
            "x",
            "<= 3",
        ),
    ]


async def _costs(
    path: Path, parts: Parts, passages: Sequence[Passage], rounds: int
) -> tuple[float, float, float]:
    """Milliseconds of the quietest tenth of the rounds: the difference, the nodes alone, the whole; ways alternate."""
    spent: list[tuple[float, float]] = []
    async with open_checkpoints(path) as saver:
        graph = build_graph(saver)
        for number, question in enumerate(questions(passages, rounds + _WARM_UP)):
            ways = (partial(ask, graph), _nodes)
            took = [0.0, 0.0]
            # In turns, so that neither way always finds the other's caches warm.
            for way in (0, 1) if number % 2 else (1, 0):
                began = time.process_time()
                await ways[way](parts, question)
                took[way] = (time.process_time() - began) * 1e3
            if number >= _WARM_UP:
                spent.append((took[0], took[1]))
    # A busy neighbour takes the caches, and CPU time with them: it only ever adds.
    whole, bare = (statistics.quantiles(way, n=10)[0] for way in zip(*spent, strict=True))
    return whole - bare, bare, whole


async def _nodes(parts: Parts, question: Question) -> None:
    runtime = Runtime(context=parts)
    state = cast("State", {"question": question, "asked": (), "utterances": ()})
    for node in (intake, plan, retrieve, write, verify):
        change: Any = await node(state, runtime)
        state = cast("State", {**state, **change})
    await review(state)


def _shortened(passage: Passage) -> Passage:
    text = passage.text[:_SHORT]
    return passage.model_copy(update={"text": text, "end": len(text)})


async def _long_thread(path: Path, passages: Sequence[Passage]) -> tuple[int, int]:
    transcript = 0
    async with open_checkpoints(path) as saver:
        graph = build_graph(saver)
        for number, question in enumerate(questions(passages, _TURNS)):
            here = fake_parts(passages[number : number + 16])
            asked = question.model_copy(update={"thread": "long"})
            outcome = await ask(graph, here, asked)
            told = {"question": asked.model_dump(), "outcome": outcome.model_dump(mode="json")}
            transcript += len(json.dumps(told, ensure_ascii=False).encode())
        await asyncio.sleep(0)
    kept = sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    return kept, transcript
