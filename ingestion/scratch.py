"""A folder for files on their way in."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["scratch_folder"]


@asynccontextmanager
async def scratch_folder() -> AsyncGenerator[Path]:
    """A temporary folder, removed with all it holds when the context ends; a large one holds nobody else up."""
    folder = await asyncio.to_thread(TemporaryDirectory[str], prefix="radcite-")
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)
