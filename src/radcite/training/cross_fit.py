"""The loop that every cross-encoder is trained in: rounds of batches, a figure after each, a state to go on from."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from radcite.backends.minilm import find_minilm_weights
from radcite.core.errors import RadciteError
from radcite.training.run_folder import EarlyStopping
from radcite.training.torch_run import Run

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from radcite.training.cross_encoder import CrossEncoder, Texts

__all__ = ["Fitting", "Lesson", "Round", "fit", "minilm_files", "scores_of"]

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
    """What is learned, and the loss of a batch; `figure` names what is measured after a round."""

    rounds: Sequence[Round[BatchT]]
    loss: "Callable[[BatchT], Tensor]"
    figure: str


def fit(
    model: "CrossEncoder",
    lesson: Lesson[BatchT],
    plan: Fitting,
    run: Run,
    tell: Callable[[str], None],
) -> None:
    """Train in place; a run that was killed begins again with the round it was in.

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
    for number in range(run.resume(model, optimiser, schedule, stop), len(lesson.rounds)):
        losses: list[float] = []
        model.train()
        for batch in lesson.rounds[number].drawn(random.Random(f"{plan.seed}-{number}")):  # noqa: S311
            with torch.autocast(model.device.type, torch.bfloat16, enabled=plan.bf16):
                loss = lesson.loss(batch)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        figure = run.measure()
        mean = float(np.mean(losses))
        run.tracker.log(number, {"loss": mean, lesson.figure: figure})
        tell(f"round {number}: loss {mean:.3f}, {lesson.figure} {figure:.3f}")
        stopped = stop(figure)
        run.keep(number + 1, model, optimiser, schedule, stop)
        if stopped:
            break


def scores_of(
    model: "CrossEncoder",
    tokenizer: "Tokenizer",
    pairs: "Sequence[Texts]",
    size: int,
    *,
    bf16: bool = False,
) -> NDArray[np.float32]:
    """Scores, (pairs, classes), in evaluation mode, in batches of like length."""
    import torch

    from radcite.training.cross_encoder import batch_of

    model.eval()
    found = np.zeros((len(pairs), model.classes.out_features), dtype=np.float32)
    order = sorted(range(len(pairs)), key=lambda i: sum(map(len, pairs[i])))
    with torch.no_grad(), torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
        for start in range(0, len(order), size):
            places = order[start : start + size]
            scores = model(*batch_of(tokenizer, [pairs[i] for i in places]))
            found[places] = scores.float().cpu().numpy()
    return found


def minilm_files() -> tuple[Path, Mapping[str, NDArray[np.float32]]]:
    """MiniLM's `tokenizer.json` and tensors, from which cross-encoders start.

    Raises:
        RadciteError: `NOT_FOUND` where they are not installed.
    """
    from safetensors.numpy import load_file

    folder = find_minilm_weights()
    if folder is None:
        raise RadciteError("NOT_FOUND", "MiniLM's weights", "缺少 MiniLM 权重")
    return folder / "tokenizer.json", load_file(folder / "model.safetensors")
