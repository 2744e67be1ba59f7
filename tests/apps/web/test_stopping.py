"""Stop really stops: the work ends at the server, and the connection to the model with it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from uuid import uuid4
from weakref import ref

import httpx
import pytest

from radcite.apps.configuration import load_settings
from radcite.apps.demo.dicom import write_image
from radcite.apps.web.app import open_desk
from radcite.apps.web.events import Asked, Event, answer_events
from radcite.apps.wiring import open_house
from radcite.core.conversations import Asking
from radcite.core.question import Question
from radcite.core.settings import LlmSettings
from tests.apps.web.scene import Site, copied, events

QUESTION = {"text": "How much pleural fluid is needed to blunt the costophrenic angle?"}


class SilentModel:
    """A model server that takes questions and never answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        self.asked.set()
        while await reader.read(65_536):
            pass
        self.left.set()
        writer.close()


@pytest.fixture
async def model() -> AsyncIterator[tuple[SilentModel, int]]:
    silent = SilentModel()
    server = await asyncio.start_server(silent.hear, "127.0.0.1", 0)
    yield silent, server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def waiting(
    collection_home: Path, tmp_path: Path, model: tuple[SilentModel, int]
) -> AsyncIterator[Site]:
    """A service whose model never answers."""
    llm = LlmSettings(base_url=f"http://127.0.0.1:{model[1]}/v1", model="silent")
    home = copied(collection_home, tmp_path / "home")
    settings = load_settings({"home": home}).model_copy(update={"llm": llm})
    image = write_image(tmp_path / "asked.dcm", "asked", "chest", "effusion", "left", 977)
    async with AsyncExitStack() as closing:
        house = await closing.enter_async_context(open_house(settings))
        yield Site(await closing.enter_async_context(open_desk(house)), image)


async def test_stop_ends_the_work_and_leaves_the_model(
    waiting: Site, model: tuple[SilentModel, int]
) -> None:
    async with waiting.client() as client:
        asking = asyncio.create_task(client.post("/api/ask", json=QUESTION))
        await asyncio.wait_for(model[0].asked.wait(), 20)
        [thread] = [
            one["thread"] for one in (await client.get("/api/threads")).json() if not one["turns"]
        ]
        assert waiting.desk.line.inside == 1
        assert (await client.post(f"/api/threads/{thread}/stop")).status_code == 204
        told = events(await asyncio.wait_for(asking, 10))
        await asyncio.wait_for(model[0].left.wait(), 10)
        assert told[-1][0] == "stopped"
        assert waiting.desk.line.inside == 0
        assert (await client.get(f"/api/threads/{thread}")).json() == []
        again = await client.post(f"/api/threads/{thread}/stop")
        assert again.status_code == 204, "nothing is on its way any more, and that is no error"


async def test_nobody_stops_what_another_asks(guarded: Site) -> None:
    async with guarded.signed_in("ann") as ann, guarded.signed_in("bob") as bob:
        told = events(await ann.post("/api/ask", json=QUESTION))
        refused = await bob.post(f"/api/threads/{told[0][1]['thread']}/stop")
    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")


async def test_whoever_leaves_stops_the_work_too(
    waiting: Site, model: tuple[SilentModel, int]
) -> None:
    async with waiting.client() as client:
        asking = asyncio.create_task(client.post("/api/ask", json=QUESTION))
        await asyncio.wait_for(model[0].asked.wait(), 20)
        asking.cancel()
        await asyncio.wait_for(model[0].left.wait(), 10)
    with pytest.raises((asyncio.CancelledError, httpx.HTTPError)):
        await asking
    for _ in range(100):
        if not waiting.desk.line.inside:
            break
        await asyncio.sleep(0.1)
    assert waiting.desk.line.inside == 0


def asked(site: Site, thread: str | None) -> AsyncGenerator[Event]:
    question = Question(text=QUESTION["text"], thread=thread or uuid4().hex)
    return answer_events(
        site.desk, Asked("local", thread, Asking(text=question.text), question, channel="openai")
    )


async def begun(events: AsyncGenerator[Event]) -> bool:
    """Whether the work on a question begins soon."""
    try:
        async with asyncio.timeout(3):
            async for event in events:
                if event.name == "step":
                    return True
    except TimeoutError:
        return False
    return False


async def test_a_question_without_a_thread_waits_for_no_other(waiting: Site) -> None:
    async with aclosing(asked(waiting, None)) as one, aclosing(asked(waiting, None)) as other:
        assert await begun(one)
        assert await begun(other)


async def test_questions_of_one_thread_hold_one_place(waiting: Site) -> None:
    desk = waiting.desk
    mine, other = [await desk.house.conversations.new_thread("local", "") for _ in range(2)]
    async with AsyncExitStack() as closing:
        for number in range(desk.house.settings.serve.asks_at_once):
            one = await closing.enter_async_context(aclosing(asked(waiting, mine)))
            told = asyncio.create_task(begun(one))
            await asyncio.sleep(0)
            if not number:
                assert await told
            closing.push_async_callback(asyncio.wait, {told})
        assert await begun(await closing.enter_async_context(aclosing(asked(waiting, other))))
    lock = ref(desk.alone(uuid4().hex))
    assert lock() is None, "a lock stays only while somebody holds it"
