"""What every `AuditLog` must do. A backend's test subclasses it and gives the log."""

import pytest

from radcite.core.audit import AuditEvent
from radcite.core.errors import DependencyDown
from radcite.core.ports import AuditLog

__all__ = ["AuditLogContract", "event"]


def event(number: int = 1, **told: object) -> AuditEvent:
    """An event like any other."""
    given = {
        "at": f"2026-01-02T03:04:{number % 60:02}.000+00:00",
        "action": "answer",
        "actor": "ann",
        "channel": "web",
        "software": "0.1.0",
        "question": f"{number:064x}",
        "trace": f"{number:032x}",
        **told,
    }
    return AuditEvent.model_validate(given)


class AuditLogContract:
    @pytest.fixture
    async def log(self) -> AuditLog:
        raise NotImplementedError

    @pytest.fixture
    async def broken(self) -> AuditLog:
        """A log whose store cannot be written."""
        raise NotImplementedError

    async def test_events_come_back_in_order_each_linked_to_the_one_before(
        self, log: AuditLog
    ) -> None:
        recorded = [event(number) for number in range(1, 6)]
        points = [await log.record(one) for one in recorded]
        entries = [entry async for entry in log.entries()]
        assert [entry.event for entry in entries] == recorded
        assert [entry.number for entry in entries] == [point.number for point in points]
        assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
        assert [entry.number async for entry in log.entries(4)] == [4, 5]

    async def test_an_untouched_record_is_intact_and_reaches_every_kept_checkpoint(
        self, log: AuditLog
    ) -> None:
        assert (await log.verify()).intact
        first = await log.record(event(1))
        last = await log.record(event(2))
        for kept in (None, first, last):
            verdict = await log.verify(kept)
            assert (verdict.intact, verdict.events, verdict.checkpoint) == (True, 2, last)

    async def test_a_kept_checkpoint_of_another_record_is_told(self, log: AuditLog) -> None:
        point = await log.record(event())
        other = point.model_copy(update={"hash": "0" * 64})
        assert not (await log.verify(other)).intact

    async def test_what_cannot_be_recorded_is_said(self, broken: AuditLog) -> None:
        with pytest.raises(DependencyDown, match="AUDIT_UNAVAILABLE"):
            await broken.record(event())
