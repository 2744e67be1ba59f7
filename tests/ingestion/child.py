"""An ingest of its own process, to be killed."""

import asyncio
import sys
from pathlib import Path

from tests.ingestion.studio import open_studio


async def main(home: Path, folder: Path) -> None:
    async with open_studio(home) as studio:
        print("started", flush=True)  # noqa: T201 - the parent waits for it
        await studio.take(folder)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
