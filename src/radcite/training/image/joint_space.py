"""One space for images and texts: a linear map of each tower's features, taught by labels and captions.

Source: Radford et al., arXiv 2103.00020 (contrast of images and texts); Khosla et al., arXiv 2004.11362 (supervised
contrast); Park et al., arXiv 1904.05068 (relational distillation).
"""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from radcite.training.fit import rounds
from radcite.training.torch_run import Learner, Run

__all__ = [
    "JointPlan",
    "JointSpace",
    "Lesson",
    "by_caption",
    "by_label",
    "joint_loss",
    "train_space",
]

_Real = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class JointPlan:
    """How the space is taught.

    The loss is `labels` times supervised contrast by label, `classes` times a linear classification, `texts` times the
    contrast with captions, and `agree` times the distance to the trunk's own likenesses. `gain` stretches the
    features, of `components` directions and so many `views` of each image; `scale` sharpens softmaxes over cosines.
    """

    dim: int = 128
    components: int = 640
    views: int = 8
    batch: int = 192
    epochs: int = 40
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    dropout: float = 0.3
    gain: float = 6.0
    scale: float = 12.0
    labels: float = 1.0
    classes: float = 1.0
    texts: float = 0.5
    agree: float = 2.0
    label_smoothing: float = 0.05
    patience: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Lesson:
    """Rows to learn from.

    `images` are laid features (n, components); `labels` (n, kinds), -1 where unknown; `texts` are vectors of each
    row's captions (n, captions, text dim), and `caption_labels` what they tell (n, captions, kinds), -1 for nothing.
    """

    images: _Real
    labels: NDArray[np.int64]
    texts: _Real
    caption_labels: NDArray[np.int64]


class JointSpace(nn.Module):
    """The two maps, and a linear head for each kind of label."""

    def __init__(
        self, components: int, text_dim: int, classes: Sequence[int], plan: JointPlan
    ) -> None:
        super().__init__()
        self.drop = nn.Dropout(plan.dropout)
        self.image = nn.Linear(components, plan.dim)
        self.text = nn.Linear(text_dim, plan.dim)
        self.heads = nn.ModuleList(nn.Linear(plan.dim, count) for count in classes)

    def see(self, images: Tensor) -> Tensor:
        """Unit vectors of images, (n, dim)."""
        return functional.normalize(self.image(self.drop(images)), dim=-1)

    def read(self, texts: Tensor) -> Tensor:
        """Unit vectors of texts, (n, dim)."""
        return functional.normalize(self.text(texts), dim=-1)


def train_space(space: JointSpace, lesson: Lesson, plan: JointPlan, run: Run) -> None:
    """Train in place, from where an earlier run of the same folder stopped."""
    torch.manual_seed(plan.seed)
    optimiser = torch.optim.AdamW(
        space.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay
    )
    steps = max(1, len(lesson.images) // plan.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.learning_rate, total_steps=plan.epochs * steps + 1
    )
    learner = Learner(space, optimiser, schedule)

    def teach(epoch: int) -> dict[str, float]:
        # Seeded by the epoch, so that a resumed run sees the batches that it would have seen.
        rng = np.random.default_rng([plan.seed, epoch])
        order, losses = rng.permutation(len(lesson.images)), list[float]()
        space.train()
        for batch in np.array_split(order, steps):
            captions = rng.integers(0, lesson.texts.shape[1], len(batch))
            losses.append(learner.step(joint_loss(space, lesson, batch, captions, plan)))
        space.eval()
        return {"loss": float(np.mean(losses))}

    rounds(learner, plan.epochs, teach, run, patience=plan.patience)
    space.eval()


def joint_loss(
    space: JointSpace,
    lesson: Lesson,
    batch: NDArray[np.int64],
    captions: NDArray[np.int64],
    plan: JointPlan,
) -> Tensor:
    """The loss of a batch of images, each with one of its captions."""
    images = torch.from_numpy(lesson.images[batch])
    seen = space.see(images)
    labels = torch.from_numpy(lesson.labels[batch])
    loss = plan.agree * _apart(seen, images, plan.scale)
    for kind, head in enumerate(space.heads):
        known = labels[:, kind] >= 0
        if known.sum() < 2:
            continue
        some, wanted = seen[known], labels[known, kind]
        loss = loss + plan.labels * by_label(some, wanted, plan.scale)
        loss = loss + plan.classes * functional.cross_entropy(
            plan.scale * head(some), wanted, label_smoothing=plan.label_smoothing
        )
    read = space.read(torch.from_numpy(lesson.texts[batch, captions]))
    said = torch.from_numpy(lesson.caption_labels[batch, captions])
    return loss + plan.texts * by_caption(plan.scale * seen @ read.T, labels, said)


def by_label(seen: Tensor, labels: Tensor, scale: float) -> Tensor:
    """Supervised contrast: images of a label are nearer to each other than to the rest."""
    itself = torch.eye(len(seen), dtype=torch.bool, device=seen.device)
    scores = (scale * seen @ seen.T).masked_fill(itself, float("-inf"))
    alike = (labels[:, None] == labels[None, :]) & ~itself
    logs = functional.log_softmax(scores, dim=1).masked_fill(~alike, 0)
    counts = alike.sum(dim=1)
    return -(logs.sum(dim=1) / counts.clamp(min=1))[counts > 0].mean()


def by_caption(scores: Tensor, labels: Tensor, said: Tensor) -> Tensor:
    """Contrast of images and captions; a caption that may be true of an image is no negative of it."""
    asked = said[None, :, :] >= 0
    known = labels[:, None, :] >= 0
    wrong = (asked & known & (labels[:, None, :] != said[None, :, :])).any(dim=-1)
    right = (~asked | (known & (labels[:, None, :] == said[None, :, :]))).all(dim=-1)
    open_ = ~wrong & ~right
    kept = scores.masked_fill(open_, float("-inf"))
    loss = scores.new_zeros(())
    for axis in (0, 1):
        positive = kept.masked_fill(~right, float("-inf"))
        gap = torch.logsumexp(kept, dim=axis) - torch.logsumexp(positive, dim=axis)
        loss = loss + gap[right.any(dim=axis)].mean() / 2
    return loss


def _apart(seen: Tensor, images: Tensor, scale: float) -> Tensor:
    """How far the batch's likenesses are from those of the trunk's own features."""
    own = functional.normalize(images, dim=-1)
    itself = torch.eye(len(seen), dtype=torch.bool, device=seen.device)
    theirs = (scale * own @ own.T).masked_fill(itself, -1e4)
    ours = (scale * seen @ seen.T).masked_fill(itself, -1e4)
    return functional.kl_div(
        functional.log_softmax(ours, dim=1),
        functional.softmax(theirs, dim=1),
        reduction="batchmean",
    )
