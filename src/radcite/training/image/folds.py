"""How good towers are that are trained by one plan: by folds of all images, or of those that plans are chosen by."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.core.ports import TextEncoder
from radcite.evals.images.corruptions import CORRUPTIONS
from radcite.evals.images.rows import LabelKind
from radcite.evals.sheet import Sheet
from radcite.evals.statistics import interval_of_mean
from radcite.evals.units import is_held
from radcite.training.image.tuned_tower import Pictures, trained
from radcite.training.model_card import Figure

if TYPE_CHECKING:
    from radcite.training.image.tuning import ImageTower, Machine, TunePlan

__all__ = [
    "chosen",
    "figures_of",
    "fold_of",
    "folded",
    "parts_of",
    "right_of",
    "told_of",
    "vectors_of",
]

_INNER = 4
_ASKED: tuple[tuple[str, LabelKind], ...] = (
    ("brain_mri", "finding"),
    ("vqarad", "body_part"),
    ("nih_cxr", "view"),
)
_Real = NDArray[np.float32]
_Tell = Callable[[str], None]


def fold_of(unit: str, folds: int, salt: str = "fold") -> int:
    """The fold that a patient, case or image falls into, by the id alone."""
    return int.from_bytes(sha256(f"{salt}:{unit}".encode()).digest()[:4], "big") % folds


def folded(
    pictures: Pictures,
    text: TextEncoder,
    trunk: Path,
    plan: "TunePlan",
    folds: int,
    out: Path,
    *,
    machine: "Machine | None" = None,
    tell: _Tell = print,
) -> list[Path]:
    """For each fold, what a tower that has learned from the other folds makes of all images.

    Returns:
        A file a fold, `fold-0.npz` and so on: `clean`, vectors of all images; those of the images left out, in their
        order, by the name of what spoilt them at the network's size; (n, dim) each; and `text`, the map of texts,
        (text dim + 1, dim). A file that is there is kept.
    """
    files = [out / f"fold-{fold}.npz" for fold in range(folds)]
    out.mkdir(parents=True, exist_ok=True)
    for fold, file in enumerate(files):
        if file.is_file():
            continue
        learned, left = parts_of(pictures, fold, folds)
        tower = trained(pictures, learned, text, trunk, plan, machine=machine, tell=tell)
        made = vectors_of(tower, pictures, left, machine)
        scratch = file.with_suffix(".part")
        with scratch.open("wb") as content:
            np.savez(content, allow_pickle=False, text=tower.text_map(), **made)
        scratch.replace(file)
        tell(f"fold {fold + 1} of {folds}: {told_of(right_of(pictures, left, made))}")
    return files


def parts_of(pictures: Pictures, fold: int, folds: int) -> tuple[list[int], list[int]]:
    """Where the images are that a fold's tower learns from, and those that it leaves out."""
    own = [fold_of(row.unit, folds) for row in pictures.rows]
    return [i for i, one in enumerate(own) if one != fold], [
        i for i, one in enumerate(own) if one == fold
    ]


def figures_of(pictures: Pictures, files: Sequence[Path]) -> list[Figure]:
    """The share of left-out images whose nearest neighbour of another patient is right, over all folds.

    The neighbour is sought among all images of the set, with the vectors of the tower that left the asked one out.
    """
    sheet = Sheet()
    for fold, file in enumerate(files):
        _, left = parts_of(pictures, fold, len(files))
        with np.load(file, allow_pickle=False) as held:
            for source, kind in _ASKED:
                for name in ("clean", *CORRUPTIONS):
                    asked = held["clean"][left] if name == "clean" else held[name]
                    for place, right in _right(pictures, left, asked, held["clean"], source, kind):
                        row = pictures.rows[place]
                        parts = ("all", "held") if is_held(row.unit) else ("all",)
                        for part in parts:
                            sheet.add(part, f"{source} {kind}, {name}", row.id, right, row.unit)
    found: list[Figure] = []
    for score in sheet.scores():
        spread = interval_of_mean(score.values, score.clusters)
        found.append(
            Figure(
                name=score.metric,
                value=spread.mean,
                interval=(spread.low, spread.high),
                on=f"{score.system} images, each by a tower that left it out",
                n=len(score.values),
            )
        )
    return found


def chosen(
    pictures: Pictures,
    text: TextEncoder,
    tried: Sequence[tuple[Path, "TunePlan"]],
    rounds: int = 2,
    *,
    machine: "Machine | None" = None,
    tell: _Tell = print,
) -> tuple[Path, "TunePlan"]:
    """The trunk and plan that do best on folds of the training and development parts; nothing held back is looked at.

    Best is the mean of the shares of right nearest neighbours (brain diagnosis, organ, view, and brain diagnosis of
    spoilt images), over `rounds` of four folds.
    """
    pool = pictures.places("train", "dev")
    scores: list[float] = []
    for trunk, plan in tried:
        own: list[float] = []
        for fold in range(rounds):
            inner = {i: fold_of(pictures.rows[i].unit, _INNER, "inner") for i in pool}
            left = [i for i in pool if inner[i] == fold]
            learned = [i for i in pool if inner[i] != fold]
            tower = trained(pictures, learned, text, trunk, plan, machine=machine, tell=tell)
            made = vectors_of(tower, pictures, left, machine)
            figures = right_of(pictures, left, made, pool)
            own.append(float(np.mean(list(figures.values()))))
            tell(f"{trunk.stem[:12]} {_differing(plan)}, fold {fold}: {told_of(figures)}")
        scores.append(float(np.mean(own)))
        tell(f"{trunk.stem[:12]} {_differing(plan)}: {scores[-1]:.4f}")
    return tried[int(np.argmax(scores))]


def vectors_of(
    tower: "ImageTower", pictures: Pictures, left: Sequence[int], machine: "Machine | None"
) -> dict[str, _Real]:
    """`clean`, vectors of all images, and those of the left out as each corruption spoils them; (n, dim) each."""
    from radcite.training.image.tuning import seen

    device = machine.device if machine else "cpu"
    asked = pictures.squares[list(left)]
    spoilt = {
        name: seen(tower, np.stack([change(one) for one in asked]), device)
        for name, change in CORRUPTIONS.items()
    }
    return {"clean": seen(tower, pictures.squares, device), **spoilt}


def right_of(
    pictures: Pictures,
    left: Sequence[int],
    vectors: Mapping[str, _Real],
    among: Sequence[int] | None = None,
) -> dict[str, float]:
    """Shares of right nearest neighbours: of each set, and of brain slices when spoilt."""

    def share(name: str, source: str, kind: LabelKind) -> float:
        asked = vectors["clean"][list(left)] if name == "clean" else vectors[name]
        right = _right(pictures, left, asked, vectors["clean"], source, kind, among)
        return float(np.mean([one for _, one in right])) if right else 0.0

    found = {source: share("clean", source, kind) for source, kind in _ASKED}
    spoilt = [share(name, *_ASKED[0]) for name in vectors if name != "clean"]
    return {**found, "spoilt": float(np.mean(spoilt))}


def _right(
    pictures: Pictures,
    left: Sequence[int],
    asked: _Real,
    clean: _Real,
    source: str,
    kind: LabelKind,
    among: Sequence[int] | None = None,
) -> list[tuple[int, bool]]:
    """The places of a set's images, and whether the nearest one of another unit has the same label."""
    rows = pictures.rows
    known = range(len(rows)) if among is None else among
    own = [i for i in known if rows[i].source == source]
    right: list[tuple[int, bool]] = []
    for place, vector in zip(left, asked, strict=True):
        wanted = rows[place].label(kind)
        if rows[place].source == source and wanted:
            others = [i for i in own if rows[i].unit != rows[place].unit]
            nearest = others[int((clean[others] @ vector).argmax())]
            right.append((place, rows[nearest].label(kind) == wanted))
    return right


def told_of(figures: Mapping[str, float]) -> str:
    """Figures in a line."""
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())


def _differing(plan: "TunePlan") -> str:
    first = asdict(replace(type(plan)(), epochs=plan.epochs))
    other = {k: v for k, v in asdict(plan).items() if first[k] != v}
    return " ".join(f"{k} {v}" for k, v in other.items()) or "as it is"
