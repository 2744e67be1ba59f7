"""What a batch on a cluster says when the cluster has no room; no Ray is needed to be told."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from radcite.apps.batching import ray_asker
from radcite.core.errors import RadciteError
from radcite.core.settings import Settings


class _OutOfDiskError(Exception):
    """As Ray raises it where its temporary folder is nearly full."""


def test_a_cluster_without_room_for_the_copy_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(_: bytes) -> None:
        raise _OutOfDiskError

    def archive(_: Settings) -> bytes:
        return b""

    ray = SimpleNamespace(
        cluster_resources=lambda: {"CPU": 2.0},
        put=put,
        exceptions=SimpleNamespace(OutOfDiskError=_OutOfDiskError),
    )

    def connected(_: str | None) -> SimpleNamespace:
        return ray

    monkeypatch.setattr(ray_asker, "connected", connected)
    monkeypatch.setattr(ray_asker, "_archive", archive)
    with pytest.raises(RadciteError, match="STORAGE_LOW") as caught:
        ray_asker.RayAskers(None, Settings(home=tmp_path))
    assert "磁盘" in caught.value.detail_zh
