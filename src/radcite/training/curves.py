"""Learning curves of a run, drawn from its figures without a plotting library."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from radcite.training.trackers import FIGURES

__all__ = ["best_figure", "read_figures", "write_curves"]

Point = tuple[int, float]
_WIDTH, _HEIGHT, _LEFT, _ROW = 560, 150, 64, 190


def read_figures(folder: Path) -> Mapping[str, Sequence[Point]]:
    """Steps and values of each figure that a run noted, in the order of steps; of a step noted twice, the last."""
    found: dict[str, dict[int, float]] = {}
    path = folder / FIGURES
    for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
        noted: dict[str, float] = json.loads(line)
        step = int(noted.pop("step"))
        for name, value in noted.items():
            found.setdefault(name, {})[step] = value
    return {name: sorted(points.items()) for name, points in found.items()}


def best_figure(folder: Path, name: str, *, lowest: bool = False) -> float | None:
    """The highest, or lowest, value of a figure in a run; None when it was never noted."""
    values = [value for _, value in read_figures(folder).get(name, ())]
    return (min(values) if lowest else max(values)) if values else None


def write_curves(folder: Path) -> Path:
    """`curves.svg`: one panel for each figure, with the values at its ends."""
    figures = [(name, points) for name, points in read_figures(folder).items() if len(points) > 1]
    height = max(1, len(figures)) * _ROW
    panels = "".join(
        _panel(name, points, place * _ROW) for place, (name, points) in enumerate(figures)
    )
    path = folder / "curves.svg"
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH + _LEFT + 16}" height="{height}" '
        f'font-family="sans-serif" font-size="11">{panels}</svg>\n',
        "utf-8",
    )
    return path


def _panel(name: str, points: Sequence[Point], top: int) -> str:
    steps, values = [step for step, _ in points], [value for _, value in points]
    low, high = min(values), max(values)
    span, length = (high - low) or 1.0, (steps[-1] - steps[0]) or 1
    base = top + 24
    drawn = " ".join(
        f"{_LEFT + (step - steps[0]) / length * _WIDTH:.1f},{base + (high - value) / span * (_HEIGHT - 16):.1f}"
        for step, value in points
    )
    foot = base + _HEIGHT - 16
    return (
        f'<text x="{_LEFT}" y="{top + 14}" font-weight="bold">{escape(name)}</text>'
        f'<text x="{_LEFT - 6}" y="{base + 4}" text-anchor="end">{high:.4g}</text>'
        f'<text x="{_LEFT - 6}" y="{foot}" text-anchor="end">{low:.4g}</text>'
        f'<text x="{_LEFT}" y="{foot + 16}">{steps[0]}</text>'
        f'<text x="{_LEFT + _WIDTH}" y="{foot + 16}" text-anchor="end">{steps[-1]}</text>'
        f'<polyline points="{drawn}" fill="none" stroke="#1f6feb" stroke-width="1.5"/>'
    )
