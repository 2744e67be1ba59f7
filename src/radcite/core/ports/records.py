"""Where figures of a training and events of the audit are written."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from radcite.core.audit import AuditEntry, AuditEvent, AuditVerdict, Checkpoint

__all__ = ["AuditLog", "Tracker"]


class Tracker(Protocol):
    """Where a training run's figures go."""

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Note figures of a step; a step may be noted more than once."""
        ...

    def close(self) -> None:
        """Finish; nothing is lost when it is not called."""
        ...


class AuditLog(Protocol):
    """The record of what was done: it only grows, and tells when it was tampered with."""

    async def record(self, event: AuditEvent) -> Checkpoint:
        """Append an event; it is durable, linked and signed once this returns.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`; nothing may be shown then.
        """
        ...

    async def probe(self) -> None:
        """Whether an event could be recorded now; nothing is.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`.
        """
        ...

    def entries(self, start: int = 1) -> AsyncIterator[AuditEntry]:
        """The events from a number on, in order.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`, also at an event that was altered.
        """
        ...

    async def verify(self, kept: Checkpoint | None = None) -> AuditVerdict:
        """Read the whole record and tell what is wrong with it.

        Args:
            kept: A checkpoint that was kept elsewhere and must still hold.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE` when the key cannot be read.
        """
        ...

    async def close(self) -> None:
        """Close the record."""
        ...
