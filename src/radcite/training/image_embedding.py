"""The image embedding of the model: a map of what the trunk sees, or a tower trained from its pixels on beside it."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from radcite.backends.image_graph import Projection, Tower
from radcite.core.ports import TextEncoder
from radcite.core.vectors import unit_rows
from radcite.evals.image_rows import ImageRow
from radcite.training.curves import write_curves
from radcite.training.image_captions import captions_of
from radcite.training.image_features import Features, rows_square
from radcite.training.image_heads import Directions
from radcite.training.image_tuning import ImageTower, seen
from radcite.training.joint_space import JointPlan, JointSpace, Lesson, train_space
from radcite.training.label_numbers import KINDS, classes_of, place_of
from radcite.training.torch_run import Run
from radcite.training.trackers import TrackerKind, open_tracker

__all__ = ["Embedding", "taught", "towered"]

_CAPTIONS = 16
# Chosen on images of the training and development parts, each with the tower of a fold that left it out.
_BESIDE, _SHARE = 128, 0.7
_Real = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embedding:
    """How an image's vector is made, and a text's: `text` is (text dim + 1, dim), its last row the offset.

    `projection` maps the trunk's features; a `tower` comes before it. `right` is the share of labels of the
    development images that their nearest training image has too.
    """

    projection: Projection
    tower: Tower | None
    text: _Real
    right: float


def taught(
    train: Sequence[ImageRow],
    dev: Sequence[ImageRow],
    directions: Directions,
    features: Features,
    text: TextEncoder,
    plan: JointPlan,
    out: Path,
    trackers: Sequence[TrackerKind],
) -> Embedding:
    """A map of what the trunk sees, learned with the map of texts.

    Raises:
        RadciteError: `VALIDATION` for a checkpoint of another plan, `STORAGE_LOW`.
    """
    laid = np.concatenate([directions.lay(features.clean), *map(directions.lay, features.views)])
    labels = np.array(
        [[place_of(row.label(kind), classes_of(kind)) for kind in KINDS] for row in train]
    )
    lesson = _lesson(laid, labels, train, text, plan)
    torch.manual_seed(plan.seed)
    space = JointSpace(
        laid.shape[1], lesson.texts.shape[-1], [len(classes_of(kind)) for kind in KINDS], plan
    )
    known = torch.from_numpy(laid[: len(train)] * plan.gain)
    asked = torch.from_numpy(directions.lay(features.dev) * plan.gain)

    def right() -> float:
        space.eval()
        with torch.no_grad():
            return _nearest_right(space.see(known).numpy(), train, space.see(asked).numpy(), dev)

    run = Run(
        folder=out,
        recipe=f"image-text {json.dumps(asdict(plan))}",
        tracker=open_tracker(out, trackers),
        measure=right,
    )
    train_space(space, lesson, plan, run)
    run.tracker.close()
    write_curves(out)
    weight = space.image.weight.detach().numpy().T * np.float32(plan.gain)
    rows = [space.text.weight.detach().numpy().T, space.text.bias.detach().numpy()[None]]
    return Embedding(
        Projection(*directions.unfold(weight, space.image.bias.detach().numpy())),
        None,
        np.concatenate(rows),
        right(),
    )


def towered(
    train: Sequence[ImageRow],
    dev: Sequence[ImageRow],
    directions: Directions,
    features: Features,
    tower: ImageTower,
) -> Embedding:
    """The tower's vector and, `_SHARE` as long, the first directions of what the unchanged trunk sees.

    Texts are mapped to the tower's part alone.
    """
    beside = np.eye(directions.basis.shape[1], _BESIDE, dtype=np.float32)
    dim = tower.image.out_features
    rows = tower.image.weight.detach().numpy().T, tower.image.bias.detach().numpy()
    text = tower.text_map()

    def vectors(some: Sequence[ImageRow], laid: _Real) -> _Real:
        own = seen(tower, np.stack([rows_square(row) for row in some]))
        return np.concatenate([own, _SHARE * unit_rows(laid[:, :_BESIDE])], axis=1)

    return Embedding(
        Projection(*directions.unfold(beside, np.zeros(_BESIDE, np.float32))),
        Tower(tower.trunk.layers(), Projection(*rows), _SHARE),
        np.concatenate([text, np.zeros((len(text), _BESIDE), np.float32)], axis=1)[
            :, : dim + _BESIDE
        ],
        _nearest_right(
            vectors(train, directions.lay(features.clean)),
            train,
            vectors(dev, directions.lay(features.dev)),
            dev,
        ),
    )


def _lesson(
    laid: NDArray[np.float32],
    labels: NDArray[np.int64],
    train: Sequence[ImageRow],
    text: TextEncoder,
    plan: JointPlan,
) -> Lesson:
    rng = random.Random(plan.seed)  # noqa: S311
    said = [caption for row in train for caption in captions_of(row, _CAPTIONS, rng)]
    vectors = asyncio.run(text.encode([caption.text for caption in said]))
    told = np.array(
        [
            [
                classes_of(kind).index(caption.labels[kind]) if kind in caption.labels else -1
                for kind in KINDS
            ]
            for caption in said
        ]
    )
    looks = len(laid) // len(train)
    shape = (len(train), _CAPTIONS, -1)
    return Lesson(
        images=laid * np.float32(plan.gain),
        labels=np.tile(labels, (looks, 1)),
        texts=np.tile(vectors.reshape(shape), (looks, 1, 1)),
        caption_labels=np.tile(told.reshape(shape), (looks, 1, 1)),
    )


def _nearest_right(
    known: _Real, train: Sequence[ImageRow], asked: _Real, dev: Sequence[ImageRow]
) -> float:
    """The share of labels of the development images that their nearest training image of the same set has too."""
    right: list[bool] = []
    for row, scores in zip(dev, asked @ known.T, strict=True):
        same = [i for i, other in enumerate(train) if other.source == row.source]
        nearest = train[same[int(scores[same].argmax())]]
        right += [row.label(k) == nearest.label(k) for k in ("view", "finding") if row.label(k)]
    return float(np.mean(right))
