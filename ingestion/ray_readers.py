"""Files read by the nodes of a Ray cluster, in the same killable child processes as on one machine.

Each reader is an actor with one child process of its own, so a hostile file ends as it does locally. An actor
that dies, with its node or by itself, is started again elsewhere and asked once more. A file's bytes travel to
the node: it need not see the folder.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits
from radcite.ingestion.worker import ParserPool, check_size

__all__ = ["RayReaders", "connected"]

T = TypeVar("T")
_RETRIES = 2


class RayReaders:
    """`Readers` on a Ray cluster.

    Args:
        address: Where the cluster answers (`host:port`, `ray://host:port`, `auto`); None takes the one this process
            is connected to, or starts one on this machine.
        limits: What each file may cost.
        jobs: How many files are read at once.

    Raises:
        RadciteError: `MISSING_EXTRA` without the extra `scale`; `CONFIG_INVALID` when no cluster answers.
    """

    def __init__(self, address: str | None, limits: Limits | None = None, *, jobs: int = 2) -> None:
        self.limits = limits or Limits()
        self._ray = connected(address)
        reader = self._ray.remote(_Reader).options(
            num_cpus=1, max_restarts=-1, max_task_retries=_RETRIES
        )
        self._idle: asyncio.Queue[Any] = asyncio.Queue()
        self._readers = [reader.remote(self.limits) for _ in range(jobs)]
        for each in self._readers:
            self._idle.put_nowait(each)

    async def run(self, read: Callable[[Path, Limits], T], path: Path) -> T:
        """What `read(path, limits)` returns on some node. Raises as `ParserPool.run`."""
        check_size(path, self.limits)
        content = await asyncio.to_thread(path.read_bytes)
        reader = await self._idle.get()
        try:
            value = await reader.read.remote(read, path.suffix, content)
        except self._ray.exceptions.RayError as exc:
            raise RadciteError(
                "PARSER_CRASH",
                f"the worker died {_RETRIES + 1} times",
                f"工作进程 {_RETRIES + 1} 次意外终止",
            ) from exc
        finally:
            self._idle.put_nowait(reader)
        if isinstance(value, RadciteError):
            raise value
        return cast("T", value)

    async def close(self) -> None:
        """End the readers; the cluster stays as it is."""
        for each in self._readers:
            self._ray.kill(each)
        self._readers.clear()


class _Reader:
    """The body of an actor."""

    def __init__(self, limits: Limits) -> None:
        self._pool = ParserPool(limits, jobs=1)

    async def read(
        self, read: Callable[[Path, Limits], object], suffix: str, content: bytes
    ) -> object:
        folder = Path(await asyncio.to_thread(partial(tempfile.mkdtemp, prefix="radcite-")))
        try:
            path = folder / f"file{suffix}"
            await asyncio.to_thread(path.write_bytes, content)
            return await self._pool.run(read, path)
        except RadciteError as error:
            # Ray wraps what is raised; a value comes as it is.
            return error
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def connected(address: str | None) -> Any:
    """Ray, connected to a cluster.

    Raises:
        RadciteError: `MISSING_EXTRA` without the extra `scale`; `CONFIG_INVALID` when no cluster answers.
    """
    try:
        import ray  # pyright: ignore[reportMissingImports] - an extra
    except ImportError as exc:
        raise RadciteError("MISSING_EXTRA", "scale") from exc
    if not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False, configure_logging=False)
        except (ConnectionError, RuntimeError, ValueError) as exc:
            raise RadciteError(
                "CONFIG_INVALID",
                f"no Ray cluster answers at {address}",
                f"{address} 无 Ray 集群应答",
            ) from exc
    return ray
