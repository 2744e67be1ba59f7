import shutil
from pathlib import Path

from radcite.core.errors import RadciteError

__all__ = ["HEADROOM_BYTES", "require_headroom"]

HEADROOM_BYTES = 256 * 1024 * 1024


def require_headroom(folder: Path, needed_bytes: int = 0) -> None:
    """Refuse to write when the disk is nearly full: the index engine does not survive a full disk.

    Raises:
        RadciteError: `STORAGE_LOW`.
    """
    free = shutil.disk_usage(folder).free
    if free < HEADROOM_BYTES + needed_bytes:
        mib, floor = free >> 20, (HEADROOM_BYTES + needed_bytes) >> 20
        raise RadciteError(
            "STORAGE_LOW",
            f"{mib} MiB free, {floor} MiB needed",
            f"剩余 {mib} MiB，需要 {floor} MiB",
        )
