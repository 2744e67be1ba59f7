"""A search for a plan's numbers: each trial is a whole run in a folder of its own."""

# optuna is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from radcite.core.errors import RadciteError
from radcite.training.curves import best_figure
from radcite.training.extra import need

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    PlanT = TypeVar("PlanT", bound=DataclassInstance)
else:
    PlanT = TypeVar("PlanT")

__all__ = ["RATES", "Knob", "Search", "best_plan", "chosen_plan"]


@dataclass(frozen=True, slots=True)
class Knob:
    """A number of a plan and its range; `steps` on a logarithmic scale or not, whole numbers or not."""

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def drawn(self, trial: Any) -> float:
        """A value that the search suggests."""
        if self.whole:
            return trial.suggest_int(self.name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, log=self.log)


RATES = (
    Knob("learning_rate", 1e-5, 1e-3, log=True),
    Knob("weight_decay", 1e-4, 1e-1, log=True),
    Knob("dropout", 0.0, 0.3),
)


@dataclass(frozen=True, slots=True)
class Search:
    """How many trials, over which numbers, and the figure of a run's file that says which is best."""

    trials: int
    knobs: Sequence[Knob]
    figure: str
    lowest: bool = False


def chosen_plan(
    plan: PlanT,
    trials: int,
    knobs: Sequence[Knob],
    figure: str,
    run: Callable[[PlanT, Path], object],
    folder: Path,
    *,
    lowest: bool = False,
    tell: Callable[[str], None] = print,
) -> PlanT:
    """The plan as it is without trials, else that of the best one. Arguments and errors as of `best_plan`."""
    if not trials:
        return plan
    return best_plan(plan, Search(trials, knobs, figure, lowest), run, folder, tell=tell)


def best_plan(
    plan: PlanT,
    search: Search,
    run: Callable[[PlanT, Path], object],
    folder: Path,
    *,
    seed: int = 0,
    tell: Callable[[str], None] = print,
) -> PlanT:
    """The plan with the numbers of the best trial.

    Trials are kept in `folder/hpo.sqlite` and `folder/trial-N`; a search that was killed goes on. Only development data
    is seen: what is reported on stays unseen as long as `run` does not return it.

    Raises:
        RadciteError: `MISSING_EXTRA` without optuna; `VALIDATION` when no trial noted the figure; as `run`.
    """
    need("optuna")
    import optuna

    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name="radcite",
        storage=f"sqlite:///{folder / 'hpo.sqlite'}",
        direction="minimize" if search.lowest else "maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        load_if_exists=True,
    )

    def objective(trial: Any) -> float:
        drawn = {knob.name: knob.drawn(trial) for knob in search.knobs}
        place = folder / f"trial-{trial.number}"
        run(replace(plan, **drawn), place)
        found = best_figure(place, search.figure, lowest=search.lowest)
        if found is None:
            raise RadciteError(
                "VALIDATION",
                f"a trial noted no {search.figure}",
                f"试验没有记录 {search.figure}",
            )
        tell(f"trial {trial.number}: {search.figure} {found:.4f} with {_told(drawn)}")
        return found

    done = [trial for trial in study.trials if trial.state == optuna.trial.TrialState.COMPLETE]
    study.optimize(objective, n_trials=max(0, search.trials - len(done)))
    best: dict[str, float] = study.best_params
    tell(f"best of {search.trials}: {_told(best)}")
    return replace(plan, **best)


def _told(numbers: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in numbers.items())
