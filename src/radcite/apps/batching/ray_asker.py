"""Questions of a batch answered by the nodes of a Ray cluster.

Each node's actors work on a copy of the data folder (what `radcite backup` writes, made before the batch begins), so
that no node needs the folder, and answers are those of one machine. Journal, output, budget and audit stay with the
process that was started: it alone notes who asked and what was answered. What an actor notes of itself goes into a
record of its own that ends with it, also where the house keeps its state in a database.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radcite.apps.asking import Asker, AskOptions, Hear, open_asker, question_of
from radcite.apps.configuration import home_of
from radcite.apps.upkeep.backup import back_up, restore
from radcite.apps.upkeep.index import after_restore
from radcite.apps.wiring import House, open_house
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.frozen import Frozen
from radcite.core.settings import Settings, StateSettings
from radcite.core.usage import Usage
from radcite.ingestion.ray_readers import connected

__all__ = ["RayAskers"]

_RETRIES = 2
_AT_ONCE = 4
_WITH_A_MODEL = 32


class _Image(Frozen):
    suffix: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Told:
    """What an actor gives back. Ray wraps what is raised, so an error comes as a value."""

    outcome: Answer | Abstention | RadciteError
    usage: Usage


class RayAskers:
    """The nodes' actors, one a processor.

    Args:
        address: Where the cluster answers (`host:port`, `ray://host:port`, `auto`); None starts one on this machine.
        settings: Of the house whose folder is copied; nothing may have it open yet.
        most: At most so many questions under way at once; None for as many as the actors take.

    Raises:
        RadciteError: `MISSING_EXTRA` without the extra `scale`; `CONFIG_INVALID` when no cluster answers;
            `STORAGE_LOW` where Ray has no room for the copy; as `back_up`.
    """

    def __init__(self, address: str | None, settings: Settings, most: int | None = None) -> None:
        self._ray = connected(address)
        each = _AT_ONCE if settings.llm is None else _WITH_A_MODEL
        processors = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        actors = min(processors, most or processors)
        self.jobs = min(most or actors * each, actors * each)
        try:
            archive = self._ray.put(_archive(settings))
        except self._ray.exceptions.OutOfDiskError as exc:
            raise RadciteError(
                "STORAGE_LOW", "Ray's temporary folder is nearly full", "Ray 的临时目录所在磁盘将满"
            ) from exc
        made = self._ray.remote(_Answerer).options(
            num_cpus=1, max_restarts=-1, max_task_retries=_RETRIES, max_concurrency=each
        )
        alone = settings.model_copy(update={"state": StateSettings()})
        self._actors = [made.remote(alone, archive) for _ in range(actors)]
        self._free: asyncio.Queue[Any] = asyncio.Queue()
        for actor in self._actors * each:
            self._free.put_nowait(actor)

    @asynccontextmanager
    async def asker(self, house: House) -> AsyncGenerator[Asker]:
        """Answers as `open_asker` does, elsewhere; `house` keeps the record. The actors end with it."""
        by = house.auditor()

        async def answer(options: AskOptions, hear: Hear | None = None, /) -> Answer | Abstention:
            async with by.guard("ask"):
                told = await self._asked(options)
                house.meter.add(told.usage)
                if isinstance(told.outcome, RadciteError):
                    raise told.outcome
                await by.answered(await question_of(house, options), told.outcome)
            return told.outcome

        try:
            yield answer
        finally:
            for actor in self._actors:
                await actor.close.remote()
                self._ray.kill(actor)

    async def _asked(self, options: AskOptions) -> _Told:
        images = [await asyncio.to_thread(_read, path) for path in options.images]
        bare = options.model_copy(update={"images": ()})
        actor = await self._free.get()
        try:
            return await actor.answer.remote(bare, images)
        except self._ray.exceptions.RayError as exc:
            raise DependencyDown(
                "RETRIEVAL_UNAVAILABLE",
                f"a node of the cluster died {_RETRIES + 1} times",
                f"集群节点 {_RETRIES + 1} 次意外终止",
            ) from exc
        finally:
            self._free.put_nowait(actor)


class _Answerer:
    """The body of an actor: a house of its own over the copied folder."""

    def __init__(self, settings: Settings, archive: bytes) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="radcite-"))
        copy = self._folder / "backup.tar"
        copy.write_bytes(archive)
        restore(copy, self._folder / "home")
        copy.unlink()
        # Head and key of a record that others go on with.
        for path in (self._folder / "home").glob("audit.*"):
            path.unlink()
        self._settings = settings.model_copy(update={"home": self._folder / "home"})
        self._opening = asyncio.Lock()
        self._closing = AsyncExitStack()
        self._opened: tuple[House, Asker] | None = None

    async def answer(self, options: AskOptions, images: Sequence[_Image]) -> _Told:
        house, ask = await self._house()
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        with house.meter.counting() as spent:
            try:
                paths = [_written(folder, place, image) for place, image in enumerate(images)]
                outcome = await ask(options.model_copy(update={"images": tuple(paths)}))
            except RadciteError as error:
                return _Told(error, spent.total)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return _Told(outcome, spent.total)

    async def close(self) -> None:
        await self._closing.aclose()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _house(self) -> tuple[House, Asker]:
        async with self._opening:
            if self._opened is None:
                house = await self._closing.enter_async_context(open_house(self._settings))
                await after_restore(house)
                ask = await self._closing.enter_async_context(open_asker(house, threads=False))
                self._opened = (house, ask)
            return self._opened


def _archive(settings: Settings) -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="radcite-"))
    try:
        back_up(home_of(settings), folder / "backup.tar")
        return (folder / "backup.tar").read_bytes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> _Image:
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    return _Image(suffix=path.suffix, content=path.read_bytes())


def _written(folder: Path, place: int, image: _Image) -> Path:
    path = folder / f"{place}{image.suffix}"
    path.write_bytes(image.content)
    return path
