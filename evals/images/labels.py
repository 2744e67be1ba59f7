"""The labels of images: how often right, how well calibrated, and whether other pictures are refused."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radcite.core.errors import RadciteError
from radcite.core.ports import ImageLabel, ImageLabeler, ImageReading
from radcite.core.vectors import Pixels
from radcite.evals.datasets import Row
from radcite.evals.images.rows import ImageRow, LabelKind, read_images
from radcite.evals.images.vectors import rows_by_system, shown
from radcite.evals.metrics.probabilities import (
    auroc,
    interval_of_calibration,
    rarer,
    row_of_statistic,
)
from radcite.evals.results import Row as TableRow
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured
from radcite.evals.units import is_held, part_of

__all__ = ["foreign", "foreign_sets", "labels"]

_Floats = NDArray[np.float64]
_KIND_OF: Mapping[str, LabelKind] = {
    "modality": "modality",
    "body_part": "body_part",
    "view": "view",
    "brain": "finding",
    "chest": "finding",
}
_RIDGE = 1.0
_HELD = "Asked are only images whose patient, case or, in brain MRI, name no training read."
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class _Read:
    row: ImageRow
    reading: ImageReading
    said: tuple[ImageLabel, ...]


async def labels(context: Context) -> Measured:
    """Right where said, share said, Brier score and calibration error, and pneumonia among NIH's films."""
    labeler = _labeler(context)
    rows = [row for row in read_images(context.data) if is_held(row.unit)]
    read = await _read(context, labeler, context.limited(rows))
    sheet, fitted = Sheet(), dict[str, dict[str, float]]()
    for name, kind in _KIND_OF.items():
        for system, calibrated in (("labels tool", True), ("before calibration", False)):
            probabilities, truth, units = _of_head(read, name, kind, calibrated=calibrated)
            squares = ((probabilities - truth) ** 2).sum(axis=1)
            for place, (item, square) in enumerate(zip(units, squares, strict=True)):
                sheet.add(system, f"Brier, {name}", f"{place}", float(square), item)
                right = probabilities[place].argmax() == truth[place].argmax()
                sheet.add(system, f"accuracy, {name}", f"{place}", bool(right), item)
            fitted[f"ECE, {name}, {system}"] = _error_of(probabilities, truth, units)
    _spoken(read, sheet)
    rows = [row async for row in _pneumonia(context, read)]
    notes = (
        _HELD,
        "AUROC: of films with pneumonia and normal ones; resampled are the patients of both.",
        "The two kinds of film differ in projection (AP, PA) too, and part of the AUROC is that: see the rows by view.",
        "Baselines: ridge regression on their vectors, learned on the training part's patients.",
        "ECE: ten bins of equal count, squared, less its expected excess, root (Kumar et al., arXiv 1909.10155).",
    )
    return Measured(sheet.scores(), notes, fitted, rows)


async def foreign(context: Context) -> Measured:
    """Pictures that are no radiology get no label; radiology that was not learned from is not called foreign."""
    labeler = _labeler(context)
    sheet = Sheet()
    for name, images in foreign_sets(context):
        for start in range(0, len(images), _AT_ONCE):
            some = images[start : start + _AT_ONCE]
            for place, said in enumerate(await labeler.label(some), start):
                sheet.add("labels tool", f"given a label: {name}", str(place), bool(said))
    for name, paths in _radiology_sets(context):
        for start in range(0, len(paths), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            read = await labeler.read([shown(path) for path, _ in some])
            for (path, unit), one in zip(some, read, strict=True):
                sheet.add("labels tool", f"refused: {name}", path.name, one.is_foreign, unit)
    notes = (
        "Photographs, histology, print and noise of these kinds were not learned from; other blood smears were.",
    )
    return Measured(sheet.scores(), notes)


def _error_of(probabilities: _Floats, truth: _Floats, units: Sequence[str]) -> dict[str, float]:
    """The error with its 95 % interval."""
    found = interval_of_calibration(probabilities, truth, units)
    told = {"error": found.mean, "low": found.low, "high": found.high}
    return {name: round(value, 4) for name, value in told.items()}


async def _read(context: Context, labeler: ImageLabeler, rows: Sequence[ImageRow]) -> list[_Read]:
    found: list[_Read] = []
    for start in range(0, len(rows), _AT_ONCE):
        context.tell("label", start, len(rows))
        some = rows[start : start + _AT_ONCE]
        images = [shown(row.path) for row in some]
        readings, said = await labeler.read(images), await labeler.label(images)
        found += [_Read(*one) for one in zip(some, readings, said, strict=True)]
    return found


def _of_head(
    read: Sequence[_Read], name: str, kind: LabelKind, *, calibrated: bool
) -> tuple[_Floats, _Floats, list[str]]:
    probabilities: list[list[float]] = []
    truth: list[list[float]] = []
    units: list[str] = []
    for one in read:
        own = (one.reading.probabilities if calibrated else one.reading.uncalibrated)[name]
        label = one.row.label(kind)
        if label in own:
            probabilities.append(list(own.values()))
            truth.append([float(value == label) for value in own])
            units.append(one.row.unit)
    return np.array(probabilities), np.array(truth), units


def _spoken(read: Sequence[_Read], sheet: Sheet) -> None:
    for one in read:
        spoken = {label.kind: label.value for label in one.said}
        for kind in ("modality", "body_part", "view", "finding"):
            label = one.row.label(kind)
            if label is None:
                continue
            sheet.add("labels tool", f"said, {kind}", one.row.id, kind in spoken, one.row.unit)
            if kind in spoken:
                right = spoken[kind] == label
                sheet.add(
                    "labels tool", f"right where said, {kind}", one.row.id, right, one.row.unit
                )


async def _pneumonia(context: Context, read: Sequence[_Read]) -> AsyncIterator[TableRow]:
    """Pneumonia told from normal films, of all views and of each."""
    films = [one for one in read if one.row.source == "nih_cxr" and one.row.finding]
    held = {one.row.id: one.reading.probabilities["chest"]["pneumonia"] for one in films}
    scores: dict[str, Mapping[str, float]] = {"labels tool": held}
    rows = [row for row in read_images(context.data) if row.source == "nih_cxr"]
    for system, vectors in (
        await rows_by_system(context, "nih_cxr", [r.path for r in rows])
    ).items():
        scores[system] = _probed(rows, np.asarray(vectors, dtype=np.float64))
    for system, found in scores.items():
        for view in (None, "AP", "PA"):
            some = [one.row for one in films if view in {None, one.row.view}]
            values = np.array([found[row.id] for row in some])
            ill = np.array([float(row.finding == "pneumonia") for row in some])
            units = [row.unit for row in some]
            told = row_of_statistic(
                system,
                f"AUROC pneumonia{f', {view} only' if view else ''}",
                lambda p, values=values, ill=ill: auroc(values[p], ill[p]),
                units,
                context.seed,
                rarer(ill, units),
            )
            if told is not None:
                yield told
    ill = np.array([float(one.row.finding == "pneumonia") for one in films])
    by_system = {
        name: np.array([found[one.row.id] for one in films]) for name, found in scores.items()
    }
    own = by_system.pop("labels tool")
    for system, values in by_system.items():
        told = row_of_statistic(
            "labels tool",
            f"AUROC pneumonia, gained on {system}",
            lambda p, values=values: _gained(own[p], values[p], ill[p]),
            [one.row.unit for one in films],
            context.seed,
            share=False,
        )
        if told is not None:
            yield told


def _gained(own: _Floats, other: _Floats, ill: _Floats) -> float | None:
    above, below = auroc(own, ill), auroc(other, ill)
    return None if above is None or below is None else above - below


def _probed(rows: Sequence[ImageRow], vectors: _Floats) -> dict[str, float]:
    """Scores of all films by ridge regression on those of the training part."""
    learned = [i for i, row in enumerate(rows) if part_of(row.unit) == "train" and row.finding]
    wanted = np.array([1.0 if rows[i].finding == "pneumonia" else -1.0 for i in learned])
    middle = vectors[learned].mean(axis=0)
    moved = vectors - middle
    kernel = moved[learned] @ moved[learned].T
    scale = _RIDGE * float(np.trace(kernel)) / len(learned)
    ridged = kernel + scale * np.eye(len(learned))
    weights = cast("_Floats", np.linalg.solve(ridged, wanted - wanted.mean()))
    found: _Floats = moved @ (moved[learned].T @ weights)
    return {row.id: float(score) for row, score in zip(rows, found, strict=True)}


class _Smear(Row):
    image: str


def foreign_sets(context: Context) -> Iterable[tuple[str, list[Pixels]]]:
    """Pictures that are no radiology, by kind."""
    from skimage import data

    folder = Path(str(data.__file__)).parent
    coloured, grey = (
        ("astronaut", "chelsea", "coffee"),
        ("camera", "coins", "brick", "grass", "gravel"),
    )
    yield "photographs in colour", [_in_colour(folder / f"{name}.png") for name in coloured]
    yield "photographs in grey", [shown(folder / f"{name}.png") for name in (*coloured, *grey)]
    yield "print", [shown(folder / f"{name}.png") for name in ("page", "text", "logo")]
    tiles = sorted((context.data.folder / "images/pathology/tiles_CMU-1").glob("*.jpg"))
    yield "histology", [_in_colour(path) for path in tiles]
    smears = [
        context.data.member("images/bccd_blood", row.image)
        for row in context.data.rows("images/bccd_blood/images.jsonl", _Smear)
        if is_held(Path(row.image).stem)
    ]
    yield "blood smears", [_in_colour(path) for path in smears]
    rng = np.random.default_rng(1)
    yield "blank", [np.full((300, 200), shade, np.uint8) for shade in (0, 64, 128, 255)]
    yield (
        "noise",
        [rng.normal(128, 40, (256, 256)).clip(0, 255).astype(np.uint8) for _ in range(20)],
    )
    yield "circles", [_circle(rng) for _ in range(20)]


def _in_colour(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def _circle(rng: np.random.Generator) -> Pixels:
    rows, columns = np.mgrid[:200, :200]
    row, column = rng.integers(60, 140, 2)
    inside = np.hypot(rows - row, columns - column) < rng.integers(10, 60)
    return np.where(inside, rng.integers(100, 256), rng.integers(0, 60)).astype(np.uint8)


def _radiology_sets(context: Context) -> Iterable[tuple[str, list[tuple[Path, str]]]]:
    held = [row for row in read_images(context.data) if is_held(row.unit)]
    for source in dict.fromkeys(row.source for row in held):
        yield source, [(row.path, row.unit) for row in held if row.source == source]
    others = read_images(context.data, free=False)
    yield "covidcxr, rows for evaluation only", [(row.path, row.unit) for row in others]


def _labeler(context: Context) -> ImageLabeler:
    if context.subject.labeler is None:
        raise RadciteError("NOT_FOUND", "a labels tool", "标签工具")
    return context.subject.labeler
