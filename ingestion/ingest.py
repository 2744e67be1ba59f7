"""Files to sources: each is found, known or read in a worker, taken, and noted in the ledger."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from radcite.core.errors import RadciteError
from radcite.ingestion.discovery import FoundFile, find_files, without_listed
from radcite.ingestion.instances import Instances
from radcite.ingestion.parts import IngestParts
from radcite.ingestion.report import IngestReport, Progress
from radcite.ingestion.run import Run

__all__ = ["Ingestor"]


@dataclass(frozen=True, slots=True)
class Ingestor(IngestParts):
    """Takes files into a collection."""

    async def __call__(
        self, paths: Sequence[Path], collection: str, progress: Progress | None = None
    ) -> IngestReport:
        """Read the files and the files of the folders; every file is taken, skipped or quarantined.

        May be killed at any point: a second call finishes the work with nothing lost and nothing twice.

        Raises:
            RadciteError: `NOT_FOUND`, `INDEX_MODEL_MISMATCH`, `STORAGE_LOW`, `EMBEDDING_INVALID`.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        return await self.take(list(find_files(paths)), collection, progress)

    async def take(
        self, files: Sequence[FoundFile], collection: str, progress: Progress | None = None
    ) -> IngestReport:
        """Read these very files, spoken of by the names they come with. Raises as a call does."""
        async with self.turn():
            return await self._take(files, collection, progress)

    async def _take(
        self, files: Sequence[FoundFile], collection: str, progress: Progress | None
    ) -> IngestReport:
        started = perf_counter()
        writer = await self.writer(collection)
        run = Run(self, collection, writer, Instances(collection, self.ledger))
        try:
            await run.take(await asyncio.to_thread(without_listed, files), progress)
            await run.finish()
        except RadciteError as error:
            # The ledger itself may be what does not answer.
            with suppress(RadciteError):
                await writer.states.fail(error)
            raise
        optimized = await self._optimized(collection) if writer.written else None
        return run.tally.report(perf_counter() - started, optimized)

    async def _optimized(self, collection: str) -> float | None:
        if await self.index.count(collection) <= self.optimize_above:
            return None
        started = perf_counter()
        await self.index.optimize(collection)
        return perf_counter() - started
