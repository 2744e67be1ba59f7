"""Who owns a data folder, and whose turn it is to change what is stored there."""

import asyncio
import fcntl
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path

from radcite.core.errors import RadciteError

__all__ = ["LOCKS", "hold_home", "hold_turn", "turn_to_write"]

LOCKS = frozenset({"lock", "writing"})
"""Their files, which hold nothing."""

_PATIENCE_SECONDS = 600.0
_PAUSE_SECONDS = 0.05
_turns: ContextVar[frozenset[Path]] = ContextVar("_turns", default=frozenset())


@contextmanager
def hold_home(home: Path) -> Generator[None]:
    """Own a data folder for as long as the block runs; the kernel frees it if the process dies.

    Raises:
        RadciteError: `HOME_LOCKED` when another process owns it.
    """
    with _locked(home, "lock", "the data folder is in use", "数据目录正在使用中"):
        yield


@contextmanager
def hold_turn(home: Path) -> Generator[None]:
    """Be alone in adding to and removing from a data folder, which another process may own and read.

    Raises:
        RadciteError: `HOME_LOCKED` while another run does so.
    """
    with _locked(home, "writing", "another run is writing to it", "另一任务正在写入"):
        yield


@asynccontextmanager
async def turn_to_write(home: Path) -> AsyncGenerator[None]:
    """The same once those before are done; within a turn it is taken for granted.

    Raises:
        RadciteError: `HOME_LOCKED` after ten minutes.
    """
    if home in _turns.get():
        yield
        return
    with ExitStack() as held:
        left = _PATIENCE_SECONDS
        while True:
            try:
                held.enter_context(hold_turn(home))
                break
            except RadciteError:
                if left <= 0:
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)
            left -= _PAUSE_SECONDS
        token = _turns.set(_turns.get() | {home})
        try:
            yield
        finally:
            _turns.reset(token)


@contextmanager
def _locked(home: Path, name: str, why: str, why_zh: str) -> Generator[None]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RadciteError("HOME_LOCKED", why, why_zh) from None
        yield
