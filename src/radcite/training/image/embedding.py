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

from radcite.backends.images.convolutional_graph import Projection, Tower
from radcite.core.ports import TextEncoder
from radcite.core.vectors import unit_rows
from radcite.evals.images.rows import ImageRow
from radcite.training.curves import write_curves
from radcite.training.image.captions import captions_of
from radcite.training.image.features import Features, rows_square
from radcite.training.image.heads import Directions
from radcite.training.image.joint_space import JointPlan, JointSpace, Lesson, train_space
from radcite.training.image.label_numbers import KINDS, classes_of, place_of
from radcite.training.image.tuning import ImageTower, seen
from radcite.training.torch_run import Run
from radcite.training.trackers import TrackerKind, open_tracker

__all__ = ["Embedding", "taught", "towered"]

_CAPTIONS = 16
# Of .7, 1 and 1.4 the best on development images.
_SHARE = 1.4
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
    lesson = _lesson(laid, _labels(train), train, text, plan)
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
    embedding: Embedding,
    train: Sequence[ImageRow],
    dev: Sequence[ImageRow],
    features: Features,
    tower: ImageTower,
) -> Embedding:
    """The tower's vector, and the embedding's behind it, `_SHARE` as long; texts are mapped to the latter alone."""
    own = Projection(tower.image.weight.detach().numpy().T, tower.image.bias.detach().numpy())
    rows, offset = embedding.projection.rows, embedding.projection.offset

    def vectors(some: Sequence[ImageRow], laid: NDArray[np.floating]) -> _Real:
        first = seen(tower, np.stack([rows_square(row) for row in some]))
        second = unit_rows(laid.astype(np.float32) @ rows + offset)
        return np.concatenate([first, _SHARE * second], axis=1)

    nothing = np.zeros((len(embedding.text), tower.image.out_features), np.float32)
    return Embedding(
        embedding.projection,
        Tower(tower.trunk.layers(), own, _SHARE),
        np.concatenate([nothing, embedding.text], axis=1),
        _nearest_right(vectors(train, features.clean), train, vectors(dev, features.dev), dev),
    )


def _labels(rows: Sequence[ImageRow]) -> NDArray[np.int64]:
    return np.array([[place_of(row.label(k), classes_of(k)) for k in KINDS] for row in rows])


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
