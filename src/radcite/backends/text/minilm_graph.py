"""all-MiniLM-L6-v2 as an ONNX graph: BERT, 6 layers, mean pooling over the mask.

The fused operators of ONNX Runtime (`com.microsoft`) are written directly, so no optimiser has to
find them again at every start.

Source: Devlin et al., arXiv 1810.04805; Wang et al., arXiv 2002.10957.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

__all__ = [
    "HEADS",
    "LAYERS",
    "LAYER_NORM_EPSILON",
    "Weights",
    "cross_encoder_graph",
    "minilm_graph",
]

LAYERS = 6
HEADS = 12
LAYER_NORM_EPSILON = 1e-12
_FUSED = "com.microsoft"

Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Nodes and constants in the order they are added; each method names its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(
        self,
        op: str,
        inputs: Sequence[str],
        output: str,
        domain: str = "",
        **attributes: int | float,
    ) -> str:
        node = helper.make_node(op, inputs, [output], name=output, domain=domain)
        node.attribute.extend(helper.make_attribute(key, attributes[key]) for key in attributes)
        self.nodes.append(node)
        return output


def minilm_graph(weights: Weights) -> onnx.ModelProto:
    """The encoder as a model.

    Args:
        weights: Tensors by the names of the safetensors file.

    Returns:
        A model with inputs `input_ids` and `attention_mask` (int64, shape (batch, tokens)) and the
        output `embedding` (float32, shape (batch, 384), not yet of unit length).
    """
    graph = _Graph()
    mask = graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    hidden = _embeddings(graph, weights)
    for layer in range(LAYERS):
        hidden = _layer(graph, weights, layer, hidden, mask)
    _mean_pooling(graph, hidden)
    dim = int(weights["embeddings.LayerNorm.weight"].shape[0])
    return _model(graph, "minilm", ("input_ids", "attention_mask"), "embedding", dim)


def cross_encoder_graph(weights: Weights) -> onnx.ModelProto:
    """The same layers over two texts at once, with scores of classes on top.

    Args:
        weights: Tensors by the names of the safetensors file, and `dense` and `classes` (weight, bias): the head over
            the first token's vector and the mean of all.

    Returns:
        A model with inputs `input_ids`, `attention_mask` and `token_type_ids` (int64, shape (batch, tokens)) and the
        output `scores` (float32, shape (batch, classes), before the softmax).
    """
    graph = _Graph()
    mask = graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    hidden = _embeddings(graph, weights, segmented=True)
    for layer in range(_layers_in(weights)):
        hidden = _layer(graph, weights, layer, hidden, mask)
    _mean_pooling(graph, hidden)
    first = graph.constant("first", np.array([0], dtype=np.int64))
    graph.node("Gather", [hidden, first], "firsts", axis=1)
    graph.node("Squeeze", ["firsts", "tokens"], "opening")
    graph.node("Concat", ["opening", "embedding"], "both", axis=1)
    for name, source, target in (("dense", "both", "made"), ("classes", "pooled", "scores")):
        product = graph.node(
            "MatMul",
            [source, graph.constant(f"{name}.weight", weights[f"{name}.weight"].T)],
            f"{name}.product",
        )
        graph.node(
            "Add", [product, graph.constant(f"{name}.bias", weights[f"{name}.bias"])], target
        )
        if name == "dense":
            graph.node("Tanh", [target], "pooled")
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    return _model(graph, "cross-encoder", inputs, "scores", len(weights["classes.bias"]))


def _layers_in(weights: Weights) -> int:
    return sum(name.endswith(".attention.self.query.bias") for name in weights)


def _model(
    graph: _Graph, name: str, inputs: Sequence[str], output: str, width: int
) -> onnx.ModelProto:
    shape = ["batch", "tokens"]
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            name,
            [helper.make_tensor_value_info(each, TensorProto.INT64, shape) for each in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", width])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)],
        ir_version=8,
        producer_name="radcite",
    )


def _embeddings(graph: _Graph, weights: Weights, *, segmented: bool = False) -> str:
    # One segment only, so its embedding is part of every word's.
    words = weights["embeddings.word_embeddings.weight"]
    segments = weights["embeddings.token_type_embeddings.weight"]
    table = graph.constant("words", words if segmented else words + segments[0])
    places = graph.constant("places", weights["embeddings.position_embeddings.weight"])
    graph.node("Gather", [table, "input_ids"], "word")
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    start = graph.constant("start", np.array([0], dtype=np.int64))
    graph.node("Slice", [places, start, "length", start], "place")
    if segmented:
        graph.node("Gather", [graph.constant("segments", segments), "token_type_ids"], "segment")
        graph.node("Add", ["word", "place"], "placed")
        graph.node("Add", ["placed", "segment"], "embedded")
    else:
        graph.node("Add", ["word", "place"], "embedded")
    return graph.node(
        "LayerNormalization",
        [
            "embedded",
            graph.constant("embedded.scale", weights["embeddings.LayerNorm.weight"]),
            graph.constant("embedded.bias", weights["embeddings.LayerNorm.bias"]),
        ],
        "hidden",
        epsilon=LAYER_NORM_EPSILON,
    )


def _layer(graph: _Graph, weights: Weights, layer: int, hidden: str, mask: str) -> str:
    source = f"encoder.layer.{layer}"
    name = f"layer{layer}"
    attention = f"{source}.attention.self"
    parts = ("query", "key", "value")
    qkv = np.concatenate([weights[f"{attention}.{part}.weight"] for part in parts]).T
    qkv_bias = np.concatenate([weights[f"{attention}.{part}.bias"] for part in parts])
    graph.node(
        "Attention",
        [
            hidden,
            graph.constant(f"{name}.qkv.weight", qkv),
            graph.constant(f"{name}.qkv.bias", qkv_bias),
            mask,
        ],
        f"{name}.attended",
        domain=_FUSED,
        num_heads=HEADS,
    )
    projected = _projection(
        graph, weights, f"{source}.attention.output.dense", f"{name}.attended", f"{name}.projected"
    )
    attended = _residual(
        graph, weights, f"{source}.attention.output", projected, hidden, f"{name}.middle"
    )
    widened = _projection(
        graph, weights, f"{source}.intermediate.dense", attended, f"{name}.widened"
    )
    bias = graph.constant(f"{name}.wide.bias", weights[f"{source}.intermediate.dense.bias"])
    graph.node("BiasGelu", [widened, bias], f"{name}.activated", domain=_FUSED)
    narrowed = _projection(
        graph, weights, f"{source}.output.dense", f"{name}.activated", f"{name}.narrowed"
    )
    return _residual(graph, weights, f"{source}.output", narrowed, attended, f"{name}.hidden")


def _projection(graph: _Graph, weights: Weights, source: str, hidden: str, output: str) -> str:
    weight = graph.constant(f"{output}.weight", weights[f"{source}.weight"].T)
    return graph.node("MatMul", [hidden, weight], output)


def _residual(
    graph: _Graph, weights: Weights, source: str, hidden: str, skip: str, output: str
) -> str:
    return graph.node(
        "SkipLayerNormalization",
        [
            hidden,
            skip,
            graph.constant(f"{output}.scale", weights[f"{source}.LayerNorm.weight"]),
            graph.constant(f"{output}.shift", weights[f"{source}.LayerNorm.bias"]),
            graph.constant(f"{output}.bias", weights[f"{source}.dense.bias"]),
        ],
        output,
        domain=_FUSED,
        epsilon=LAYER_NORM_EPSILON,
    )


def _mean_pooling(graph: _Graph, hidden: str) -> None:
    graph.node("Cast", ["attention_mask"], "weight", to=TensorProto.FLOAT)
    last = graph.constant("last", np.array([-1], dtype=np.int64))
    tokens = graph.constant("tokens", np.array([1], dtype=np.int64))
    graph.node("Unsqueeze", ["weight", last], "column")
    graph.node("Mul", [hidden, "column"], "masked")
    graph.node("ReduceSum", ["masked", tokens], "summed", keepdims=0)
    graph.node("ReduceSum", ["weight", tokens], "count", keepdims=1)
    graph.node("Div", ["summed", "count"], "embedding")
