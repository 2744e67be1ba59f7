"""The demonstration from its files to its last answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from radcite.apps.demo.documents import set_documents
from radcite.apps.demo.material import make_images, shipped_files
from radcite.apps.demo.questions import QUESTIONS, DemoQuestion
from radcite.core.claims import Abstention, Answer
from radcite.core.frozen import Frozen

if TYPE_CHECKING:
    from radcite.core.settings import Settings
    from radcite.ingestion.report import IngestReport, Progress

__all__ = ["COLLECTION", "Answered", "demonstrate"]

COLLECTION = "demo"


class Answered(Frozen):
    """A question with its outcome, and the seconds since the demonstration began."""

    question: DemoQuestion
    outcome: Answer | Abstention
    seconds: float


async def demonstrate(
    settings: "Settings",
    folder: Path,
    tell_ingested: Callable[["IngestReport"], None],
    progress: "Progress | None" = None,
) -> AsyncGenerator[Answered]:
    """Make the files in `folder`, take them into the collection `demo`, and ask every question.

    Raises:
        RadciteError: As ingesting and asking.
    """
    started = perf_counter()
    from radcite.apps.asking import AskOptions, open_asker
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house:
        # So few files do not pay for a second worker's imports.
        # Drawn by formula, or a package's test files: nobody's name is in their pixels.
        known = settings.privacy.model_copy(update={"deidentified": (COLLECTION,)})
        ingest = replace(house.ingestor(jobs=1), privacy=known)
        setting = asyncio.create_task(set_documents(folder / "library", ingest.pool))
        images = await asyncio.to_thread(make_images, folder)
        paths = [*await setting, *images, *shipped_files()]
        tell_ingested(await ingest(paths, COLLECTION, progress))
        async with open_asker(house) as ask:
            for question in QUESTIONS:
                images = (folder / "questions" / question.image,) if question.image else ()
                outcome = await ask(
                    AskOptions(text=question.text, images=images, collection=COLLECTION)
                )
                yield Answered(question=question, outcome=outcome, seconds=perf_counter() - started)
