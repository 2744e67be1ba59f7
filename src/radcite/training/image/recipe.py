"""`radcite train image`: the image tower, its text map and its labels, from the free images to ONNX file and card."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radcite.backends.images.convolutional_graph import SIDE, Projection, image_graph
from radcite.backends.images.onnx import ImageHead, ImageModelCard
from radcite.backends.images.tflite_weights import Layer, read_layers
from radcite.core.ports import TextEncoder
from radcite.evals.datasets import Data
from radcite.evals.images.rows import LABELS, ImageRow, LabelKind, read_images
from radcite.evals.units import part_of
from radcite.training.extra import need
from radcite.training.image.features import TAPS, TRUNK, Features, see
from radcite.training.image.heads import (
    Directions,
    Scoring,
    fit_directions,
    least_for,
    ridge,
    sharpness,
)
from radcite.training.image.label_numbers import classes_of, place_of
from radcite.training.image.tuned_tower import load_tower
from radcite.training.licences import used
from radcite.training.model_card import CardFacts, Figure, write_card
from radcite.training.run_folder import clear_run
from radcite.training.trackers import TrackerKind
from radcite.training.units import check_disjoint

if TYPE_CHECKING:
    from radcite.training.image.embedding import Embedding
    from radcite.training.image.joint_space import JointPlan

__all__ = ["train_image"]

_NAME = "image-text"
_FILES = ("model.onnx", "text.npy", "radcite.json")
_BRAIN, _CHEST = {"modality": "MR", "body_part": "HEAD"}, {"modality": "XR", "body_part": "CHEST"}
_WITHIN: Mapping[str, Mapping[str, str]] = {
    "AP": _CHEST,
    "PA": _CHEST,
    "glioma": _BRAIN,
    "meningioma": _BRAIN,
    "pituitary tumour": _BRAIN,
    "no brain tumour": _BRAIN,
    "pneumonia": _CHEST,
    "no chest finding": _CHEST,
}
_ORIGIN = "Beside it stands the same MobileNet trained on from its pixels: its vector comes first in an image's. "
_FOLDS, _OWN_DOMAIN, _DOMAIN_STRENGTH, _LEAST = 4, 0.01, 1.0, 0.9


@dataclass(frozen=True, slots=True)
class _HeadPlan:
    """A head: its ridge's strength, whether views are learned from, and how often what is said must be right."""

    kind: LabelKind
    values: tuple[str, ...]
    strength: float
    views: bool
    precision: float


# Strengths, and that views do the chest's findings no good, were chosen by folds of the training part.
_HEADS: Mapping[str, _HeadPlan] = {
    "modality": _HeadPlan("modality", classes_of("modality"), 1.0, views=True, precision=0.97),
    "body_part": _HeadPlan("body_part", classes_of("body_part"), 1.0, views=True, precision=0.97),
    "view": _HeadPlan("view", classes_of("view"), 0.3, views=True, precision=0.97),
    "brain": _HeadPlan("finding", LABELS["finding"][:4], 0.1, views=True, precision=0.92),
    "chest": _HeadPlan("finding", LABELS["finding"][4:], 1.0, views=False, precision=0.92),
}


def train_image(
    data: Data,
    out: Path,
    text: TextEncoder,
    plan: "JointPlan",
    *,
    tower: Path | None = None,
    kept: Path | None = None,
    trackers: Sequence[TrackerKind] = (),
    command: str,
    tell: Callable[[str], None] = print,
) -> Path:
    """Train the tower; write `model.onnx`, `text.npy`, `radcite.json` and the card to `out`.

    With a `tower` that `train tower` made, that tower's vector comes before the map of what the unchanged trunk sees;
    without one it is that map alone. A run that was killed is gone on with by the same call. Some twenty minutes on
    two busy cores, most of it the trunk's features, which are kept in `kept`, or in `out`.

    Raises:
        RadciteError: `MISSING_EXTRA` without torch, `NOT_FOUND` for a missing data file, `VALIDATION` when training
            data holds units that figures are reported on.
    """
    need("torch")
    from radcite.training.image.embedding import taught, towered

    out.mkdir(parents=True, exist_ok=True)
    layers = read_layers(data.file(TRUNK))
    rows = read_images(data)
    train, dev = _of_part(rows, "train"), _of_part(rows, "dev")
    check_disjoint((r.unit for r in train), (r.unit for r in _of_part(rows, "held")))
    tell(f"{len(train)} images to learn from, {len(dev)} to choose by")
    features = see(layers, data, rows, plan.views, plan.seed, kept or out, tell)
    directions = fit_directions(features.clean, features.views, _blocks(layers), plan.components)
    laid = _laid(directions, features)
    made = None if tower is None else load_tower(tower, data)
    embedding = taught(train, dev, directions, features, text, plan, out, trackers)
    if made is not None:
        embedding = towered(embedding, train, dev, features, made.tower)
    tell(f"nearest neighbour right on development images: {embedding.right:.3f}")
    heads, scorings = _heads(laid, train, 1 + plan.views)
    domain, least = _domain(directions, features, laid, len(train))
    _write(out, layers, directions, embedding, scorings, domain)
    card = ImageModelCard(
        name=_NAME,
        side=SIDE,
        heads=heads,
        text_encoder=text.fingerprint,
        least_domain=least,
    )
    (out / "radcite.json").write_text(card.model_dump_json(indent=1) + "\n", "utf-8")
    clear_run(out)
    figure = Figure(
        name="labels of the nearest training image that are right",
        value=embedding.right,
        on="development images",
        n=len(dev),
    )
    plans = asdict(plan)
    if made is not None:
        command = f"{made.command}\n    {command}"
        plans |= {f"tower's {name}": value for name, value in asdict(made.plan).items()}
    facts = _card(data, command, plans, figure)
    return write_card(out, facts, _FILES)


def _of_part(rows: Sequence[ImageRow], part: str) -> list[ImageRow]:
    return [row for row in rows if part_of(row.unit) == part]


def _blocks(layers: Sequence[Layer]) -> list[int]:
    """Widths of the blocks of features, in the graph's order: a grid and a deviation a tap, then the pooled."""
    widths = [layer.kernel.shape[0] for layer in layers if layer.kernel is not None]
    return [n for place in TAPS for n in (9 * widths[place], widths[place])] + [widths[-1]]


def _laid(directions: Directions, features: Features) -> NDArray[np.float32]:
    """Every training image, then every view of it, along the directions."""
    return np.concatenate([directions.lay(features.clean), *map(directions.lay, features.views)])


def _heads(
    laid: NDArray[np.float32], train: Sequence[ImageRow], looks: int
) -> tuple[dict[str, ImageHead], list[Scoring]]:
    """The heads, each calibrated on scores of images whose patients its fit had left out, and their maps."""
    heads: dict[str, ImageHead] = {}
    scorings: list[Scoring] = []
    fold_of = _folds([row.unit for row in train])
    for name, head in _HEADS.items():
        own = np.array([place_of(row.label(head.kind), head.values) for row in train])
        known = np.flatnonzero(own >= 0)
        scores = np.zeros((len(own), len(head.values)), dtype=np.float32)
        for fold in range(_FOLDS):
            learned, left = known[fold_of[known] != fold], known[fold_of[known] == fold]
            scores[left] = _fitted(laid, own, learned, head, looks)(laid[left])
        sharp = sharpness(scores[known], own[known])
        raised = np.exp(scores[known] * sharp)
        probabilities = raised / raised.sum(axis=1, keepdims=True)
        heads[name] = ImageHead(
            kind=head.kind,
            values=head.values,
            sharpness=round(sharp, 4),
            least=round(max(_LEAST, least_for(probabilities, own[known], head.precision)), 4),
            within={value: _WITHIN[value] for value in head.values if value in _WITHIN},
        )
        scorings.append(_fitted(laid, own, known, head, looks))
    return heads, scorings


def _folds(units: Sequence[str]) -> NDArray[np.int64]:
    """A fold for each unit, the same for all of its images."""
    numbers = {unit: number for number, unit in enumerate(dict.fromkeys(units))}
    shuffled = np.random.default_rng(0).permutation(len(numbers)) % _FOLDS
    return np.array([shuffled[numbers[unit]] for unit in units])


def _fitted(
    laid: NDArray[np.float32],
    labels: NDArray[np.int64],
    learned: NDArray[np.int64],
    head: _HeadPlan,
    looks: int,
) -> Scoring:
    used_looks = looks if head.views else 1
    every = np.concatenate([learned + look * len(labels) for look in range(used_looks)])
    wanted = np.tile(labels[learned], used_looks)
    return ridge(laid[every], wanted, len(head.values), head.strength, used_looks)


def _domain(
    directions: Directions, features: Features, laid: NDArray[np.float32], images: int
) -> tuple[Scoring, float]:
    """A score that radiology has and other pictures have not, and the least that is taken for radiology."""
    foreign = directions.lay(features.foreign)
    rows = np.concatenate([laid, foreign])
    labels = np.concatenate([np.ones(len(laid), np.int64), np.zeros(len(foreign), np.int64)])
    both = ridge(rows, labels, 2, _DOMAIN_STRENGTH, len(laid) // images)
    scoring = Scoring(both.rows[:, 1:], both.offset[1:])
    own = scoring(directions.lay(features.dev)).ravel()
    return scoring, round(float(np.quantile(own, _OWN_DOMAIN)), 4)


def _write(
    out: Path,
    layers: Sequence[Layer],
    directions: Directions,
    embedding: "Embedding",
    scorings: Sequence[Scoring],
    domain: Scoring,
) -> None:
    projections = {
        "embedding": embedding.projection,
        "labels": Projection(
            *directions.unfold(
                np.concatenate([one.rows for one in scorings], axis=1),
                np.concatenate([one.offset for one in scorings]),
            )
        ),
        "domain": Projection(*directions.unfold(domain.rows, domain.offset)),
    }
    model = image_graph(layers, TAPS, projections, embedding.tower)
    (out / "model.onnx").write_bytes(model.SerializeToString())
    np.save(out / "text.npy", embedding.text.astype(np.float16))


def _card(data: Data, command: str, plan: Mapping[str, Any], figure: Figure) -> CardFacts:
    return CardFacts(
        title="image-text: images and texts in one space, and what an image shows",
        purpose="Finds similar cases by an image, and images by words in Chinese and English; names modality, body "
        "part, view and a few findings where it is sure, and nothing for pictures that are no radiology.",
        not_for="diagnosis; modalities, body parts and views it was not shown (ultrasound, limbs, spine, lateral "
        "films …), of which it can be sure and wrong.",
        origin="The trunk is MobileNet v1 (ImageNet, Apache-2.0, google-coral), unchanged but for half precision; "
        "what it sees at five depths is mapped by what was learned here. "
        + (_ORIGIN if any(name.startswith("tower") for name in plan) else "")
        + "Texts are read by text-zh-en.",
        command=command,
        plan={k: " ".join(map(str, v)) if isinstance(v, tuple) else v for k, v in plan.items()},
        data=used(data),
        split="by patient, case or, for brain MRI, which names no patient, image: the first byte of the SHA-256 of "
        "its id is below 112 for training and below 128 for choices; every reported figure is on the others.",
        figures=(figure,),
        limits=(
            "Brain MRI: slices of one patient can stand in training and in the reported part; figures are optimistic.",
            "Planes of brain MRI and the modality of VQA-RAD's heads were read off the images by this project.",
            "Pneumonia and normal films of the NIH set differ in projection (AP, PA) too; part of the AUROC is that.",
            "A grey photograph or a drawing of a body can be taken for radiology.",
            "Some 450 training images, all of head, chest or abdomen.",
        ),
    )
