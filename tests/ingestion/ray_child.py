"""Readers for the tests of the Ray executor; importable by its workers."""

import os
import signal
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits

__all__ = ["kills_its_worker_always", "kills_its_worker_once", "refuses", "takes_too_long"]


def kills_its_worker_once(path: Path, limits: Limits) -> str:
    """The first call, told by a file that the content names, takes the actor with it."""
    mark = Path(path.read_text("utf-8"))
    if not mark.exists():
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    return "read"


def kills_its_worker_always(path: Path, limits: Limits) -> str:
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
    return "never"


def refuses(path: Path, limits: Limits) -> str:
    raise RadciteError("IMAGE_DECODE", "no picture", "不是图像")


def takes_too_long(path: Path, limits: Limits) -> str:
    signal.pause()
    return "never"
