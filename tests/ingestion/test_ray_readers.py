"""Files read on a real Ray cluster of two worker nodes on this machine. `make test-extras`."""

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits
from radcite.ingestion.ray_readers import RayReaders
from tests.ingestion.ray_child import (
    kills_its_worker_always,
    kills_its_worker_once,
    refuses,
    takes_too_long,
)
from tests.ingestion.studio import Studio, open_studio, write_everything

pytestmark = [
    pytest.mark.extras,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="no ray"),
    # Ray's own: deprecations at import, sockets of its daemons.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without processors, and two nodes with one each."""
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1, object_store_memory=80 << 20)
    yield made
    ray.shutdown()
    made.shutdown()
    del os.environ["PYTHONPATH"]


async def _contents(studio: Studio) -> tuple[object, ...]:
    ledger = studio.ledger
    await ledger.acknowledge("default", [], 0)
    points, _, _ = await ledger.pending("default", 1_000)
    return (
        sorted((point.id, point.owner, point.kind) for point in points),
        await ledger.counts("default"),
        await ledger.count_files("default"),
        await studio.index.count("default"),
    )


async def test_two_nodes_give_what_one_machine_gives(cluster: Any, tmp_path: Path) -> None:
    folder = write_everything(tmp_path / "in")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    async with open_studio(tmp_path / "local") as studio:
        local = await studio.take(folder)
        wanted = await _contents(studio)
    async with open_studio(tmp_path / "ray") as studio:
        readers = RayReaders(cluster.address, jobs=2)
        report = await replace(studio.ingestor, pool=readers)([folder], "default")
        await readers.close()
        assert report.model_copy(update={"seconds": 0}) == local.model_copy(update={"seconds": 0})
        assert await _contents(studio) == wanted


async def test_a_worker_killed_in_the_middle_costs_a_retry_and_no_document(
    cluster: Any, tmp_path: Path
) -> None:
    file, mark = tmp_path / "file.txt", tmp_path / "mark"
    file.write_text(str(mark))
    readers = RayReaders(cluster.address, jobs=2)
    assert await readers.run(kills_its_worker_once, file) == "read"
    assert mark.exists()
    with pytest.raises(RadciteError, match="PARSER_CRASH"):
        await readers.run(kills_its_worker_always, file)
    await readers.close()


async def test_refusals_and_limits_keep_their_codes(cluster: Any, tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    file.write_text("words")
    readers = RayReaders(cluster.address, Limits(wall_seconds=3, file_bytes=5), jobs=1)
    with pytest.raises(RadciteError, match="IMAGE_DECODE") as refused:
        await readers.run(refuses, file)
    assert refused.value.detail_zh == "不是图像"
    with pytest.raises(RadciteError, match="PARSER_TIMEOUT"):
        await readers.run(takes_too_long, file)
    file.write_text("too long")
    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        await readers.run(refuses, file)
    await readers.close()
