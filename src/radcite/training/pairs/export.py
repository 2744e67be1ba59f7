"""The cross-encoder as an ONNX file."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from typing import TYPE_CHECKING

import numpy as np

from radcite.backends.text.minilm_graph import Weights, cross_encoder_graph

if TYPE_CHECKING:
    import onnx

    from radcite.training.pairs.cross_encoder import CrossEncoder

__all__ = ["cross_graph"]

_LAYER = {
    "attention.output.dense": "out",
    "attention.output.LayerNorm": "middle",
    "intermediate.dense": "wide",
    "output.dense": "narrow",
    "output.LayerNorm": "last",
}


def cross_graph(model: "CrossEncoder", tokens: int | None = None) -> "onnx.ModelProto":
    """The trained model as `radcite.backends.text.minilm_graph.cross_encoder_graph` writes it, in float32.

    Args:
        model: The trained model.
        tokens: The most it will read; the places behind them are left out.
    """
    state = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
    weights: dict[str, np.ndarray] = {
        "embeddings.word_embeddings.weight": state["words.weight"],
        "embeddings.position_embeddings.weight": state["places.weight"][:tokens],
        "embeddings.token_type_embeddings.weight": state["segments.weight"],
    }
    for kind in ("weight", "bias"):
        weights[f"embeddings.LayerNorm.{kind}"] = state[f"norm.{kind}"]
        weights[f"dense.{kind}"] = state[f"dense.{kind}"]
        weights[f"classes.{kind}"] = state[f"classes.{kind}"]
        for number in range(len(model.layers)):
            source, target = f"layers.{number}", f"encoder.layer.{number}"
            parts = np.split(state[f"{source}.qkv.{kind}"], 3)
            for part, value in zip(("query", "key", "value"), parts, strict=True):
                weights[f"{target}.attention.self.{part}.{kind}"] = value
            for theirs, ours in _LAYER.items():
                weights[f"{target}.{theirs}.{kind}"] = state[f"{source}.{ours}.{kind}"]
    made: Weights = weights
    return cross_encoder_graph(made)
