"""Images a second of the built-in image encoder on two cores, and its cost beside the classical descriptor's."""

import asyncio
from functools import partial

import numpy as np

from bench.timing import Row, interleaved, median_ratio
from radcite.apps.models import image_encoder
from radcite.core.ports import ImageEncoder
from radcite.core.settings import EncoderSettings, Settings
from radcite.core.vectors import Pixels

__all__ = ["image_rows"]

_ROUNDS, _CORES = 5, 2


def image_rows(count: int) -> list[Row]:
    """Rows of so many generated images of 512 x 512."""
    rng = np.random.default_rng(0)
    images: list[Pixels] = [rng.integers(0, 256, (512, 512), dtype=np.uint8) for _ in range(count)]
    encoders: dict[str, ImageEncoder] = {
        name: image_encoder(Settings(encoders=EncoderSettings(image=name, threads=1)))
        for name in ("builtin", "classical")
    }
    ways = {name: partial(_encode, encoder, images) for name, encoder in encoders.items()}
    for way in ways.values():
        way()
    spent = {
        name: [one.cpu_s for one in rounds] for name, rounds in interleaved(ways, _ROUNDS).items()
    }
    per_image = sorted(spent["builtin"])[_ROUNDS // 2] / count
    return [
        Row(
            "images a second on two cores",
            _CORES / per_image,
            goal=">= 20",
            note="by the CPU's time of an image",
        ),
        Row(
            "CPU of an image, classical / built in",
            median_ratio(spent["classical"], spent["builtin"]),
        ),
    ]


def _encode(encoder: ImageEncoder, images: list[Pixels]) -> object:
    return asyncio.run(encoder.encode(images))
