"""The static encoder as an ONNX file: an int8 table with a scale a row, mean over the tokens."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

__all__ = ["static_graph"]


def static_graph(rows: NDArray[np.float32]) -> onnx.ModelProto:
    """The encoder as a model.

    Args:
        rows: A row a token, (tokens, dim).

    Returns:
        A model with inputs `input_ids` and `attention_mask` (int64, (batch, tokens)) and the output
        `embedding` (float32, (batch, dim), not yet of unit length).
    """
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-12) / 127
    table = np.round(rows / scale[:, None]).astype(np.int8)
    shape = ["batch", "tokens"]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["small"]),
        helper.make_node("Cast", ["small"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["scale", "input_ids"], ["own"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["own", "mask"], ["weight"]),
        helper.make_node("Unsqueeze", ["weight", "second"], ["rows"]),
        # (batch, 1, tokens) by (batch, tokens, dim): scaled and summed in one product.
        helper.make_node("MatMul", ["rows", "wide"], ["sums"]),
        helper.make_node("Squeeze", ["sums", "second"], ["sum"]),
        helper.make_node("ReduceSum", ["mask", "second"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["embedding"]),
    ]
    constants = {"table": table, "scale": scale.astype(np.float32), "second": np.array([1])}
    return helper.make_model(
        helper.make_graph(
            nodes,
            "static-text",
            [
                helper.make_tensor_value_info(n, TensorProto.INT64, shape)
                for n in ("input_ids", "attention_mask")
            ],
            [
                helper.make_tensor_value_info(
                    "embedding", TensorProto.FLOAT, ["batch", rows.shape[1]]
                )
            ],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
        producer_name="radcite",
    )
