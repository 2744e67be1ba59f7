"""Phantom images drawn by formula: no patient stands behind any of them."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radcite.core.vectors import Pixels

__all__ = ["Finding", "Part", "Side", "phantom"]

Part = Literal["chest", "brain", "forearm"]
Finding = Literal["normal", "effusion", "pneumothorax", "nodule", "mass", "fracture"]
Side = Literal["right", "left"]
_Plane = NDArray[np.float64]

_SIDE = 320
_GRAIN = 0.015
_ROWS, _COLUMNS = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE


def phantom(part: Part, finding: Finding, side: Side | None, seed: int) -> Pixels:
    """A phantom as displayed: shape (320, 320), uint8, the patient's right at the viewer's left.

    Args:
        part: Chest radiograph, axial brain slice or forearm radiograph.
        finding: What is drawn into it.
        side: The patient's side of the finding; None for a finding without a side.
        seed: Varies size, position and grain; the same seed gives the same image.
    """
    rng = np.random.default_rng(seed)
    draw = {"chest": _chest, "brain": _brain, "forearm": _forearm}[part]
    plane = draw(finding, side, rng)
    plane = plane + _GRAIN * rng.standard_normal(plane.shape)
    return (np.clip(plane, 0, 1) * 255).round().astype(np.uint8)


def _chest(finding: Finding, side: Side | None, rng: np.random.Generator) -> _Plane:
    dx, dy, size = rng.uniform(-0.015, 0.015), rng.uniform(-0.015, 0.015), rng.uniform(0.96, 1.04)
    right, left = (_ellipse(0.5 + dy, at + dx, 0.31 * size, 0.15 * size) for at in (0.31, 0.69))
    plane = 0.55 * _ellipse(0.55, 0.5, 0.62, 0.46)
    plane = _paint(plane, right + left, 0.2)
    ribs = 0.05 * (np.sin((_ROWS - 0.35 * np.abs(_COLUMNS - 0.5 - dx)) * 52) > 0.55)
    plane = plane + ribs * (right + left)
    affected = right if side == "right" else left
    if finding == "pneumothorax":
        plane = _collapsed(plane, affected, side, dx)
    if finding == "nodule":
        at = 0.31 + dx if side == "right" else 0.69 + dx
        plane = _paint(plane, _ellipse(rng.uniform(0.34, 0.4), at, 0.035, 0.035), 0.62)
    plane = _paint(plane, _ellipse(0.62 + dy, 0.55 + dx, 0.15, 0.12), 0.72)
    plane = _paint(plane, _ellipse(0.5, 0.5 + dx, 0.5, 0.055), 0.78)
    if finding == "effusion":
        plane = _layered_fluid(plane, affected, side, rng.uniform(0.56, 0.62), dx)
    return plane


def _collapsed(plane: _Plane, lung: _Plane, side: Side | None, dx: float) -> _Plane:
    """Air around a lung drawn in towards its root, with the pleural edge as a bright line."""
    root = 0.37 + dx if side == "right" else 0.63 + dx
    shrunk, inner = _ellipse(0.54, root, 0.19, 0.085), _ellipse(0.54, root, 0.183, 0.078)
    plane = _paint(plane, lung * (1 - shrunk), 0.05)
    plane = _paint(plane, lung * (shrunk - inner), 0.5)
    return _paint(plane, lung * inner, 0.34)


def _layered_fluid(
    plane: _Plane, lung: _Plane, side: Side | None, level: float, dx: float
) -> _Plane:
    """Fluid with a meniscus that climbs towards the chest wall."""
    outward = (0.31 + dx - _COLUMNS) if side == "right" else (_COLUMNS - 0.69 - dx)
    surface = level - 0.9 * np.clip(outward + 0.08, 0, None) ** 1.5
    return _paint(plane, lung * _soft(_ROWS - surface), 0.74)


def _brain(finding: Finding, side: Side | None, rng: np.random.Generator) -> _Plane:
    dx, dy, size = rng.uniform(-0.01, 0.01), rng.uniform(-0.01, 0.01), rng.uniform(0.97, 1.03)
    plane = 0.85 * _ellipse(0.5 + dy, 0.5 + dx, 0.42 * size, 0.34 * size)
    plane = _paint(plane, _ellipse(0.5 + dy, 0.5 + dx, 0.395 * size, 0.315 * size), 0.08)
    plane = _paint(plane, _ellipse(0.5 + dy, 0.5 + dx, 0.37 * size, 0.29 * size), 0.45)
    folds = 0.05 * np.sin(_ROWS * 70) * np.sin(_COLUMNS * 70)
    plane = plane + folds * _ellipse(0.5 + dy, 0.5 + dx, 0.37 * size, 0.29 * size)
    for at in (0.45, 0.55):
        plane = _paint(plane, _ellipse(0.48 + dy, at + dx, 0.11, 0.03), 0.12)
    if finding == "mass":
        at, row = (0.36 if side == "right" else 0.64) + dx, rng.uniform(0.36, 0.42)
        plane = _paint(plane, _ellipse(row, at, 0.115, 0.105), 0.3)
        plane = _paint(plane, _ellipse(row, at, 0.075, 0.07), 0.92)
    return plane


def _forearm(finding: Finding, side: Side | None, rng: np.random.Generator) -> _Plane:
    dx = rng.uniform(-0.02, 0.02)
    soft = _soft(0.2 - np.abs(_COLUMNS - 0.5 - dx)) * 0.3
    plane = soft
    break_row = rng.uniform(0.62, 0.68) if finding == "fracture" else 2.0
    for at, width in ((0.43, 0.045), (0.57, 0.055)):
        # Beyond the break the fragment is set off and tilted.
        beyond = (break_row < _ROWS) * (at > 0.5)
        axis = at + dx + beyond * (0.03 + 0.25 * (_ROWS - break_row))
        flare = width + 0.05 * np.clip(_ROWS - 0.75, 0, None)
        bone, marrow = (_soft(flare * part - np.abs(_COLUMNS - axis)) for part in (1.0, 0.55))
        plane = _paint(_paint(plane, bone, 0.9), marrow, 0.62)
        if at > 0.5:
            gap = _soft(0.012 - np.abs(_ROWS - break_row - 0.3 * (_COLUMNS - axis)))
            plane = _paint(plane, gap * _soft(0.07 - np.abs(_COLUMNS - axis)), 0.25)
    return plane if side != "left" else plane[:, ::-1]


def _ellipse(row: float, column: float, height: float, width: float) -> _Plane:
    distance = np.hypot((_ROWS - row) / height, (_COLUMNS - column) / width)
    return _soft((1 - distance) * min(height, width))


def _soft(signed_distance: _Plane) -> _Plane:
    """1 inside, 0 outside, with an edge three pixels wide."""
    return np.clip(signed_distance * _SIDE / 3 + 0.5, 0, 1)


def _paint(plane: _Plane, mask: _Plane, value: float) -> _Plane:
    return plane * (1 - mask) + value * mask
