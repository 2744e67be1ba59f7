"""What a batch on a cluster notes, and says when the cluster has no room; no Ray is needed to be told."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from radcite.apps.batching import ray_asker
from radcite.core.errors import RadciteError
from radcite.core.settings import Settings
from tests.postgres import fresh_database


class _OutOfDiskError(Exception):
    """As Ray raises it where its temporary folder is nearly full."""


class _ActorHere:
    """A Ray actor in this process."""

    def __init__(self, body: object) -> None:
        self._body = body

    def __getattr__(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(remote=getattr(self._body, name))


class _ClusterHere:
    """Ray's own calls, with two processors and all actors in this process."""

    exceptions = SimpleNamespace(OutOfDiskError=_OutOfDiskError, RayError=_OutOfDiskError)

    def is_initialized(self) -> bool:
        return True

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def put(self, content: bytes) -> bytes:
        return content

    def kill(self, _: _ActorHere) -> None:
        pass

    def remote(self, body: Callable[..., object]) -> SimpleNamespace:
        def made(*given: object) -> _ActorHere:
            return _ActorHere(body(*given))

        def options(**_: object) -> SimpleNamespace:
            return SimpleNamespace(remote=made)

        return SimpleNamespace(options=options)


def test_answers_of_a_cluster_are_on_a_shared_record_once_and_by_the_started_process_alone(
    postgres: str, run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"id": "effusion", "text": "About 200 mL of pleural fluid blunts the angle."}]
    (tmp_path / "passages.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    rows = [{"id": f"{n}", "question": f"How much pleural fluid, {n}?"} for n in range(4)]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    run("ingest", "passages.jsonl")
    monkeypatch.setenv("RADCITE_STATE__URL", fresh_database(postgres))
    run("state", "move")

    def noted() -> list[str]:
        return [
            json.loads(line)["event"]["action"]
            for line in run("audit", "export").stdout.split("\n")
            if line
        ]

    before = noted()
    monkeypatch.setitem(sys.modules, "ray", cast("ModuleType", _ClusterHere()))
    run("batch", "questions.jsonl", "-o", "out.jsonl", "--executor", "ray")
    assert noted()[len(before) :].count("answer") == len(rows)
    assert json.loads(run("audit", "verify", "--json").stdout)["faults"] == []


def test_a_cluster_without_room_for_the_copy_is_told_apart(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(_ClusterHere):
        def put(self, content: bytes) -> bytes:
            raise _OutOfDiskError

    (tmp_path / "note.md").write_text("A nodule that grows is followed up with CT.", "utf-8")
    run("ingest", "note.md")
    monkeypatch.setitem(sys.modules, "ray", cast("ModuleType", Full()))
    with pytest.raises(RadciteError, match="STORAGE_LOW") as caught:
        ray_asker.RayAskers(None, Settings(home=tmp_path / "home"))
    assert "磁盘" in caught.value.detail_zh
