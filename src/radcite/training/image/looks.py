"""Other looks of images, as `image_views` has them, drawn for a whole batch at once where the network is."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

__all__ = ["looks", "plain"]

_BLOCK = 8
# Source: ITU-T T.81 (JPEG), table K.1.
_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def plain(squares: Tensor) -> Tensor:
    """Grey squares, uint8 (n, side, side), as the network reads them: (n, 3, side, side) in [-1, 1]."""
    return _input(squares.float() / 255)


def looks(squares: Tensor, mirrored: Tensor, draw: Generator) -> Tensor:
    """A random look of each square, as the network reads it: (n, 3, side, side) in [-1, 1].

    Turned, scaled, shifted, windowed; some blurred, noisy, black for white, or as a coarse JPEG file.

    Args:
        squares: Grey values, uint8, (n, side, side).
        mirrored: For each, whether left and right may change places; never for a chest.
        draw: Of the choices, on the squares' device.
    """
    grey = _moved(squares.float()[:, None] / 255, mirrored, draw)
    grey = _where(grey, _blurred(grey, draw), 0.4, draw)
    grey = _where(grey, _windowed(grey, draw), 0.8, draw)
    deviation = 0.09 * _uniform(grey, draw)
    noise = torch.randn(grey.shape, generator=draw, device=grey.device)
    grey = _where(grey, (grey + deviation * noise).clamp(0, 1), 0.35, draw)
    grey = _where(grey, 1 - grey, 0.2, draw)
    return _input(_where(grey, _compressed(grey, draw), 0.3, draw)[:, 0])


def _input(grey: Tensor) -> Tensor:
    return (grey * 2 - 1)[:, None].expand(-1, 3, -1, -1).contiguous()


def _uniform(like: Tensor, draw: Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """A number for each image, (n, 1, 1, 1)."""
    drawn = torch.rand((len(like), 1, 1, 1), generator=draw, device=like.device)
    return low + (high - low) * drawn


def _where(grey: Tensor, changed: Tensor, share: float, draw: Generator) -> Tensor:
    return torch.where(_uniform(grey, draw) < share, changed, grey)


def _moved(grey: Tensor, mirrored: Tensor, draw: Generator) -> Tensor:
    """Turned by up to 12 degrees, scaled by up to a sixth, shifted by up to a sixteenth; black comes in."""
    angle = math.radians(12) * _uniform(grey, draw, -1, 1).flatten()
    scale = _uniform(grey, draw, 0.86, 1.16).flatten()
    squeezed = _uniform(grey, draw, 0.95, 1.05).flatten()
    flipped = mirrored & (_uniform(grey, draw).flatten() < 0.5)
    side = torch.where(flipped, -1.0, 1.0)
    across, down = (_uniform(grey, draw, -0.12, 0.12).flatten() for _ in range(2))
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    first = torch.stack([side * cosine * squeezed, -sine, across], dim=1)
    second = torch.stack([side * sine * squeezed, cosine, down], dim=1)
    grid = functional.affine_grid(
        torch.stack([first, second], dim=1), list(grey.shape), align_corners=False
    )
    return functional.grid_sample(grey, grid, align_corners=False)


def _windowed(grey: Tensor, draw: Generator) -> Tensor:
    low, high = _uniform(grey, draw, -0.15, 0.18), _uniform(grey, draw, 0.75, 1.35)
    power = torch.exp(_uniform(grey, draw, math.log(0.6), math.log(1.6)))
    return ((grey - low) / (high - low)).clamp(0, 1).clamp(min=1e-4) ** power


def _blurred(grey: Tensor, draw: Generator) -> Tensor:
    """By a Gaussian of up to 2.4 pixels, each image by its own."""
    sigma = _uniform(grey, draw, 0.4, 2.4)[:, 0, 0]
    far = torch.arange(-6, 7, device=grey.device)
    kernel = torch.exp(-(far**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    # Each image a channel, so that each has its own kernel.
    row, count = grey.transpose(0, 1), len(grey)
    row = functional.conv2d(row, kernel[:, None, :, None], padding=(6, 0), groups=count)
    row = functional.conv2d(row, kernel[:, None, None, :], padding=(0, 6), groups=count)
    return row.transpose(0, 1)


def _compressed(grey: Tensor, draw: Generator) -> Tensor:
    """As JPEG of quality 10 to 60 leaves it: rounded in the cosine transform of its blocks."""
    count, _, height, width = grey.shape
    basis = _cosines(grey.device)
    blocks = grey.reshape(count, height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    blocks = blocks.transpose(2, 3) * 255 - 128
    quality = _uniform(grey, draw, 10, 60)[..., None]
    factor = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    steps = (torch.tensor(_LUMINANCE, device=grey.device) * factor).clamp(min=1)
    rounded = torch.round(basis @ blocks @ basis.T / steps) * steps
    made = (basis.T @ rounded @ basis + 128) / 255
    return made.transpose(2, 3).reshape(grey.shape).clamp(0, 1)


def _cosines(device: torch.device) -> Tensor:
    place = torch.arange(_BLOCK, device=device, dtype=torch.float32)
    basis = torch.cos((2 * place + 1) * place[:, None] * math.pi / (2 * _BLOCK)) / 2
    basis[0] /= math.sqrt(2)
    return basis
