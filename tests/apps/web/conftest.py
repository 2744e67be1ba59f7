"""A served house in this process: no socket, no worker but the parsers'."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from radcite.apps.configuration import load_settings
from radcite.apps.demo.dicom import write_image
from radcite.apps.demo.documents import set_documents
from radcite.apps.demo.material import make_images
from radcite.apps.web.app import open_desk
from radcite.apps.wiring import open_house
from radcite.core.accounts import User
from tests.apps.web.scene import PASSWORD, Site

# LangGraph reads it once, at import, whichever test imports it first.
os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"


@pytest.fixture(scope="session")
def collection_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demonstration's collection."""
    home = tmp_path_factory.mktemp("served")

    async def fill() -> None:
        async with open_house(load_settings({"home": home})) as house:
            ingest = house.ingestor(jobs=1)
            library = await set_documents(home / "demo" / "library", ingest.pool)
            images = make_images(home / "demo")
            await ingest([*library, *images], "default")

    asyncio.run(fill())
    return home


@pytest.fixture
async def site(collection_home: Path, tmp_path: Path) -> AsyncIterator[Site]:
    """The service as it is on loopback without users."""
    async for made in _site(collection_home, tmp_path, guarded=False):
        yield made


@pytest.fixture
async def guarded(collection_home: Path, tmp_path: Path) -> AsyncIterator[Site]:
    """The service with users: ann and bob read, sue signs, adam administers, kim sees one collection."""
    async for made in _site(collection_home, tmp_path, guarded=True):
        accounts = made.desk.house.accounts
        for name, role in (
            ("ann", "reader"),
            ("bob", "reader"),
            ("sue", "signer"),
            ("adam", "admin"),
        ):
            await accounts.add(User.model_validate({"name": name, "role": role}), PASSWORD)
        await accounts.add(User(name="kim", role="reader", collections=("other",)), PASSWORD)
        yield made


async def _site(home: Path, tmp_path: Path, *, guarded: bool) -> AsyncIterator[Site]:
    _emptied(home)
    image = write_image(tmp_path / "asked.dcm", "asked", "chest", "effusion", "left", 977)
    async with AsyncExitStack() as closing:
        house = await closing.enter_async_context(open_house(load_settings({"home": home})))
        desk = await closing.enter_async_context(open_desk(house, guarded=guarded))
        yield Site(desk, image)


def _emptied(home: Path) -> None:
    for name in ("accounts", "audit", "conversations", "reviews", "threads"):
        for path in home.glob(f"{name}.*"):
            path.unlink()
