"""A convolutional network as an ONNX file, with what it sees at several depths as one row of features."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from radcite.backends.images.tflite_weights import Layer

__all__ = ["SIDE", "Projection", "Tower", "image_graph"]

SIDE = 224
_GRID = 3


@dataclass(frozen=True, slots=True)
class Projection:
    """A linear map behind the features: `rows` is (features, width), `offset` (width,)."""

    rows: NDArray[np.float32]
    offset: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tower:
    """A second network that reads the same pixels; `projection` is of its pooled features.

    Its vector, made one long, comes first in `embedding`; what the projections make of the first network's features
    follows, made `share` long.
    """

    layers: Sequence[Layer]
    projection: Projection
    share: float


@dataclass(frozen=True, slots=True)
class _Graph:
    """The nodes and constants of a graph while it is made."""

    nodes: list[onnx.NodeProto] = field(default_factory=list[onnx.NodeProto])
    constants: dict[str, NDArray[Any]] = field(default_factory=dict[str, NDArray[Any]])

    def add(self, operator: str, reads: Sequence[str], writes: str, **attributes: Any) -> str:
        """Append a node; the name of what it writes."""
        self.nodes.append(helper.make_node(operator, list(reads), [writes], **attributes))
        return writes

    def half(self, name: str, values: NDArray[Any]) -> str:
        """A constant kept as float16 and widened when the model is loaded."""
        self.constants[f"{name}_half"] = values.astype(np.float16)
        return self.add("Cast", [f"{name}_half"], name, to=TensorProto.FLOAT)


def image_graph(
    layers: Sequence[Layer],
    taps: Sequence[int] = (),
    projections: Mapping[str, Projection] | None = None,
    tower: Tower | None = None,
) -> onnx.ModelProto:
    """The network as a model; weights are kept in half precision and reckoned with in full.

    Args:
        layers: From the pixels to the pooled features.
        taps: Places of layers whose maps are features too: their means over a grid of 3 by 3 overlapping cells, and
            their deviations over the whole.
        projections: What is made of the features, by the names of the outputs.
        tower: What comes before it in the output `embedding`.

    Returns:
        A model with the input `pixels`, float32 in [-1, 1], (batch, 3, 224, 224), and those outputs, or `features`
        for want of any, each (batch, width).
    """
    graph = _Graph()
    graph.constants.update(low=np.array(0, np.float32), high=np.array(6, np.float32))
    features = _network(graph, layers, taps, "")
    for name, projection in (projections or {}).items():
        whole = name != "embedding" or tower is None
        _projected(graph, features, projection, name if whole else "beside")
    if tower is not None:
        pooled = _network(graph, tower.layers, (), "tower_")
        own = _unit(graph, _projected(graph, pooled, tower.projection, "tower"), 1.0)
        graph.add("Concat", [own, _unit(graph, "beside", tower.share)], "embedding", axis=1)
    return _model(graph, tuple(projections or {"features": None}))


def _network(graph: _Graph, layers: Sequence[Layer], taps: Sequence[int], prefix: str) -> str:
    """The name of the network's features; its tensors' names begin with the prefix."""
    size, made = SIDE, list[str]()
    graph.add("Identity", ["pixels"], f"{prefix}t{layers[0].reads[0]}")
    for place, layer in enumerate(layers):
        size = -(-size // layer.stride)
        _layer(graph, layer, prefix)
        if place in taps:
            made += _seen(graph, f"{prefix}t{layer.writes}", size)
    made.append(f"{prefix}t{layers[-1].writes}")
    return graph.add("Concat", made, f"{prefix}features", axis=1)


def _projected(graph: _Graph, features: str, projection: Projection, name: str) -> str:
    rows = graph.half(f"{name}_rows", projection.rows)
    graph.constants[f"{name}_offset"] = projection.offset.astype(np.float32)
    product = graph.add("MatMul", [features, rows], f"{name}_product")
    return graph.add("Add", [product, f"{name}_offset"], name)


def _unit(graph: _Graph, vectors: str, length: float) -> str:
    """The vectors made so long."""
    graph.constants[f"{vectors}_length"] = np.array(length, np.float32)
    made = graph.add("LpNormalization", [vectors], f"{vectors}_unit", axis=1, p=2)
    return graph.add("Mul", [made, f"{vectors}_length"], f"{vectors}_long")


def _layer(graph: _Graph, layer: Layer, prefix: str) -> None:
    reads, out = [f"{prefix}t{i}" for i in layer.reads], f"{prefix}t{layer.writes}"
    if layer.kind == "mean":
        graph.add("ReduceMean", reads, out, axes=[2, 3], keepdims=0)
    elif layer.kind == "add":
        graph.add("Add", reads, out)
    elif layer.kernel is not None and layer.bias is not None:
        bias = f"{prefix}b{layer.writes}"
        graph.constants[bias] = layer.bias
        kernel = graph.half(f"{prefix}k{layer.writes}", layer.kernel)
        found = graph.add(
            "Conv",
            [reads[0], kernel, bias],
            f"{prefix}c{layer.writes}" if layer.bounded else out,
            auto_pad="SAME_UPPER",
            strides=[layer.stride, layer.stride],
            group=len(layer.kernel) if layer.kind == "depthwise" else 1,
        )
        if layer.bounded:
            graph.add("Clip", [found, "low", "high"], out)


def _seen(graph: _Graph, tensor: str, size: int) -> list[str]:
    """The names of a map's features, each (batch, width)."""
    stride = size // (_GRID + 1) + (size % (_GRID + 1) > 0)
    kernel = size - (_GRID - 1) * stride
    cells = graph.add(
        "AveragePool",
        [tensor],
        f"{tensor}_cells",
        kernel_shape=[kernel, kernel],
        strides=[stride, stride],
    )
    mean = graph.add("ReduceMean", [tensor], f"{tensor}_mean", axes=[2, 3], keepdims=0)
    square = graph.add("Mul", [tensor, tensor], f"{tensor}_square")
    power = graph.add("ReduceMean", [square], f"{tensor}_power", axes=[2, 3], keepdims=0)
    spread = graph.add("Mul", [mean, mean], f"{tensor}_spread")
    variance = graph.add("Sub", [power, spread], f"{tensor}_variance")
    kept = graph.add("Relu", [variance], f"{tensor}_kept")
    return [
        graph.add("Flatten", [cells], f"{tensor}_grid", axis=1),
        graph.add("Sqrt", [kept], f"{tensor}_deviation"),
    ]


def _model(graph: _Graph, outputs: Sequence[str]) -> onnx.ModelProto:
    shape = ["batch", 3, SIDE, SIDE]
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "image",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, shape)],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", f"{name}_width"])
                for name in outputs
            ],
            [numpy_helper.from_array(value, name) for name, value in graph.constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
        producer_name="radcite",
    )
