"""Who was shown what lately, so that a stack of frames is one event of the audit record and not hundreds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

__all__ = ["Seen"]

_HOUR = 3600.0


@dataclass(slots=True)
class Seen:
    """Looks of the last hour; older ones are let go of, so that a second look another day is told.

    Args:
        now: Seconds of a clock that never goes back.
    """

    now: Callable[[], float] = monotonic
    _looks: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])

    def lately(self, user: str, what: str) -> bool:
        """Whether this user was shown it within the hour."""
        at = self._looks.get((user, what))
        return at is not None and self.now() - at < _HOUR

    def add(self, user: str, what: str) -> None:
        """Keep that this user is shown it now."""
        now = self.now()
        # They stand in the order of their times.
        self._looks.pop((user, what), None)
        self._looks[user, what] = now
        while now - self._looks[oldest := next(iter(self._looks))] >= _HOUR:
            del self._looks[oldest]

    def __len__(self) -> int:
        """How many looks are kept."""
        return len(self._looks)
