"""What is being answered, so that whoever asked can stop it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager

__all__ = ["Stopped", "Work"]


class Stopped(Exception):
    """The work was stopped by whoever asked for it."""


class Work:
    """The tasks that answer questions, by user and thread."""

    def __init__(self) -> None:
        self._tasks: defaultdict[tuple[str, str | None], set[asyncio.Task[None]]] = defaultdict(set)

    @asynccontextmanager
    async def of(
        self, user: str, thread: str | None, work: Coroutine[None, None, None]
    ) -> AsyncGenerator[asyncio.Task[None]]:
        """The work as a task; it ends with the context at the latest, also where a client has gone away."""
        task = asyncio.create_task(work)
        key = (user, thread)
        self._tasks[key].add(task)
        try:
            yield task
        finally:
            task.cancel()
            self._tasks[key].discard(task)
            if not self._tasks[key]:
                del self._tasks[key]

    def stop(self, user: str, thread: str) -> int:
        """Cancel what is being answered in a thread of this user, also what still waits in line; how many."""
        found = self._tasks.get((user, thread), set())
        return sum(task.cancel() for task in found)
