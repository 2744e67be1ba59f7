"""Where a run's figures go besides its own file: TensorBoard and Weights & Biases, without a network by default."""

# Neither library is there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from radcite.core.ports import Tracker
from radcite.training.extra import need
from radcite.training.run_folder import JsonlTracker

__all__ = [
    "FIGURES",
    "TensorBoardTracker",
    "TrackerKind",
    "Trackers",
    "WandbTracker",
    "open_tracker",
]

TrackerKind = Literal["tensorboard", "wandb"]
FIGURES = "figures.jsonl"


class Trackers:
    """Several trackers as one."""

    def __init__(self, trackers: Sequence[Tracker]) -> None:
        self._trackers = trackers

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Note figures in each."""
        for tracker in self._trackers:
            tracker.log(step, figures)

    def close(self) -> None:
        """Close each."""
        for tracker in self._trackers:
            tracker.close()


class TensorBoardTracker:
    """Event files that `tensorboard --logdir` shows.

    Raises:
        RadciteError: `MISSING_EXTRA`.
    """

    def __init__(self, folder: Path) -> None:
        need("torch", "tensorboard")
        from torch.utils.tensorboard import SummaryWriter

        self._writer: Any = SummaryWriter(str(folder))

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Note figures of a step; they are in the file when this returns."""
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


class WandbTracker:
    """A Weights & Biases run, kept in the folder; nothing is sent unless somebody calls `wandb sync`.

    Raises:
        RadciteError: `MISSING_EXTRA`.
    """

    def __init__(self, folder: Path, name: str) -> None:
        need("wandb")
        import wandb

        folder.mkdir(parents=True, exist_ok=True)
        # Neither the machine's name and hardware nor the code's place leaves with the figures.
        settings = wandb.Settings(
            silent=True,
            disable_git=True,
            disable_code=True,
            x_disable_stats=True,
            x_disable_meta=True,
        )
        self._run: Any = wandb.init(
            project="radcite", name=name, dir=str(folder), mode="offline", settings=settings
        )

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Note figures of a step. W&B takes steps in rising order only, so the step is one of them."""
        self._run.log({**figures, "round": step})

    def close(self) -> None:
        """Finish the run."""
        self._run.finish()


def open_tracker(folder: Path, kinds: Sequence[TrackerKind] = ()) -> Tracker:
    """The run's own file of figures, and the other trackers asked for.

    Raises:
        RadciteError: `MISSING_EXTRA`.
    """
    made: dict[TrackerKind, Callable[[], Tracker]] = {
        "tensorboard": lambda: TensorBoardTracker(folder / "tensorboard"),
        "wandb": lambda: WandbTracker(folder, folder.name),
    }
    return Trackers([JsonlTracker(folder / FIGURES), *(made[kind]() for kind in kinds)])
