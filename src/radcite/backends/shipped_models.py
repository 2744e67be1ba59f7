"""The small models that radcite carries: where each lies in the package."""

from importlib.resources import files
from pathlib import Path
from typing import Literal

__all__ = ["ShippedModel", "shipped_model"]

ShippedModel = Literal["text-zh-en", "judge"]


def shipped_model(name: ShippedModel) -> Path | None:
    """The folder of a model, or None in an installation that leaves it out."""
    folder = Path(str(files("radcite.backends").joinpath("models", name)))
    return folder if (folder / "model.onnx").is_file() else None
