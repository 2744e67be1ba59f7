"""What the agent remembers of its threads, for those who remove it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.strictness import remember_strictly
from radcite.core.traces import Remembered, Traces, mentions

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

from radcite.apps.wiring import House

__all__ = ["drop_remembered", "remembered", "remembered_before"]


async def remembered(house: "House", traces: Traces) -> Remembered:
    """The threads that speak of something, whoever asked, and the images that they alone ask about."""
    async with _checkpoints(house) as saver:
        if saver is None:
            return Remembered()
        from radcite.agent.checkpoints import find_threads

        return await find_threads(saver, lambda states: mentions(states, traces))


async def remembered_before(house: "House", time: str) -> tuple[str, ...]:
    """The threads whose last turn was before a time (UTC, ISO 8601)."""
    async with _checkpoints(house) as saver:
        if saver is None:
            return ()
        from radcite.agent.checkpoints import threads_before

        return await threads_before(saver, time)


async def drop_remembered(house: "House", threads: Sequence[str]) -> None:
    """Remove what the agent remembers of these threads."""
    async with _checkpoints(house) as saver:
        if saver is not None:
            from radcite.agent.checkpoints import drop_threads

            await drop_threads(saver, threads)


@asynccontextmanager
async def _checkpoints(house: "House") -> "AsyncGenerator[BaseCheckpointSaver[str] | None]":
    path = house.threads
    if isinstance(path, Path) and not path.exists():
        yield None
        return
    remember_strictly()
    from radcite.agent.checkpoints import open_checkpoints

    async with open_checkpoints(path) as saver:
        yield saver
