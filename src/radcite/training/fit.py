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
from radcite.training.torch_run import Run

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

__all__ = ["Fitting", "Lesson", "Round", "fit"]

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
    """Train in place; a run that was killed begins again with the round it was in.

    No round is begun once `minutes` have passed.

    Raises:
        RadciteError: `VALIDATION` for a checkpoint of another plan, `STORAGE_LOW`.
    """
    import torch

    optimiser = torch.optim.AdamW(
        model.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay
    )
    steps = sum(each.batches for each in lesson.rounds)

    def rate(step: int) -> float:
        return min((step + 1) / max(1.0, _WARM_UP * steps), max(_LEAST, 1 - step / steps))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    stop = EarlyStopping(plan.patience)
    started = monotonic()
    device = next(model.parameters()).device.type
    for number in range(run.resume(model, optimiser, schedule, stop), len(lesson.rounds)):
        if minutes is not None and monotonic() - started >= 60 * minutes:
            tell(f"{number} of {len(lesson.rounds)} rounds: the time is used up")
            break
        losses: list[float] = []
        # Seeded by the round, so that a resumed run leaves out what it would have left out.
        torch.manual_seed(1_000 * plan.seed + number)
        model.train()
        for batch in lesson.rounds[number].drawn(random.Random(f"{plan.seed}-{number}")):  # noqa: S311
            with torch.autocast(device, torch.bfloat16, enabled=plan.bf16):
                loss = lesson.loss(batch)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        figure = run.measure()
        mean = float(np.mean(losses))
        run.tracker.log(number, {"loss": mean, lesson.figure: figure, **lesson.beside()})
        tell(f"round {number}: loss {mean:.3f}, {lesson.figure} {figure:.3f}")
        stopped = stop(figure)
        run.keep(number + 1, model, optimiser, schedule, stop)
        if stopped:
            break
