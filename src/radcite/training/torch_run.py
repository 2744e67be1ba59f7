"""What a torch recipe shares: where it keeps its state, whom it tells, and how it is measured on the way."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.core.ports import Tracker
from radcite.training.run_folder import EarlyStopping, load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    import torch

__all__ = ["Run"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of one recipe in one folder.

    `recipe` names recipe and plan: a checkpoint of another one is refused. `measure` gives the figure on development
    data that early stopping watches; higher is better.
    """

    folder: Path
    recipe: str
    tracker: Tracker
    measure: Callable[[], float]

    def resume(
        self,
        model: "torch.nn.Module",
        optimiser: "torch.optim.Optimizer",
        schedule: "torch.optim.lr_scheduler.LRScheduler",
        stop: EarlyStopping,
    ) -> int:
        """Load what an earlier run left, if anything; the epoch to go on with.

        Raises:
            RadciteError: `VALIDATION` for a checkpoint that is damaged or of another plan.
        """
        state = load_checkpoint(self._checkpoint, self.recipe)
        if state is None:
            return 0
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        stop.best, stop.waited = state["best"], state["waited"]
        return int(state["epoch"])

    def keep(
        self,
        epoch: int,
        model: "torch.nn.Module",
        optimiser: "torch.optim.Optimizer",
        schedule: "torch.optim.lr_scheduler.LRScheduler",
        stop: EarlyStopping,
    ) -> None:
        """Write the state from which epoch number `epoch` can begin.

        Raises:
            RadciteError: `STORAGE_LOW`.
        """
        state = {
            "recipe": self.recipe,
            "epoch": epoch,
            "model": model.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
            "best": stop.best,
            "waited": stop.waited,
        }
        save_checkpoint(self._checkpoint, state)

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"
