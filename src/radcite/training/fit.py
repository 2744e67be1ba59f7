"""The loop that networks are trained in: rounds of batches, a figure after each, a state to go on from."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from radcite.training.run_folder import EarlyStopping
from radcite.training.torch_run import Learner, Run

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

__all__ = ["Fitting", "Lesson", "Round", "fit", "rounds"]

BatchT = TypeVar("BatchT")
_WARM_UP, _LEAST = 0.06, 0.02


class Fitting(Protocol):
    """What of a recipe's plan the loop reads."""

    @property
    def learning_rate(self) -> float:
        """The highest one, after the warm-up."""
        ...

    @property
    def weight_decay(self) -> float:
        """Of AdamW."""
        ...

    @property
    def patience(self) -> int:
        """Rounds without gain after which training stops; 0: never."""
        ...

    @property
    def seed(self) -> int:
        """Of the order of batches."""
        ...

    @property
    def bf16(self) -> bool:
        """Whether products are computed in bfloat16: faster where the processor has units for it."""
        ...


@dataclass(frozen=True, slots=True)
class Round(Generic[BatchT]):
    """A pass over some rows: how many batches, and how to draw them."""

    batches: int
    drawn: Callable[[random.Random], Iterator[BatchT]]


@dataclass(frozen=True, slots=True)
class Lesson(Generic[BatchT]):
    """What is learned, and the loss of a batch.

    `figure` names what is measured after a round; `beside` are other figures of that measurement.
    """

    rounds: Sequence[Round[BatchT]]
    loss: "Callable[[BatchT], Tensor]"
    figure: str
    beside: Callable[[], Mapping[str, float]] = dict[str, float]


def fit(
    model: "Module",
    lesson: Lesson[BatchT],
    plan: Fitting,
    run: Run,
    tell: Callable[[str], None],
    minutes: float | None = None,
) -> None:
    """Train in place, as `rounds` does, at a rate that rises and then falls.

    Raises:
        RadciteError: As `rounds`.
    """
    import torch

    optimiser = torch.optim.AdamW(
        model.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay
    )
    steps = sum(each.batches for each in lesson.rounds)

    def rate(step: int) -> float:
        return min((step + 1) / max(1.0, _WARM_UP * steps), max(_LEAST, 1 - step / steps))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    learner = Learner(model, optimiser, schedule)
    device = next(model.parameters()).device.type

    def teach(number: int) -> dict[str, float]:
        losses: list[float] = []
        # Seeded by the round, so that a resumed run leaves out what it would have left out.
        torch.manual_seed(1_000 * plan.seed + number)
        model.train()
        for batch in lesson.rounds[number].drawn(random.Random(f"{plan.seed}-{number}")):  # noqa: S311
            with torch.autocast(device, torch.bfloat16, enabled=plan.bf16):
                loss = lesson.loss(batch)
            losses.append(learner.step(loss, longest=1.0))
        return {"loss": float(np.mean(losses))}

    rounds(
        learner,
        len(lesson.rounds),
        teach,
        run,
        patience=plan.patience,
        figure=lesson.figure,
        beside=lesson.beside,
        tell=tell,
        minutes=minutes,
    )


def _untold(_line: str) -> None:
    pass


def rounds(
    learner: Learner,
    count: int,
    teach: Callable[[int], Mapping[str, float]],
    run: Run,
    *,
    patience: int,
    figure: str = "dev",
    beside: Callable[[], Mapping[str, float]] = dict[str, float],
    tell: Callable[[str], None] = _untold,
    minutes: float | None = None,
) -> None:
    """Teach round after round; with patience, stop after so many without gain and end with the best round's weights.

    A run that was killed begins again with the round it was in, and one that had ended does not go on.

    Args:
        learner: What is taught, in place.
        count: How many rounds at most.
        teach: Teaches a round of this number; its figures.
        run: Where the state is kept and what is measured after a round.
        patience: Rounds without gain after which training stops; 0: never, and the last weights stay.
        figure: The name of what is measured.
        beside: Other figures of that measurement.
        tell: Called with a line for each round.
        minutes: After which no round is begun.

    Raises:
        RadciteError: `VALIDATION` for a checkpoint of another plan, `STORAGE_LOW`.
    """
    stop, started = EarlyStopping(patience), monotonic()
    for number in range(run.resume(learner, stop), count):
        if stop.done:
            break
        if minutes is not None and monotonic() - started >= 60 * minutes:
            tell(f"{number} of {count} rounds: the time is used up")
            break
        noted = teach(number)
        measured = run.measure()
        run.tracker.log(number, {**noted, figure: measured, **beside()})
        shown = ", ".join(f"{name} {value:.3f}" for name, value in noted.items())
        tell(f"round {number}: {shown}, {figure} {measured:.3f}")
        stop(measured)
        run.keep(number + 1, learner, stop)
    if patience:
        run.take_best(learner.model)
