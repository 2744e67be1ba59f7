import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from radcite.core.errors import RadciteError

__all__ = ["hold_home"]


@contextmanager
def hold_home(home: Path) -> Generator[None]:
    """Own a data folder for as long as the block runs; the kernel frees it if the process dies.

    Raises:
        RadciteError: `HOME_LOCKED` when another process owns it.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RadciteError(
                "HOME_LOCKED", "the data folder is in use", "数据目录正在使用中"
            ) from None
        yield
