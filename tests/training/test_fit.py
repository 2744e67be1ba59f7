"""The loop that networks are trained in. `make test-extras`."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest

from radcite.training.run_folder import BEST, CHECKPOINT, JsonlTracker, clear_run

pytestmark = [
    pytest.mark.extras,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="no torch"),
]


class Killed(Exception):
    pass


def taught(folder: Path, figures: Sequence[float], patience: int) -> tuple[list[int], float]:
    """Which rounds were taught, and of which one the weights are: each round sets them to its number."""
    import torch

    from radcite.training.fit import rounds
    from radcite.training.torch_run import Learner, Run

    model = torch.nn.Linear(1, 1, bias=False)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimiser)
    seen: list[int] = []

    def teach(number: int) -> dict[str, float]:
        seen.append(number)
        torch.nn.init.constant_(model.weight, float(number))
        return {"loss": 1.0}

    def measure() -> float:
        if seen[-1] == len(figures):
            raise Killed
        return figures[seen[-1]]

    run = Run(folder, "plan", JsonlTracker(folder / "figures.jsonl"), measure)
    try:
        rounds(Learner(model, optimiser, schedule), 10, teach, run, patience=patience)
    except Killed:
        return seen, -1.0
    return seen, float(model.weight.item())


def test_a_run_that_stops_ends_with_the_weights_of_its_best_round(tmp_path: Path) -> None:
    assert taught(tmp_path, (0.5, 0.9, 0.4, 0.3), 2) == ([0, 1, 2, 3], 1.0)


def test_a_run_that_had_stopped_does_not_go_on_and_gives_the_same_weights(tmp_path: Path) -> None:
    taught(tmp_path, (0.5, 0.9, 0.4, 0.3), 2)
    assert taught(tmp_path, (), 2) == ([], 1.0)


def test_a_killed_run_still_knows_its_best_round(tmp_path: Path) -> None:
    assert taught(tmp_path, (0.5, 0.9, 0.4), 2) == ([0, 1, 2, 3], -1.0)
    assert taught(tmp_path, (0.5, 0.9, 0.4, 0.3), 2) == ([3], 1.0)


def test_without_patience_the_last_weights_stay(tmp_path: Path) -> None:
    seen, weights = taught(tmp_path, (0.5, *(0.1,) * 9), 0)
    assert (len(seen), weights) == (10, 9.0)
    assert not (tmp_path / BEST).exists()


def test_what_a_run_is_gone_on_with_is_removed_at_its_end(tmp_path: Path) -> None:
    taught(tmp_path, (0.5, 0.9, 0.4, 0.3), 2)
    clear_run(tmp_path)
    assert not (tmp_path / BEST).exists()
    assert not (tmp_path / CHECKPOINT).exists()
