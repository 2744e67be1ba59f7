"""What a torch recipe shares: where it keeps its state, whom it tells, and how it is measured on the way."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.core.ports import Tracker
from radcite.training.run_folder import (
    BEST,
    CHECKPOINT,
    EarlyStopping,
    load_checkpoint,
    save_checkpoint,
)

if TYPE_CHECKING:
    import torch

__all__ = ["Learner", "Run"]


@dataclass(frozen=True, slots=True)
class Learner:
    """A model with what moves its weights."""

    model: "torch.nn.Module"
    optimiser: "torch.optim.Optimizer"
    schedule: "torch.optim.lr_scheduler.LRScheduler"

    def step(self, loss: "torch.Tensor", longest: float | None = None) -> float:
        """Learn from a batch, by a gradient no longer than `longest`; the loss as a number."""
        import torch

        self.optimiser.zero_grad()
        loss.backward()
        if longest is not None:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), longest)
        self.optimiser.step()
        self.schedule.step()
        return float(loss.item())


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

    def resume(self, learner: Learner, stop: EarlyStopping) -> int:
        """Load what an earlier run left, if anything; the round to go on with.

        Raises:
            RadciteError: `VALIDATION` for a checkpoint that is damaged or of another plan.
        """
        state = load_checkpoint(self.folder / CHECKPOINT, self.recipe)
        if state is None:
            return 0
        learner.model.load_state_dict(state["model"])
        learner.optimiser.load_state_dict(state["optimiser"])
        learner.schedule.load_state_dict(state["schedule"])
        stop.best, stop.waited = state["best"], state["waited"]
        return int(state["epoch"])

    def keep(self, epoch: int, learner: Learner, stop: EarlyStopping) -> None:
        """Write the state from which round number `epoch` can begin, and the weights where they are the best so far.

        Raises:
            RadciteError: `STORAGE_LOW`.
        """
        weights = {"recipe": self.recipe, "model": learner.model.state_dict()}
        if stop.improved:
            save_checkpoint(self.folder / BEST, weights)
        state = {
            **weights,
            "epoch": epoch,
            "optimiser": learner.optimiser.state_dict(),
            "schedule": learner.schedule.state_dict(),
            "best": stop.best,
            "waited": stop.waited,
        }
        save_checkpoint(self.folder / CHECKPOINT, state)

    def take_best(self, model: "torch.nn.Module") -> None:
        """Load the weights of the best round, where one was kept.

        Raises:
            RadciteError: `VALIDATION` for weights that are damaged or of another plan.
        """
        if (kept := load_checkpoint(self.folder / BEST, self.recipe)) is not None:
            model.load_state_dict(kept["model"])
