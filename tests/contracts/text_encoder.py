"""What every `TextEncoder` must do. A backend's test subclasses it and gives the encoder."""

import numpy as np
import pytest

from radcite.core.ports import TextEncoder

__all__ = ["TextEncoderContract"]

TEXTS = [
    "Ground-glass opacity in the right upper lobe.",
    "No pneumothorax.",
    "",
    "A systematic review of low-dose computed tomography for lung cancer screening " * 20,
    "No pneumothorax.",
    "磨玻璃结节",
]


class TextEncoderContract:
    """Tests of the port; `least_cosine` is how far a vector may move with its batch."""

    least_cosine = 1 - 1e-6

    @pytest.fixture
    def encoder(self) -> TextEncoder:
        raise NotImplementedError

    async def test_vectors_have_the_declared_shape_and_unit_length(
        self, encoder: TextEncoder
    ) -> None:
        vectors = await encoder.encode(TEXTS)
        assert vectors.shape == (len(TEXTS), encoder.dim)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)

    async def test_vectors_stand_in_the_order_of_the_texts(self, encoder: TextEncoder) -> None:
        forwards = await encoder.encode(TEXTS)
        backwards = await encoder.encode(TEXTS[::-1])
        assert np.sum(forwards * backwards[::-1], axis=1).min() >= self.least_cosine

    async def test_a_vector_depends_on_its_batch_no_more_than_stated(
        self, encoder: TextEncoder
    ) -> None:
        together = await encoder.encode(TEXTS)
        alone = np.concatenate([await encoder.encode([text]) for text in TEXTS])
        assert np.sum(together * alone, axis=1).min() >= self.least_cosine

    async def test_the_same_batch_gives_the_same_vectors_twice(self, encoder: TextEncoder) -> None:
        assert np.array_equal(await encoder.encode(TEXTS), await encoder.encode(TEXTS))

    async def test_no_texts_give_no_rows(self, encoder: TextEncoder) -> None:
        assert (await encoder.encode([])).shape == (0, encoder.dim)

    async def test_a_question_is_one_unit_row(self, encoder: TextEncoder) -> None:
        vector = await encoder.encode_query("Is there a nodule?")
        assert vector.shape == (1, encoder.dim)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)

    async def test_the_fingerprint_does_not_change_with_use(self, encoder: TextEncoder) -> None:
        before = encoder.fingerprint
        await encoder.encode(TEXTS)
        assert encoder.fingerprint == before != ""

    def test_languages_are_known_ones(self, encoder: TextEncoder) -> None:
        assert encoder.languages
        assert encoder.languages <= {"en", "zh"}
