"""A training run's folder: its figures, its checkpoint, and when it has learned enough."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radcite.core.errors import RadciteError

__all__ = [
    "BEST",
    "CHECKPOINT",
    "EarlyStopping",
    "JsonlTracker",
    "clear_run",
    "keep_plan",
    "load_checkpoint",
    "save_checkpoint",
]

CHECKPOINT, BEST = "checkpoint.pt", "best.pt"


class JsonlTracker:
    """A `Tracker` that writes one JSON line a step; a resumed run goes on in the same file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Note figures of a step; they are in the file when this returns."""
        with self._path.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"step": step, **figures}) + "\n")

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(slots=True)
class EarlyStopping:
    """Whether a figure that should rise has stopped rising. A `patience` of 0 never stops, and looks for no best."""

    patience: int
    best: float = float("-inf")
    waited: int = 0

    def __call__(self, figure: float) -> bool:
        """Take the figure of a round; true once `patience` rounds brought nothing better."""
        if figure > self.best:
            self.best, self.waited = figure, 0
        else:
            self.waited += 1
        return self.done

    @property
    def done(self) -> bool:
        """Whether `patience` rounds brought nothing better."""
        return 0 < self.patience <= self.waited

    @property
    def improved(self) -> bool:
        """Whether the last figure was the best, where the best is looked for."""
        return self.patience > 0 and self.waited == 0


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write a training state whole or not at all.

    Raises:
        RadciteError: `STORAGE_LOW`; an earlier checkpoint stays.
    """
    import torch

    scratch = path.with_suffix(".part")
    try:
        with scratch.open("wb") as file:
            torch.save(dict(state), file)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as exc:
        scratch.unlink(missing_ok=True)
        raise RadciteError(
            "STORAGE_LOW", "the checkpoint cannot be written", "无法写入检查点"
        ) from exc


def load_checkpoint(path: Path, recipe: str) -> Mapping[str, Any] | None:
    """The state to go on from; None when there is none.

    Args:
        path: The file.
        recipe: What the run is to be; a state of another plan is refused.

    Raises:
        RadciteError: `VALIDATION` when the checkpoint is damaged or of another plan.
    """
    import pickle

    import torch

    if not path.is_file():
        return None
    try:
        state: Mapping[str, Any] = torch.load(path, weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError) as exc:
        raise RadciteError(
            "VALIDATION",
            f"{path.name} is not a checkpoint; remove it to start anew",
            f"{path.name} 不是有效的检查点；删除后可重新开始",
        ) from exc
    if state.get("recipe") != recipe:
        raise _another_plan(path.name)
    return state


def clear_run(folder: Path) -> None:
    """Remove what a run is gone on with, once what it was for is written."""
    for name in (CHECKPOINT, BEST):
        (folder / name).unlink(missing_ok=True)


def keep_plan(folder: Path, recipe: str) -> None:
    """Note what a run is to be; a run that is gone on with must be the same.

    Raises:
        RadciteError: `VALIDATION` when the folder holds a run of another plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "plan.txt"
    if kept.is_file() and kept.read_text("utf-8") != recipe:
        raise _another_plan(folder.name)
    kept.write_text(recipe, "utf-8")


def _another_plan(name: str) -> RadciteError:
    return RadciteError(
        "VALIDATION",
        f"{name} is of another plan; choose another folder or the same options",
        f"{name} 属于另一训练方案；请更换目录或使用相同选项",
    )
