"""A MobileNet's layers as a torch network, trained from where they are, and back."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from radcite.backends.images.tflite_weights import Layer

__all__ = ["Trunk"]


class Trunk(nn.Module):
    """The network from pixels to pooled features, reckoned as `image_graph` writes it.

    Args:
        layers: As `read_layers` gives them; their batch norms are folded into the kernels already.
        frozen: How many of them, from the pixels on, are kept as they are.
    """

    def __init__(self, layers: Sequence[Layer], frozen: int = 0) -> None:
        super().__init__()
        self._layers = tuple(layers)
        self._frozen = frozen
        self.convolutions = nn.ModuleDict()
        for place, layer in enumerate(layers):
            if layer.kernel is not None:
                self.convolutions[str(place)] = _convolution(layer).requires_grad_(place >= frozen)

    @property
    def width(self) -> int:
        """How many pooled features there are."""
        return next(len(one.kernel) for one in reversed(self._layers) if one.kernel is not None)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pooled features, (n, width), of pixels in [-1, 1], (n, 3, side, side)."""
        tensors = {self._layers[0].reads[0]: pixels}
        for place, layer in enumerate(self._layers):
            with torch.set_grad_enabled(torch.is_grad_enabled() and place >= self._frozen):
                tensors[layer.writes] = self._made(place, layer, [tensors[i] for i in layer.reads])
        return tensors[self._layers[-1].writes]

    def _made(self, place: int, layer: Layer, reads: list[Tensor]) -> Tensor:
        if layer.kind == "mean":
            return reads[0].float().mean(dim=(2, 3))
        if layer.kind == "add":
            return reads[0] + reads[1]
        made = self.convolutions[str(place)](_padded(reads[0], layer))
        return made.clamp(0, 6) if layer.bounded else made

    def layers(self) -> list[Layer]:
        """The layers with the weights that they have now."""
        found = list(self._layers)
        for name, convolution in self.convolutions.items():
            kernel, bias = (
                one.detach().float().cpu().numpy() for one in (convolution.weight, convolution.bias)
            )
            found[int(name)] = replace(
                found[int(name)], kernel=np.ascontiguousarray(kernel), bias=bias
            )
        return found


def _convolution(layer: Layer) -> nn.Conv2d:
    if layer.kernel is None or layer.bias is None:
        raise ValueError(layer.kind)
    out, each, height, width = layer.kernel.shape
    groups = out if layer.kind == "depthwise" else 1
    made = nn.Conv2d(each * groups, out, (height, width), layer.stride, groups=groups)
    with torch.no_grad():
        for own, value in ((made.weight, layer.kernel), (made.bias, layer.bias)):
            if own is not None:
                own.copy_(torch.from_numpy(value))
    return made


def _padded(pixels: Tensor, layer: Layer) -> Tensor:
    """TensorFlow's `SAME`: what is odd goes to the right and below."""
    if layer.kernel is None:
        return pixels
    sides: list[int] = []
    for size, length in zip(pixels.shape[:1:-1], layer.kernel.shape[:1:-1], strict=True):
        whole = max((-(-size // layer.stride) - 1) * layer.stride + length - size, 0)
        sides += [whole // 2, whole - whole // 2]
    return functional.pad(pixels, sides) if any(sides) else pixels
