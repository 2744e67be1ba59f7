"""A served house in this process: no socket, no worker but the parsers'."""

import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from radcite.apps.web.app import create_app
from radcite.apps.web.desk import Desk

PASSWORD = "-".join(("long", "enough", "for", "argon"))


@dataclass(frozen=True)
class Site:
    """A desk, its application, and an image to ask about."""

    desk: Desk
    image: Path

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A browser at this machine."""
        # An unforeseen failure reaches the client as a problem, as it would over a socket.
        transport = httpx.ASGITransport(create_app(self.desk), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", **options)

    @asynccontextmanager
    async def signed_in(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        """A browser in which this user signed in."""
        async with self.client() as client:
            told = await client.post("/api/session", json={"name": name, "password": PASSWORD})
            client.headers["x-csrf-token"] = told.json()["csrf"]
            yield client


def copied(home: Path, target: Path) -> Path:
    """A home with the collection of another, without its users and what they asked."""
    kept_out = shutil.ignore_patterns(
        "*.sock", "accounts*", "audit*", "conversations*", "reviews*", "threads*"
    )
    return Path(shutil.copytree(home, target, ignore=kept_out))


def events(response: httpx.Response) -> list[tuple[str, Mapping[str, Any]]]:
    """The events of a stream, in order."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for block in response.text.split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if not line.startswith(":")
        )
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def _content(path: Path) -> bytes:
    return path.read_bytes()


async def sent_study(client: httpx.AsyncClient, image: Path) -> Mapping[str, Any]:
    """The record of a study that was sent in."""
    files = [("files", ("asked.dcm", _content(image)))]
    name, data = events(await client.post("/api/studies", files=files))[-1]
    assert name == "study", data
    return data["study"]
