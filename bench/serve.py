"""The web service from its user's side: seconds to the first evidence and claim, and fifty users at once.

Client and server share the machine's processors, so that the load's latencies are those of both.
"""

import asyncio
import json
import statistics
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import httpx

from bench.corpus import read_abstracts, read_questions, recombined, sentences_of, write_passages
from bench.timing import Row
from radcite.apps.configuration import load_settings
from radcite.apps.wiring import open_house
from tests.apps.web.serving import server_process

__all__ = ["serve_rows"]

_USERS = 50
_SINGLE = 30
_REFUSED = frozenset({429, 503})


@dataclass(slots=True)
class _Load:
    """What came back: statuses, seconds to the end of the answers, refusals that said when to come again."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    seconds: list[float] = field(default_factory=list[float])
    with_retry_after: int = 0
    broken: int = 0


def serve_rows(folder: Path, passages: int, seconds: float) -> list[Row]:
    """First evidence and claim of single questions, then `seconds` of fifty users."""
    home = folder / "home"
    asyncio.run(_fill(home, folder, passages))
    questions = read_questions(400)
    with server_process(home, {"RADCITE_SERVE__ASKS_PER_MINUTE": "100000"}) as (base, process):
        asyncio.run(_single(base, questions[:5]))
        firsts = asyncio.run(_single(base, questions[: _SINGLE + 5][5:]))
        usable = _page_seconds(base)
        before = _resident_mib(process.pid)
        load, peak = asyncio.run(_loaded(base, process.pid, questions, seconds))
    return [*_single_rows(firsts, passages), *usable, *_load_rows(load, seconds, before, peak)]


async def _fill(home: Path, folder: Path, passages: int) -> None:
    sentences = sentences_of(read_abstracts(6_000), 20_000)
    source = write_passages(folder / "passages.jsonl", recombined(sentences, passages))
    async with open_house(load_settings({"home": home})) as house:
        await house.ingestor(jobs=1)([source], "default")


async def _single(base: str, questions: Sequence[str]) -> list[tuple[float, float | None]]:
    """Seconds to the first evidence and to the first claim of each; None for an abstention."""
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        return [await _first(client, question) for question in questions]


async def _first(client: httpx.AsyncClient, question: str) -> tuple[float, float | None]:
    started, evidence, claim = perf_counter(), 0.0, None
    asking = client.stream("POST", "/api/ask", json={"text": question})
    async with asking as reply, aclosing(reply.aiter_lines()) as lines:
        async for line in lines:
            if line == "event: evidence" and not evidence:
                evidence = perf_counter() - started
            if line == "event: claim" and claim is None:
                claim = perf_counter() - started
    return evidence or perf_counter() - started, claim


def _page_seconds(base: str) -> list[Row]:
    from tests.apps.web.chromium import CHROMIUM, STATIC, browser, first_script_bytes, window

    if CHROMIUM is None or not (STATIC / "index.html").is_file():
        return [Row("page usable", 0, note="Chromium or the built front end is missing")]
    with browser() as shown_by, window(shown_by, base) as made:
        taken: list[float] = []
        for _ in range(5):
            made.open()
            made.page.wait_for_selector("#question")
            taken.append(made.page.evaluate("performance.now()") / 1000)
    return [
        Row("page usable, median", statistics.median(taken), "s", "<= 1"),
        Row("script before the viewer, gzip", first_script_bytes() / 1000, "kB", "<= 80"),
    ]


async def _loaded(
    base: str, pid: int, questions: Sequence[str], seconds: float
) -> tuple[_Load, float]:
    load, peak, end = _Load(), 0.0, perf_counter() + seconds
    limits = httpx.Limits(max_connections=_USERS, max_keepalive_connections=_USERS)
    async with httpx.AsyncClient(base_url=base, timeout=60, limits=limits) as client:
        users = [
            asyncio.create_task(_user(client, load, questions[at::_USERS], end))
            for at in range(_USERS)
        ]
        while not all(user.done() for user in users):
            peak = max(peak, _resident_mib(pid))
            await asyncio.sleep(0.5)
        await asyncio.gather(*users)
    return load, peak


async def _user(
    client: httpx.AsyncClient, load: _Load, questions: Sequence[str], end: float
) -> None:
    asked = 0
    while perf_counter() < end:
        started = perf_counter()
        body = {"text": questions[asked % len(questions)]}
        asked += 1
        reply = await client.post("/api/ask", json=body)
        problem = _problem(reply)
        load.statuses[reply.status_code if problem is None else problem] += 1
        if (reply.status_code if problem is None else problem) in _REFUSED:
            load.with_retry_after += problem is not None or "retry-after" in reply.headers
            await asyncio.sleep(1)
        elif problem is None and reply.status_code == 200:
            load.broken += "event: done" not in reply.text
            load.seconds.append(perf_counter() - started)


def _problem(reply: httpx.Response) -> int | None:
    """The status of a problem that came within a stream."""
    for block in reply.text.split("\n\n"):
        if block.startswith("event: error"):
            return int(json.loads(block.partition("data: ")[2])["status"])
    return None


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _single_rows(firsts: Sequence[tuple[float, float | None]], passages: int) -> list[Row]:
    evidence = [one[0] for one in firsts]
    claims = [one[1] for one in firsts if one[1] is not None]
    note = f"{len(firsts)} questions over {passages} passages, one at a time"
    said = f"{len(claims)} of {len(firsts)} were answered, the rest were abstentions"
    return [
        Row("first evidence, median", statistics.median(evidence), "s", "<= 1", note),
        Row("first evidence, slowest", max(evidence), "s"),
        Row("first claim, median", statistics.median(claims), "s", "<= 2", said),
        Row("first claim, slowest", max(claims), "s"),
    ]


def _load_rows(load: _Load, seconds: float, before: float, peak: float) -> list[Row]:
    errors = sum(n for status, n in load.statuses.items() if status >= 500 and status != 503)
    refused = sum(n for status, n in load.statuses.items() if status in _REFUSED)
    done = sorted(load.seconds)
    p95 = done[int(0.95 * (len(done) - 1))] if done else 0.0
    note = f"{_USERS} users for {seconds:.0f} s: " + ", ".join(
        f"{status}: {count}" for status, count in sorted(load.statuses.items())
    )
    return [
        Row("server errors but 503", errors, goal="<= 0", note=note),
        Row(
            "refusals (429, 503) without a time to come again",
            refused - load.with_retry_after,
            goal="<= 0",
        ),
        Row("answers that broke off", load.broken, goal="<= 0"),
        Row("answers a second", len(done) / seconds, "1/s"),
        Row("answer under load, median", statistics.median(done) if done else 0.0, "s"),
        Row("answer under load, p95", p95, "s"),
        Row(
            "memory under load / before",
            peak / before,
            "x",
            "<= 1.5",
            f"{before:.0f} to {peak:.0f} MiB",
        ),
    ]
