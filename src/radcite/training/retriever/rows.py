"""The rows of a static encoder, read back from its files."""

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from radcite.core.errors import RadciteError

__all__ = ["read_static_rows"]


def read_static_rows(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Each token's row, (dim,), from `model.onnx` and `tokenizer.json`.

    Raises:
        RadciteError: `NOT_FOUND` when a file is missing, `CONFIG_INVALID` for another kind of model.
    """
    model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
    if not (model.is_file() and tokenizer.is_file()):
        raise RadciteError("NOT_FOUND", "the static encoder's folder", "静态编码器目录")
    constants = {
        each.name: numpy_helper.to_array(each) for each in onnx.load(model).graph.initializer
    }
    if not {"table", "scale"} <= constants.keys():
        raise RadciteError(
            "CONFIG_INVALID", "model.onnx is no static encoder", "model.onnx 不是静态编码器"
        )
    rows = constants["table"].astype(np.float32) * constants["scale"][:, None]
    numbers: dict[str, int] = json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"]
    return {token: rows[number] for token, number in numbers.items()}
