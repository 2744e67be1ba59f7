"""What every `ImageEncoder` must do. A backend's test subclasses it and gives the encoder."""

import numpy as np
import pytest

from radcite.core.errors import RadciteError
from radcite.core.ports import ImageEncoder
from radcite.core.vectors import Pixels

__all__ = ["ImageEncoderContract", "pictures"]

TEXTS = ["a chest radiograph", "an axial brain MRI", "a chest radiograph"]


def pictures() -> list[Pixels]:
    """Grey and colour, wide and tall, tiny, black, white and noisy."""
    rng = np.random.default_rng(7)
    ramp = np.tile(np.arange(200, dtype=np.uint8), (90, 1))
    return [
        ramp,
        np.ascontiguousarray(ramp.T),
        rng.integers(0, 256, (64, 64, 3), dtype=np.uint8),
        np.zeros((50, 40), dtype=np.uint8),
        np.full((30, 300), 255, dtype=np.uint8),
        np.full((1, 1), 9, dtype=np.uint8),
        ramp,
    ]


class ImageEncoderContract:
    """Tests of the port; `least_cosine` is how far a vector may move with its batch."""

    least_cosine = 1 - 1e-6

    @pytest.fixture
    def encoder(self) -> ImageEncoder:
        raise NotImplementedError

    async def test_vectors_have_the_declared_shape_and_unit_length(
        self, encoder: ImageEncoder
    ) -> None:
        vectors = await encoder.encode(pictures())
        assert vectors.shape == (len(pictures()), encoder.dim)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(vectors)), abs=1e-5)

    async def test_vectors_stand_in_the_order_of_the_images(self, encoder: ImageEncoder) -> None:
        forwards = await encoder.encode(pictures())
        backwards = await encoder.encode(pictures()[::-1])
        assert np.sum(forwards * backwards[::-1], axis=1).min() >= self.least_cosine

    async def test_a_vector_depends_on_its_batch_no_more_than_stated(
        self, encoder: ImageEncoder
    ) -> None:
        together = await encoder.encode(pictures())
        alone = np.concatenate([await encoder.encode([picture]) for picture in pictures()])
        assert np.sum(together * alone, axis=1).min() >= self.least_cosine

    async def test_the_same_batch_gives_the_same_vectors_twice(self, encoder: ImageEncoder) -> None:
        assert np.array_equal(await encoder.encode(pictures()), await encoder.encode(pictures()))

    async def test_no_images_give_no_rows(self, encoder: ImageEncoder) -> None:
        assert (await encoder.encode([])).shape == (0, encoder.dim)

    async def test_pixels_of_another_form_are_refused(self, encoder: ImageEncoder) -> None:
        for wrong in (
            np.zeros((4, 4), dtype=np.float32),
            np.zeros((0, 4), dtype=np.uint8),
            np.zeros((4, 4, 4), dtype=np.uint8),
        ):
            with pytest.raises(RadciteError) as caught:
                await encoder.encode([wrong])  # type: ignore[list-item]
            assert caught.value.code == "VALIDATION"

    async def test_texts_are_encoded_or_refused_as_declared(self, encoder: ImageEncoder) -> None:
        if encoder.reads_text:
            vectors = await encoder.encode_text(TEXTS)
            assert vectors.shape == (len(TEXTS), encoder.dim)
            assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
            assert float(vectors[0] @ vectors[2]) >= self.least_cosine
            assert (await encoder.encode_text([])).shape == (0, encoder.dim)
        else:
            with pytest.raises(RadciteError) as caught:
                await encoder.encode_text(TEXTS)
            assert caught.value.code == "VALIDATION"

    async def test_the_fingerprint_does_not_change_with_use(self, encoder: ImageEncoder) -> None:
        before = encoder.fingerprint
        await encoder.encode(pictures())
        assert encoder.fingerprint == before != ""
