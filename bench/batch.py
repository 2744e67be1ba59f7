"""The batch: kills, memory, the model's client alone, a whole batch against a slow model, the embedded writer."""

import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bench.corpus import read_abstracts, read_questions, write_passages
from bench.llm_server import busy, loopback_llm
from bench.timing import Row, Spent
from radcite.apps.asking import AskOptions, open_asker
from radcite.apps.batching.opening import run_in_house
from radcite.apps.configuration import load_settings
from radcite.apps.wiring import House, open_house
from radcite.backends.chat.openai import OpenAIChat
from radcite.core.frozen import Frozen
from radcite.core.ports import ChatMessage, ChatPrompt
from radcite.core.settings import LlmSettings, Settings

__all__ = ["client_rows", "embedded_rows", "kill_rows", "memory_rows", "model_rows"]

_CLIENT_SLOTS, _CLIENT_LATENCY_S = 64, 0.2
_MODEL_SLOTS, _MODEL_LATENCY_S = 32, 2.0


_PONG = {"json_schema": {"name": "Pong"}}


class Pong(Frozen):
    """What the client bench asks for."""

    text: str


def kill_rows(folder: Path, kills: int) -> list[Row]:
    """Kill a batch of 400 rows at moments spread over its run; then let it end."""
    lost = doubled = killed = 0
    draw = random.Random(0)
    for number in range(kills):
        home = folder / str(number)
        _questions(home, [f"t{i}" for i in range(400)])
        command = [sys.executable, "-m", "bench.echo", str(home)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(draw.uniform(0, 1.2))
            child.kill()
        killed += child.returncode < 0
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        lines = (home / "out.jsonl").read_text("utf-8").splitlines()
        ids = [json.loads(line)["id"] for line in lines]
        lost += 400 - len(set(ids))
        doubled += len(ids) - len(set(ids))
    note = f"{killed} of {kills} kills met a running batch"
    return [Row("rows lost", lost, goal="<= 0", note=note), Row("rows twice", doubled, goal="<= 0")]


def memory_rows(folder: Path, questions: int) -> list[Row]:
    """Peak memory of ten times the questions in relation to that of one."""
    peaks: list[float] = []
    for size in (questions, 10 * questions):
        home = folder / str(size)
        _questions(home, [f"t{i}" for i in range(size)])
        told = subprocess.run(
            [sys.executable, "-m", "bench.echo", str(home)],
            check=True,
            capture_output=True,
            text=True,
        )
        peaks.append(float(told.stdout.split()[-1]))
    note = f"{peaks[0]:.0f} MiB of {questions} questions, {peaks[1]:.0f} of ten times that"
    return [Row("peak memory", peaks[1] / peaks[0], "x", "<= 1.2", note)]


async def client_rows(requests: int) -> list[Row]:
    """The client alone: requests a second as a share of what the server could take, and their CPU."""
    prompt = ChatPrompt(name="bench", messages=(ChatMessage(role="user", content="x" * 4000),))
    with loopback_llm(_CLIENT_LATENCY_S, _CLIENT_SLOTS) as url:
        chat = OpenAIChat(url, "m", api_key=SecretStr("k"))
        body = json.dumps({"messages": [{"content": "x" * 4000}], "response_format": _PONG})
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def bare() -> None:
                async with session.post(f"{url}/chat/completions", data=body.encode()) as answer:
                    await answer.read()

            async def ours() -> None:
                await chat.complete(prompt, Pong)

            spent: dict[str, list[Spent]] = {"ours": [], "bare": []}
            for way in (ours, bare, ours, bare):
                await _many(way, _CLIENT_SLOTS)
                cpu, wall = time.process_time(), time.perf_counter()
                await _many(way, requests)
                took = Spent(time.perf_counter() - wall, time.process_time() - cpu)
                spent[way.__name__].append(took)
        await chat.close()
    ideal_s = requests / _CLIENT_SLOTS * _CLIENT_LATENCY_S
    wall_s = {name: min(each.wall_s for each in rounds) for name, rounds in spent.items()}
    cpu_s = min(each.cpu_s for each in spent["ours"])
    note = f"bare aiohttp in the same run {ideal_s / wall_s['bare']:.2f}"
    return [
        Row("client: rate / ideal", ideal_s / wall_s["ours"], "", ">= 0.85", note),
        Row("client: rate / bare aiohttp", wall_s["bare"] / wall_s["ours"]),
        Row("client: CPU a request", 1000 * cpu_s / requests, "ms", "<= 0.5"),
    ]


async def _many(way: Callable[[], Awaitable[None]], requests: int) -> None:
    left = iter(range(requests))

    async def work() -> None:
        for _ in left:
            await way()

    await asyncio.gather(*(work() for _ in range(_CLIENT_SLOTS)))


async def model_rows(folder: Path, questions: int) -> list[Row]:
    """A whole batch against a slow model: how busy its slots were."""
    with loopback_llm(_MODEL_LATENCY_S, _MODEL_SLOTS) as url:
        settings = load_settings({"home": folder / "home"}).model_copy(
            update={"llm": LlmSettings(base_url=url, model="m")}
        )
        async with _corpus_house(settings, folder, 2_000) as house:
            await _warm(house)
            texts = read_questions(questions)
            report = await run_in_house(
                house,
                _questions(folder / "asked", texts),
                folder / "asked/out.jsonl",
                defaults=AskOptions(),
                jobs=3 * _MODEL_SLOTS // 2,
            )
        found = busy(url)
    share = found.slot_s / (_MODEL_SLOTS * found.span_s)
    note = (
        f"{report.rows} questions, {found.requests} requests, {report.degraded} without the model"
    )
    return [Row("slots of a 2 s model busy", share, "", ">= 0.9", note)]


async def embedded_rows(folder: Path, passages: int, questions: int) -> list[Row]:
    """The embedded writer: a batch's throughput in relation to one question at a time."""
    async with _corpus_house(load_settings({"home": folder / "home"}), folder, passages) as house:
        await _warm(house)
        counts = await house.ledger.counts("default")
        asked = read_questions(questions)
        shares = [asked[i::4] for i in range(4)]
        walls: dict[int, list[float]] = {1: [], 4: []}
        answered = 0
        for number, texts in enumerate(shares):
            path = _questions(folder / f"asked{number}", texts)
            # Every other round the other way first, so that neither always comes second.
            for jobs in (1, 4) if number % 2 == 0 else (4, 1):
                out = path.with_name(f"out{jobs}.jsonl")
                report = await run_in_house(house, path, out, defaults=AskOptions(), jobs=jobs)
                walls[jobs].append(report.seconds)
                answered += report.answered
    ratio = statistics.median(one / four for one, four in zip(walls[1], walls[4], strict=True))
    note = f"{counts['passages']} passages, {len(asked)} questions, {answered // 2} answered"
    rate = len(asked) / sum(walls[4])
    return [
        Row("batch / one at a time, throughput", ratio, "x", ">= 1.3", note),
        Row("questions a second", rate, "1/s"),
    ]


async def _warm(house: House) -> None:
    async with open_asker(house, threads=False) as answer:
        await answer(AskOptions(text="What blunts the costophrenic angle?"))


def _corpus_house(settings: Settings, folder: Path, passages: int) -> "_Corpus":
    return _Corpus(settings, folder, passages)


class _Corpus:
    """An opened house with abstracts in its collection."""

    def __init__(self, settings: Settings, folder: Path, passages: int) -> None:
        self._opening = open_house(settings)
        self._folder = folder
        self._passages = passages

    async def __aenter__(self) -> House:
        house = await self._opening.__aenter__()
        texts = read_abstracts(self._passages)
        self._folder.mkdir(parents=True, exist_ok=True)
        await house.ingestor()([write_passages(self._folder / "passages.jsonl", texts)], "default")
        return house

    async def __aexit__(self, *raised: object) -> None:
        await self._opening.__aexit__(None, None, None)


def _questions(folder: Path, texts: list[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "questions.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number, text in enumerate(texts):
            out.write(json.dumps({"id": f"q{number}", "question": text}) + "\n")
    return path
