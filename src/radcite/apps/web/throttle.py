"""How often and how many at once: a bucket for each user, and a line for the agent."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from time import monotonic

from radcite.core.errors import RadciteError

__all__ = ["Line", "Throttle"]

_MOST_KEYS = 10_000


@dataclass(slots=True)
class Throttle:
    """At most `per_minute` of something for each key, in bursts up to a quarter of a minute's worth."""

    per_minute: int
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def take(self, key: str) -> None:
        """Count one.

        Raises:
            RadciteError: `RATE_LIMITED`.
        """
        most = max(1.0, self.per_minute / 4)
        now = monotonic()
        left, since = self._buckets.get(key, (most, now))
        left = min(most, left + (now - since) * self.per_minute / 60)
        if left < 1:
            raise RadciteError(
                "RATE_LIMITED",
                f"more than {self.per_minute} a minute",
                f"每分钟超过 {self.per_minute} 次",
                retryable=True,
            )
        if len(self._buckets) >= _MOST_KEYS and key not in self._buckets:
            self._buckets.clear()
        self._buckets[key] = (left - 1, now)


class Line:
    """So many at once, so many waiting; whoever comes then is asked to come again.

    Args:
        at_once: How many run.
        waiting: How many wait.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self.inside = 0

    def check_room(self) -> None:
        """Refuse now what would find no place.

        Raises:
            RadciteError: As `place`.
        """
        if self.inside >= self._room:
            raise RadciteError("TIMEOUT", "too many are asking", "当前提问过多", retryable=True)

    @asynccontextmanager
    async def place(
        self, first: AbstractAsyncContextManager[object] | None = None
    ) -> AsyncGenerator[None]:
        """Wait for a slot and hold it; what is to be waited for `first` takes no slot from others.

        Raises:
            RadciteError: `TIMEOUT`, answered 503, when too many wait already.
        """
        self.check_room()
        self.inside += 1
        try:
            async with first or nullcontext(), self._slots:
                yield
        finally:
            self.inside -= 1
