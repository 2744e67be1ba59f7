"""Where each file of a run stands, noted in the ledger a few at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from radcite.core.errors import RadciteError
from radcite.core.ledger import FileRecord, Ledger

__all__ = ["FileStates"]

_GROUP = 128


@dataclass(slots=True)
class FileStates:
    """The files of a run that are under way, and the last state of those that are not.

    What is noted may be lost with the process: a file whose state is not `indexed` is read again.
    """

    collection: str
    ledger: Ledger
    _under_way: dict[str, FileRecord] = field(default_factory=dict[str, FileRecord])
    _noted: dict[str, FileRecord] = field(default_factory=dict[str, FileRecord])
    _settled: set[str] = field(default_factory=set[str])

    async def note(self, record: FileRecord) -> None:
        """Note how far a file came; nothing is said of one that was settled."""
        if record.key in self._settled:
            return
        self._under_way[record.key] = self._noted[record.key] = record
        if len(self._noted) >= _GROUP:
            await self.ledger.put_files(self.collection, self.waiting())

    def waiting(self) -> list[FileRecord]:
        """What was noted and is not written yet; the caller writes it."""
        waiting = list(self._noted.values())
        self._noted.clear()
        return waiting

    async def settle(self, records: Sequence[FileRecord]) -> None:
        """Write the last states of files."""
        for record in records:
            self._settled.add(record.key)
            self._noted.pop(record.key, None)
            self._under_way.pop(record.key, None)
        if records:
            await self.ledger.put_files(self.collection, records)

    async def fail(self, error: RadciteError) -> None:
        """Write that the files under way were not done, and why; their kinds stay known."""
        failed = [
            record.model_copy(
                update={"state": "failed", "code": error.code, "message": error.detail}
            )
            for record in self._under_way.values()
        ]
        await self.settle(failed)
