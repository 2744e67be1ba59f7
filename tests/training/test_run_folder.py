import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from radcite.core.errors import RadciteError
from radcite.training.run_folder import (
    EarlyStopping,
    JsonlTracker,
    load_checkpoint,
    save_checkpoint,
)
from tests.contracts.tracker import Noted, TrackerContract


def read(path: Path) -> Noted:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [(line.pop("step"), line) for line in lines]


class TestJsonlTracker(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path: Path) -> JsonlTracker:
        return JsonlTracker(tmp_path / "run" / "figures.jsonl")

    @pytest.fixture
    def noted(self, tmp_path: Path) -> Callable[[], Noted]:
        return lambda: read(tmp_path / "run" / "figures.jsonl")


def test_a_resumed_run_goes_on_in_the_same_file(tmp_path: Path) -> None:
    for step in (1, 2):
        tracker = JsonlTracker(tmp_path / "figures.jsonl")
        tracker.log(step, {"loss": 1.0})
        tracker.close()
    assert [step for step, _ in read(tmp_path / "figures.jsonl")] == [1, 2]


def test_training_stops_after_rounds_without_gain() -> None:
    stop = EarlyStopping(patience=2)
    assert [stop(figure) for figure in (0.5, 0.6, 0.6, 0.7, 0.7, 0.6)] == [
        False,
        False,
        False,
        False,
        False,
        True,
    ]
    assert stop.best == 0.7


def test_without_patience_training_never_stops() -> None:
    stop = EarlyStopping(patience=0)
    assert not any(stop(0.1) for _ in range(10))


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="no torch")
class TestCheckpoints:
    def test_a_state_comes_back_as_it_was_saved(self, tmp_path: Path) -> None:
        save_checkpoint(tmp_path / "state.pt", {"recipe": "a", "step": 7})
        assert load_checkpoint(tmp_path / "state.pt", "a") == {"recipe": "a", "step": 7}
        assert load_checkpoint(tmp_path / "none.pt", "a") is None

    def test_another_plan_and_a_damaged_file_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "state.pt"
        save_checkpoint(path, {"recipe": "a"})
        with pytest.raises(RadciteError, match="another plan"):
            load_checkpoint(path, "b")
        path.write_bytes(path.read_bytes()[:40])
        with pytest.raises(RadciteError, match="not a checkpoint"):
            load_checkpoint(path, "a")
