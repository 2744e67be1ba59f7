import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from radcite.core.errors import RadciteError
from radcite.training.curves import best_figure, read_figures, write_curves
from radcite.training.trackers import TensorBoardTracker, WandbTracker, open_tracker
from tests.contracts.tracker import Noted, TrackerContract


def noted(folder: Path) -> None:
    tracker = open_tracker(folder)
    for step, loss in ((1, 0.9), (2, 0.4), (2, 0.5)):
        tracker.log(step, {"loss": loss, "a < b": 1.0})
    tracker.close()


def test_figures_are_read_back_and_the_best_is_found(tmp_path: Path) -> None:
    noted(tmp_path)
    assert read_figures(tmp_path)["loss"] == [(1, 0.9), (2, 0.5)]
    assert best_figure(tmp_path, "loss") == 0.9
    assert best_figure(tmp_path, "loss", lowest=True) == 0.5
    assert best_figure(tmp_path, "none") is None
    assert read_figures(tmp_path / "nowhere") == {}


def test_curves_are_a_picture_with_a_panel_for_each_figure(tmp_path: Path) -> None:
    from xml.etree import ElementTree as ET

    noted(tmp_path)
    drawn = ET.fromstring(write_curves(tmp_path).read_text("utf-8"))  # noqa: S314 - ours
    lines = [each for each in drawn if each.tag.endswith("polyline")]
    assert len(lines) == 2
    assert [each.text for each in drawn if each.get("font-weight")] == ["loss", "a < b"]


def test_a_tracker_that_is_not_installed_names_the_extra(tmp_path: Path) -> None:
    if importlib.util.find_spec("wandb") is not None:
        pytest.skip("wandb is there")
    with pytest.raises(RadciteError, match=r"MISSING_EXTRA.*wandb"):
        open_tracker(tmp_path, ["wandb"])


@pytest.mark.extras
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(importlib.util.find_spec("tensorboard") is None, reason="no tensorboard")
class TestTensorBoard(TrackerContract):
    @pytest.fixture
    def tracker(self, tmp_path: Path) -> TensorBoardTracker:
        return TensorBoardTracker(tmp_path)

    @pytest.fixture
    def noted(self, tmp_path: Path) -> Callable[[], Noted]:
        def read() -> Noted:
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

            events = EventAccumulator(str(tmp_path))
            events.Reload()
            steps: dict[int, dict[str, float]] = {}
            for name in events.Tags()["scalars"]:
                for event in events.Scalars(name):
                    steps.setdefault(event.step, {})[name] = pytest.approx(event.value)
            return list(steps.items())

        return read


@pytest.mark.extras
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(importlib.util.find_spec("wandb") is None, reason="no wandb")
def test_a_wandb_run_stays_in_the_folder(tmp_path: Path) -> None:
    tracker = WandbTracker(tmp_path, "run")
    tracker.log(1, {"loss": 0.5})
    tracker.close()
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))


@pytest.mark.extras
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(importlib.util.find_spec("optuna") is None, reason="no optuna")
def test_a_search_finds_the_better_rate_and_goes_on_where_it_was(tmp_path: Path) -> None:
    from dataclasses import dataclass

    from radcite.training.hpo import Knob, Search, best_plan

    @dataclass(frozen=True)
    class Plan:
        learning_rate: float = 1.0
        rank: int = 4

    runs: list[Plan] = []

    def run(plan: Plan, folder: Path) -> None:
        runs.append(plan)
        open_tracker(folder).log(1, {"gain": -abs(plan.learning_rate - 0.3)})

    knobs = (Knob("learning_rate", 0.1, 1.0, log=True), Knob("rank", 2, 8, whole=True))
    first = best_plan(Plan(), Search(4, knobs, "gain"), run, tmp_path, tell=lambda _: None)
    assert first in runs
    assert abs(first.learning_rate - 0.3) == min(abs(one.learning_rate - 0.3) for one in runs)
    best_plan(Plan(), Search(6, knobs, "gain"), run, tmp_path, tell=lambda _: None)
    assert len(runs) == 6
    assert isinstance(first.rank, int)
    with pytest.raises(RadciteError, match="a trial noted no other"):
        best_plan(Plan(), Search(1, knobs, "other"), run, tmp_path / "b", tell=lambda _: None)
    assert json.loads((tmp_path / "trial-0" / "figures.jsonl").read_text())["step"] == 1
