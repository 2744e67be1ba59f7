"""`radcite train clip`: images and the words written of them in one space, by contrast."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.backends.images.open_clip import declare_torchvision_operators
from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels
from radcite.evals.datasets import Data, digest_of
from radcite.evals.statistics import interval_of_mean
from radcite.training.clip.rows import ClipRow, pixels_of, read_clip_rows
from radcite.training.curves import write_curves
from radcite.training.devices import Device, device_of
from radcite.training.extra import need
from radcite.training.fit import Lesson, Round, fit
from radcite.training.image.heads import ridge
from radcite.training.image.views import view
from radcite.training.leakage import check_images
from radcite.training.model_card import CardFacts, DataUsed, Figure, write_card
from radcite.training.run_folder import clear_run
from radcite.training.trackers import TrackerKind, open_tracker
from radcite.training.units import Part, own_part_of

if TYPE_CHECKING:
    from torch import Tensor

    from radcite.training.clip.model import ClipNet, Lock

__all__ = ["FIGURE", "ClipPlan", "train_clip"]

_NAME = "clip"
FIGURE = "dev_knn_and_recall"


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """How a model is fine-tuned; `lock` keeps one of its towers as it is."""

    lock: "Lock" = "none"
    epochs: int = 10
    batch: int = 32
    learning_rate: float = 1e-5
    weight_decay: float = 0.1
    patience: int = 0
    seed: int = 0
    bf16: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """The rows of a part with their pixels."""

    rows: Sequence[ClipRow]
    pixels: Sequence[Pixels]


def train_clip(
    cases: Path,
    data: Data,
    out: Path,
    *,
    base: Path | None = None,
    plan: ClipPlan | None = None,
    device: Device = "auto",
    trackers: Sequence[TrackerKind] = (),
    command: str = "radcite train clip",
    tell: Callable[[str], None] = print,
) -> Path:
    """Fine-tune and write a folder that `[encoders] image` names, with figures, curves and a card.

    Cases are split by patient, eight in ten to train, one to stop by, one to report on. After each round the
    development images are looked up by a linear and a nearest-neighbour probe of the training images' labels, and by
    their words.

    Args:
        cases: `cases.jsonl` with PNG or JPEG images.
        data: The data folder, for the check against the registered image tasks.
        out: The run's folder; a run that was killed is gone on with.
        base: Folder of an open_clip model; without one a small model is trained from nothing.
        plan: How.
        device: Where.
        trackers: Where figures go besides `figures.jsonl`.
        command: What the card names as its making.
        tell: Called with remarks.

    Raises:
        RadciteError: `MISSING_EXTRA`; `NOT_FOUND`, `RECORD_INVALID`, `UNSUPPORTED_FILE` or `IMAGE_DECODE` for the
            cases; `CONFIG_INVALID` for the model; `VALIDATION` for too few cases, images that a task reports on, or a
            device that is not there.
    """
    plan = plan or ClipPlan()
    need("torch", "open_clip")
    where = device_of(device)
    rows = read_clip_rows(cases)
    check_images({row.image for row in rows}, data, tell)
    declare_torchvision_operators()
    import torch

    from radcite.training.clip.model import export_clip, load_clip, write_small
    from radcite.training.torch_run import Run

    out.mkdir(parents=True, exist_ok=True)
    first = base or write_small(out / "base", plan.seed)
    net = load_clip(first, plan.lock)
    net.model.to(where)
    parts = _parts(rows, net.side)
    tell(", ".join(f"{len(one.rows)} {part}" for part, one in parts.items()))
    tracker = open_tracker(out, trackers)
    means: dict[str, float] = {}

    def measure() -> float:
        found = _probed(net, parts["train"], parts["dev"])
        means.update({f"dev_{name}": float(np.mean(values)) for name, values in found.items()})
        return (means["dev_knn"] + means["dev_recall"]) / 2

    run = Run(
        folder=out,
        recipe=f"{_NAME} {json.dumps(asdict(plan))} {digest_of(cases)}",
        tracker=tracker,
        measure=measure,
    )
    lesson = Lesson(
        [_round(parts["train"], plan.batch, epoch, plan.seed) for epoch in range(plan.epochs)],
        _loss(net),
        FIGURE,
        lambda: means,
    )
    torch.manual_seed(plan.seed)
    before = _probed(net, parts["train"], parts["held"])
    fit(net.model, lesson, plan, run, tell)
    tracker.close()
    write_curves(out)
    after = _probed(net, parts["train"], parts["held"])
    files = export_clip(net.model, first, out)
    clear_run(out)
    units = [row.unit for row in parts["held"].rows]
    figures = tuple(
        _figure(f"{_TOLD[name]}, {when}", values, units)
        for name in _TOLD
        for when, values in (("before", before[name]), ("after", after[name]))
    )
    facts = _card(cases, first.name if base else "random weights", command, plan, figures)
    return write_card(out, facts, files)


_TOLD = {
    "knn": "label of the nearest training image",
    "linear": "label by a linear probe",
    "recall": "words nearest to the image are its own or its label's",
}


def _parts(rows: Sequence[ClipRow], side: int) -> dict[Part, _Seen]:
    parts: dict[Part, list[ClipRow]] = {"train": [], "dev": [], "held": []}
    for row in rows:
        parts[own_part_of(row.unit)].append(row)
    if not all(parts.values()):
        raise RadciteError(
            "VALIDATION",
            "too few patients: one of the three parts is empty; some thirty are needed",
            "患者过少：三个部分之一为空；约需三十名患者",
        )
    return {
        part: _Seen(some, [pixels_of(row.image, side) for row in some])
        for part, some in parts.items()
    }


_Batch = tuple[Sequence[ClipRow], Sequence[Pixels], Sequence[str]]


def _round(seen: _Seen, size: int, epoch: int, seed: int) -> Round[_Batch]:
    def drawn(rng: random.Random) -> Iterator[_Batch]:
        looks = np.random.default_rng([seed, epoch])
        order = list(range(len(seen.rows)))
        rng.shuffle(order)
        for start in range(0, len(order), size):
            places = order[start : start + size]
            if len(places) < 2 and start:
                continue
            rows = [seen.rows[place] for place in places]
            pixels = [
                view(seen.pixels[place], looks, mirrored=seen.rows[place].mirrored)
                for place in places
            ]
            yield rows, pixels, [rng.choice(row.texts) for row in rows]

    return Round(-(-len(seen.rows) // size), drawn)


def _loss(net: "ClipNet") -> "Callable[[_Batch], Tensor]":

    from radcite.training.clip.model import contrast

    def loss(batch: _Batch) -> "Tensor":
        rows, pixels, texts = batch
        net.hold()
        images, words, scale, *_ = net.model(net.images(pixels), net.words(texts))
        return contrast(images, words, scale, _alike(rows, texts))

    return loss


def _alike(rows: Sequence[ClipRow], texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which rows show the same: equal labels, equal words, or one's words among the other's."""
    return np.array(
        [
            [
                (bool(one.label) and one.label == other.label) or text in other.texts
                for other in rows
            ]
            for one, text in zip(rows, texts, strict=True)
        ]
    )


def _probed(net: "ClipNet", taught: _Seen, asked: _Seen) -> dict[str, list[float]]:
    """For each asked image, 1 or 0: whether its label, or its words, are found."""
    known, vectors = net.image_vectors(taught.pixels), net.image_vectors(asked.pixels)
    labels = sorted({row.label for row in taught.rows})
    numbers = np.array([labels.index(row.label) for row in taught.rows])
    near = (vectors @ known.T).argmax(axis=1)
    line = ridge(known, numbers, len(labels), 1.0, 1)(vectors).argmax(axis=1)
    texts = sorted({text for row in asked.rows for text in row.texts})
    shown = [{row.label for row in asked.rows if text in row.texts} for text in texts]
    read = (vectors @ net.text_vectors(texts).T).argmax(axis=1)
    return {
        "knn": [
            float(taught.rows[i].label == row.label)
            for i, row in zip(near, asked.rows, strict=True)
        ],
        "linear": [float(labels[i] == row.label) for i, row in zip(line, asked.rows, strict=True)],
        "recall": [
            float(texts[i] in row.texts or row.label in shown[i])
            for i, row in zip(read, asked.rows, strict=True)
        ],
    }


def _figure(name: str, values: Sequence[float], units: Sequence[str]) -> Figure:
    spread = interval_of_mean(values, units)
    return Figure(
        name=name,
        value=spread.mean,
        interval=(spread.low, spread.high),
        on="held-back cases",
        n=len(values),
    )


def _card(
    cases: Path, origin: str, command: str, plan: ClipPlan, figures: tuple[Figure, ...]
) -> CardFacts:
    return CardFacts(
        title=f"{_NAME}: images and words about them in one space",
        purpose="Finds images like an image, and images by words, as radcite's image encoder.",
        not_for="diagnosis: it orders cases by likeness, and says nothing of an image by itself.",
        origin=f"Starts from {origin}, whose licence holds on.",
        command=command,
        plan=asdict(plan),
        data=(DataUsed(name=cases.name, sha256=digest_of(cases), licence="as each case says"),),
        split="by patient (by case where none is named), by the SHA-256 of it: eight in ten train, one stops, one is "
        "reported on. No image is one that a registered task reports on.",
        figures=figures,
        limits=("Grey PNG and JPEG pictures only; the middle square of each is seen.",),
    )
