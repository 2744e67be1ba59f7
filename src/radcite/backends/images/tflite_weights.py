"""The layers of a quantised MobileNet in TensorFlow Lite's file format, its weights made real numbers again.

Source: tensorflow/lite/schema/schema.fbs (the order of fields); Jacob et al., arXiv 1712.05877, section 2.1.
"""

# flatbuffers is not typed.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from flatbuffers.table import Table
from numpy.typing import NDArray

from radcite.core.errors import RadciteError

__all__ = ["Layer", "read_layers"]

_Real = NDArray[np.float32]
_Kind = Literal["conv", "depthwise", "add", "mean"]
_KINDS: dict[int, _Kind] = {0: "add", 1: "mean", 3: "conv", 4: "depthwise"}
# By the schema's order of fields: where a convolution's options keep stride and activation.
_STRIDE = 1
_ACTIVATION: dict[_Kind, int] = {"conv": 3, "depthwise": 4}
_NUMBERS = {3: np.uint8, 2: np.int32}
_RELU6 = 3


@dataclass(frozen=True, slots=True)
class Layer:
    """One operation. Tensors are named by number; `kernel` is (out, in or 1, height, width)."""

    kind: _Kind
    reads: tuple[int, ...]
    writes: int
    kernel: _Real | None = None
    bias: _Real | None = None
    stride: int = 1
    bounded: bool = False


def read_layers(path: Path) -> list[Layer]:
    """The layers in their order up to the pooled features; a classifier behind them is left out.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for what is not such a network.
    """
    content = path.read_bytes()
    if content[4:8] != b"TFL3":
        raise RadciteError(
            "UNSUPPORTED_FILE", "not a TensorFlow Lite file", "不是 TensorFlow Lite 文件"
        )
    model = _Table(Table(content, int.from_bytes(content[:4], "little")))
    codes = [code.number(0, "Int8") for code in model.tables(1)]
    buffers = model.tables(4)
    graph = model.tables(2)[0]
    tensors = graph.tables(0)
    layers: list[Layer] = []
    for operation in graph.tables(3):
        kind = _KINDS.get(codes[operation.number(0, "Uint32")])
        if kind is None:
            break
        layers.append(_layer(kind, operation, tensors, buffers))
        if kind == "mean":
            break
    if not layers or layers[-1].kind != "mean":
        raise RadciteError(
            "UNSUPPORTED_FILE", "no pooled features in this network", "该网络没有池化特征"
        )
    return layers


@dataclass(frozen=True, slots=True)
class _Table:
    """A flatbuffers table read by the numbers of its fields."""

    raw: Table

    def _at(self, field: int) -> int:
        return int(self.raw.Offset(4 + 2 * field))

    def number(self, field: int, kind: str, absent: int = 0) -> int:
        from flatbuffers import number_types

        at = self._at(field)
        return (
            int(self.raw.Get(getattr(number_types, f"{kind}Flags"), at + self.raw.Pos))
            if at
            else absent
        )

    def table(self, field: int) -> "_Table":
        at = self._at(field)
        return _Table(Table(self.raw.Bytes, self.raw.Indirect(at + self.raw.Pos)))

    def union(self, field: int) -> "_Table":
        found = Table(self.raw.Bytes, 0)
        self.raw.Union(found, self._at(field))
        return _Table(found)

    def tables(self, field: int) -> list["_Table"]:
        at = self._at(field)
        start = self.raw.Vector(at)
        return [
            _Table(Table(self.raw.Bytes, self.raw.Indirect(start + 4 * i)))
            for i in range(self.raw.VectorLen(at))
        ]

    def values(self, field: int, kind: Any) -> NDArray[Any]:
        at = self._at(field)
        if not at:
            return np.empty(0, dtype=kind)
        return np.frombuffer(
            self.raw.Bytes, dtype=kind, count=self.raw.VectorLen(at), offset=self.raw.Vector(at)
        )


def _layer(
    kind: _Kind, operation: _Table, tensors: Sequence[_Table], buffers: Sequence[_Table]
) -> Layer:
    reads = [int(i) for i in operation.values(1, np.int32)]
    writes = int(operation.values(2, np.int32)[0])
    if kind not in _ACTIVATION:
        return Layer(kind, tuple(reads[:2] if kind == "add" else reads[:1]), writes)
    options = operation.union(4)
    kernel = _real(tensors[reads[1]], buffers)
    # From (out, height, width, in), depthwise (1, height, width, out).
    axes = (0, 3, 1, 2) if kind == "conv" else (3, 0, 1, 2)
    return Layer(
        kind,
        (reads[0],),
        writes,
        np.ascontiguousarray(kernel.transpose(axes)),
        _real(tensors[reads[2]], buffers),
        options.number(_STRIDE, "Int32", 1),
        options.number(_ACTIVATION[kind], "Int8") == _RELU6,
    )


def _real(tensor: _Table, buffers: Sequence[_Table]) -> _Real:
    kind = _NUMBERS[tensor.number(1, "Int8")]
    stored = buffers[tensor.number(2, "Uint32")].values(0, np.uint8).view(kind)
    scaling = tensor.table(4)
    scale, zero = scaling.values(2, np.float32), scaling.values(3, np.int64)
    shape = [int(size) for size in tensor.values(0, np.int32)]
    real = (stored.astype(np.float32) - np.float32(zero[0])) * scale[0]
    return real.astype(np.float32).reshape(shape)
