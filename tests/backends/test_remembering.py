"""An encoder that remembers is one like any other, and encodes no image twice in a turn."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from radcite.backends.fakes import FlatImageEncoder
from radcite.backends.images.classical import ClassicalImageEncoder
from radcite.backends.images.remembering import RememberingEncoder
from radcite.core.ports import ImageEncoder
from radcite.core.vectors import Pixels, Vectors
from tests.contracts.image_encoder import ImageEncoderContract, pictures


class Slow(FlatImageEncoder):
    """Lets others run while it encodes."""

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        await asyncio.sleep(0)
        return await super().encode(images)


class TestRememberingEncoder(ImageEncoderContract):
    @pytest.fixture
    def encoder(self) -> ImageEncoder:
        return RememberingEncoder(ClassicalImageEncoder())


async def test_searches_that_run_at_once_encode_an_image_once() -> None:
    counting = Slow()
    encoder = RememberingEncoder(counting)
    image = pictures()[2]
    one, *others = await asyncio.gather(*(encoder.encode([image]) for _ in range(3)))
    assert counting.encoded == 1
    assert all(np.array_equal(one, other) for other in others)


async def test_images_that_differ_in_shape_alone_are_two() -> None:
    counting = Slow()
    wide = np.zeros((2, 8), np.uint8)
    await RememberingEncoder(counting).encode([wide, wide.reshape(8, 2), wide])
    assert counting.encoded == 2


async def test_what_was_seen_long_ago_is_encoded_again() -> None:
    counting = Slow()
    encoder = RememberingEncoder(counting)
    shades = [np.full((4, 4), shade, np.uint8) for shade in range(100)]
    for shade in shades:
        await encoder.encode([shade])
    await encoder.encode([shades[-1], shades[0]])
    assert counting.encoded == 101
