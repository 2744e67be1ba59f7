"""The image tower trained from its pixels on: trunk, embedding and text map at once, by labels, captions and looks.

Source: Khosla et al., arXiv 2004.11362 (supervised contrast); Chen et al., arXiv 2002.05709 (two looks of an image);
Radford et al., arXiv 2103.00020 (contrast with texts); Izmailov et al., arXiv 1803.05407 (averaged weights).
"""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from radcite.backends.images.tflite_weights import Layer
from radcite.training.image.joint_space import by_caption, by_label
from radcite.training.image.looks import looks, plain
from radcite.training.image.trunk import Trunk
from radcite.training.run_folder import EarlyStopping
from radcite.training.torch_run import Learner, Run

__all__ = ["ImageTower", "Machine", "Shown", "TunePlan", "seen", "tune"]

_AT_ONCE = 64
_KEPT_EVERY = 10


@dataclass(frozen=True, slots=True)
class TunePlan:
    """How the tower is trained.

    A batch is of `batch` images, `looks` of each. The loss is the supervised contrast and the classification of each
    kind of label, times its number in `kinds`, `texts` times the contrast with captions, and `same` times that of an
    image's looks. The first `frozen` layers of the trunk stay; the others learn at `trunk_rate`, the maps behind them
    at `map_rate`. The weights that are kept are the running mean, of which each step adds a share of 1 - `kept`.
    """

    dim: int = 128
    batch: int = 64
    looks: int = 2
    epochs: int = 60
    frozen: int = 5
    trunk_rate: float = 4e-4
    map_rate: float = 2e-3
    weight_decay: float = 0.05
    dropout: float = 0.2
    scale: float = 12.0
    kinds: tuple[float, ...] = (0.5, 0.5, 1.0, 2.0)
    texts: float = 0.5
    same: float = 0.3
    label_smoothing: float = 0.05
    kept: float = 0.98
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a tower is trained: torch's name of the device, whether in bfloat16, and which axis lies innermost."""

    device: str = "cpu"
    bf16: bool = False
    channels_last: bool = True

    @property
    def layout(self) -> torch.memory_format:
        """How images lie in memory."""
        return torch.channels_last if self.channels_last else torch.contiguous_format


@dataclass(frozen=True, slots=True)
class Shown:
    """Images to learn from.

    `squares` are grey values, uint8 (n, side, side); `mirrored` (n,) whether left and right may change places;
    `labels` (n, kinds), -1 where unknown; `texts` vectors of each image's captions, (n, captions, text dim), and
    `said` what these tell, (n, captions, kinds), -1 for nothing.
    """

    squares: NDArray[np.uint8]
    mirrored: NDArray[np.bool_]
    labels: NDArray[np.int64]
    texts: NDArray[np.float32]
    said: NDArray[np.int64]


class ImageTower(nn.Module):
    """The trunk, the two maps into the space, and a linear head for each kind of label."""

    def __init__(
        self, layers: Sequence[Layer], text_dim: int, classes: Sequence[int], plan: TunePlan
    ) -> None:
        super().__init__()
        self.trunk = Trunk(layers, plan.frozen)
        self.drop = nn.Dropout(plan.dropout)
        self.image = nn.Linear(self.trunk.width, plan.dim)
        self.text = nn.Linear(text_dim, plan.dim)
        self.heads = nn.ModuleList(nn.Linear(plan.dim, count) for count in classes)

    def see(self, pixels: Tensor) -> Tensor:
        """Unit vectors of images, (n, dim)."""
        return self.lay(self.trunk(pixels))

    def lay(self, features: Tensor) -> Tensor:
        """Unit vectors of the trunk's features, (n, dim)."""
        return functional.normalize(self.image(self.drop(features)), dim=-1)

    def read(self, texts: Tensor) -> Tensor:
        """Unit vectors of texts, (n, dim)."""
        return functional.normalize(self.text(texts), dim=-1)

    def text_map(self) -> NDArray[np.float32]:
        """The map of texts, (text dim + 1, dim), its last row the offset."""
        rows = torch.cat([self.text.weight.T, self.text.bias[None]])
        return rows.detach().float().cpu().numpy()


def tune(
    tower: ImageTower,
    shown: Shown,
    plan: TunePlan,
    *,
    machine: Machine | None = None,
    run: Run | None = None,
    tell: Callable[[str], None] = print,
) -> None:
    """Train in place, and leave the running mean of the weights; with a run, from where it stopped.

    The images are kept on the machine's device, and their looks are drawn there.

    Raises:
        RadciteError: `VALIDATION` for a checkpoint of another plan, `STORAGE_LOW`.
    """
    machine = machine or Machine()
    device = machine.device
    torch.manual_seed(plan.seed)
    tower.to(device)
    mean = AveragedModel(tower, multi_avg_fn=get_ema_multi_avg_fn(plan.kept))
    optimiser = torch.optim.AdamW(_rates(tower, plan), weight_decay=plan.weight_decay)
    steps = max(1, len(shown.squares) // plan.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        [group["lr"] for group in optimiser.param_groups],
        total_steps=plan.epochs * steps + 1,
        pct_start=0.15,
    )
    learner = Learner(nn.ModuleList([tower, mean]), optimiser, schedule)
    held = _Held.of(shown, device)
    stop, started = EarlyStopping(0), monotonic()
    for epoch in range(run.resume(learner, stop) if run else 0, plan.epochs):
        # Seeded by the epoch, so that a resumed run sees the batches that it would have seen.
        draw = torch.Generator(device).manual_seed(1_000 * plan.seed + epoch)
        torch.manual_seed(1_000 * plan.seed + epoch)
        tower.train()
        losses: list[Tensor] = []
        for batch in _batches(len(shown.squares), steps, draw):
            loss = _loss(tower, held, batch, draw, plan, machine)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(tower.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            mean.update_parameters(tower)
            losses.append(loss.detach())
        lost = float(torch.stack(losses).mean())
        if run:
            run.tracker.log(epoch, {"loss": lost})
        if run and (epoch + 1) % _KEPT_EVERY == 0:
            run.keep(epoch + 1, learner, stop)
            tell(f"round {epoch + 1}: loss {lost:.3f}, {monotonic() - started:.0f} s")
    tower.load_state_dict(mean.module.state_dict())
    tower.eval()


def seen(tower: ImageTower, squares: NDArray[np.uint8], device: str = "cpu") -> NDArray[np.float32]:
    """Unit vectors of squares as they are, (n, dim)."""
    tower.eval()
    found: list[NDArray[np.float32]] = []
    for start in range(0, len(squares), _AT_ONCE):
        some = torch.from_numpy(squares[start : start + _AT_ONCE]).to(device)
        with torch.no_grad():
            found.append(tower.see(plain(some)).cpu().numpy())
    return np.concatenate(found)


@dataclass(frozen=True, slots=True)
class _Held:
    """`Shown` on the device."""

    squares: Tensor
    mirrored: Tensor
    labels: Tensor
    texts: Tensor
    said: Tensor

    @classmethod
    def of(cls, shown: Shown, device: str) -> "_Held":
        parts = (shown.squares, shown.mirrored, shown.labels, shown.texts, shown.said)
        return cls(*(torch.from_numpy(np.ascontiguousarray(one)).to(device) for one in parts))


def _rates(tower: ImageTower, plan: TunePlan) -> list[dict[str, object]]:
    trunk = [one for one in tower.trunk.parameters() if one.requires_grad]
    maps = [*tower.image.parameters(), *tower.text.parameters(), *tower.heads.parameters()]
    return [{"params": trunk, "lr": plan.trunk_rate}, {"params": maps, "lr": plan.map_rate}]


def _batches(count: int, steps: int, draw: torch.Generator) -> Sequence[Tensor]:
    return torch.randperm(count, generator=draw, device=draw.device).tensor_split(steps)


def _loss(
    tower: ImageTower,
    held: _Held,
    batch: Tensor,
    draw: torch.Generator,
    plan: TunePlan,
    machine: Machine,
) -> Tensor:
    every = batch.repeat(plan.looks)
    with torch.no_grad():
        pixels = looks(held.squares[every], held.mirrored[every], draw)
    with torch.autocast(machine.device, torch.bfloat16, enabled=machine.bf16):
        features = tower.trunk(pixels.contiguous(memory_format=machine.layout))
    vectors = tower.lay(features.float())
    labels = held.labels[every]
    loss = plan.same * by_label(vectors, every, plan.scale)
    for kind, (head, weight) in enumerate(zip(tower.heads, plan.kinds, strict=True)):
        known = labels[:, kind] >= 0
        some, wanted = vectors[known], labels[known, kind]
        if len(some) < 2:
            continue
        told = functional.cross_entropy(
            plan.scale * head(some), wanted, label_smoothing=plan.label_smoothing
        )
        loss = loss + weight * (by_label(some, wanted, plan.scale) + told)
    captions = held.texts.shape[1]
    drawn = torch.randint(captions, (len(every),), generator=draw, device=batch.device)
    read = tower.read(held.texts[every, drawn])
    scores = plan.scale * vectors @ read.T
    return loss + plan.texts * by_caption(scores, labels, held.said[every, drawn])
