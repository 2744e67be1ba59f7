import os
import sqlite3
from pathlib import Path

import pytest
from langgraph.types import Command

from radcite.agent.ask import ask
from radcite.agent.checkpoints import STRICT_VARIABLE, drop_threads, find_threads, open_checkpoints
from radcite.agent.graph import build_graph
from radcite.core.claims import Answer
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.core.sources import Case
from tests.agent.scene import GivenHits, parts, passage
from tests.postgres import fresh_database

DIGEST = "a" * 64
CASES = [Case(case_id="C-1", report="There is a left pleural effusion.")]


@pytest.fixture(params=["sqlite", "postgres"])
def threads(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where threads are remembered."""
    if request.param == "sqlite":
        return tmp_path / "threads.sqlite"
    return fresh_database(request.getfixturevalue("postgres"))


async def test_a_draft_waits_in_its_thread_until_a_named_person_signs(threads: Path | str) -> None:
    question = Question(text="Describe it", images=(DIGEST,), thread="t1")
    given = parts(cases=GivenHits(CASES), signing=True)
    async with open_checkpoints(threads) as saver:
        drafted = await ask(build_graph(saver), given, question)
    assert isinstance(drafted, Answer)
    assert drafted.review is not None
    assert drafted.review.status == "draft"
    async with open_checkpoints(threads) as saver:
        state = await build_graph(saver).ainvoke(
            Command(resume={"signer": "Dr. Li", "accepted": [0]}),
            config={"configurable": {"thread_id": "t1"}},
            context=given,
        )
    signed = state["outcome"]
    assert signed.review.status == "final"
    assert signed.review.signer == "Dr. Li"
    assert signed.claims == drafted.claims[:1]


async def test_a_short_follow_up_is_read_with_the_question_before_it(threads: Path | str) -> None:
    hits = GivenHits([passage("Screening with CT lowers mortality in smokers.")])
    async with open_checkpoints(threads) as saver:
        graph = build_graph(saver)
        for text in ("Does CT screening lower mortality in smokers?", "And in women?"):
            await ask(graph, parts(hits), Question(text=text, thread="t"))
    queries = [getattr(request, "query", "") for request in hits.requests]
    assert "Does CT screening lower mortality in smokers? And in women?" in queries


async def test_threads_do_not_see_each_other(tmp_path: Path) -> None:
    hits = GivenHits([passage("Screening with CT lowers mortality in smokers.")])
    async with open_checkpoints(tmp_path / "threads.sqlite") as saver:
        graph = build_graph(saver)
        await ask(graph, parts(hits), Question(text="Does CT screening lower it?", thread="a"))
        await ask(graph, parts(hits), Question(text="And in women?", thread="b"))
    assert getattr(hits.requests[-1], "query", "") != "Does CT screening lower it? And in women?"


async def test_an_edited_row_builds_no_class_off_the_list(tmp_path: Path) -> None:
    import ormsgpack

    path = tmp_path / "threads.sqlite"
    hits = GivenHits([passage("Screening with CT lowers mortality in smokers.")])
    async with open_checkpoints(path) as saver:
        await ask(build_graph(saver), parts(hits), Question(text="CT screening?", thread="t"))
    marker = tmp_path / "ran"
    bomb = ormsgpack.packb(("os", "system", f"touch {marker}"))
    poison = ormsgpack.packb(
        {
            "v": 4,
            "ts": "2026-01-01T00:00:00+00:00",
            "id": "1f000000-0000-6000-8000-000000000000",
            "channel_versions": {},
            "versions_seen": {},
            "channel_values": {"question": ormsgpack.Ext(0, bomb)},
        }
    )
    with sqlite3.connect(path) as database:
        database.execute("UPDATE checkpoints SET checkpoint = ?", (poison,))
    async with open_checkpoints(path) as saver:
        await build_graph(saver).aget_state({"configurable": {"thread_id": "t"}})
    assert not marker.exists()


async def test_what_is_spoken_of_is_forgotten_with_its_thread(threads: Path | str) -> None:
    hits = GivenHits([passage("Screening with CT lowers mortality in smokers.")])
    async with open_checkpoints(threads) as saver:
        graph = build_graph(saver)
        for name in ("a", "b"):
            text, images = f"Does CT {name} lower it?", ("both", name)
            await ask(graph, parts(hits), Question(text=text, images=images, thread=name))
        found = await find_threads(saver, lambda state: "Does CT a lower it?" in str(state))
        await drop_threads(saver, found.threads)
        left = {one.config["configurable"]["thread_id"] async for one in saver.alist(None)}
    assert (found.threads, found.images, left) == (("a",), {"a"}, {"b"})


async def test_a_thread_keeps_what_was_said_and_not_what_was_read(threads: Path | str) -> None:
    read = "The registry of the whole country was searched for it by hand."
    hits = GivenHits([passage(f"Screening with CT lowers mortality in smokers. {read}")])
    question = Question(text="Does CT screening lower mortality in smokers?", thread="t")
    async with open_checkpoints(threads) as saver:
        outcome = await ask(build_graph(saver), parts(hits), question)
        [kept] = [one async for one in saver.alist(None)]
    values = kept.checkpoint["channel_values"]
    assert values["outcome"] == outcome
    assert {"evidence", "requests", "draft", "checked"}.isdisjoint(values)
    assert [len(one) for one in values["footprint"]] == [32, 32, 32]


async def test_a_database_that_does_not_answer_is_told() -> None:
    with pytest.raises(RadciteError, match="STATE_UNAVAILABLE"):
        async with open_checkpoints("postgresql://radcite@127.0.0.1:9/none"):
            pass


async def test_it_refuses_to_start_without_strict_msgpack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert os.environ[STRICT_VARIABLE] == "true"
    monkeypatch.delenv(STRICT_VARIABLE)
    with pytest.raises(RadciteError, match="CONFIG_INVALID"):
        async with open_checkpoints(tmp_path / "threads.sqlite"):
            pass
