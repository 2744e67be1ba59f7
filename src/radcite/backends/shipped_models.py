"""The small models that radcite carries: where each lies in the package."""

from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np

from radcite.core.vectors import Vectors

__all__ = ["ShippedModel", "shipped_model", "shipped_turn"]

ShippedModel = Literal["text-zh-en", "image-text", "pairs-zh-en"]


def shipped_model(name: ShippedModel) -> Path | None:
    """The folder of a model, or None in an installation that leaves it out."""
    folder = Path(str(files("radcite.backends").joinpath("models", name)))
    return folder if (folder / "model.onnx").is_file() else None


def shipped_turn() -> Vectors:
    """The matrix, (384, 384), that brings `text-zh-en` onto MiniLM's axes."""
    file = Path(str(files("radcite.backends").joinpath("models/text-zh-en/turn.npy")))
    return np.load(file, allow_pickle=False).astype(np.float32)
