"""Each language by its own encoder, in one space."""

from collections.abc import Sequence

import numpy as np
import pytest

from radcite.backends.fakes import HashingTextEncoder
from radcite.backends.text.paired import PairedTextEncoder
from radcite.core.errors import RadciteError
from radcite.core.ports import TextEncoder
from radcite.core.vectors import Vectors
from tests.contracts.text_encoder import TextEncoderContract

_SAME = np.eye(64, dtype=np.float32)


class _Marked(HashingTextEncoder):
    """Tells its vectors apart: the first number alone."""

    async def encode(self, texts: Sequence[str]) -> Vectors:
        return np.tile(np.eye(self.dim, dtype=np.float32)[0], (len(texts), 1))

    async def encode_query(self, text: str) -> Vectors:
        return np.eye(self.dim, dtype=np.float32)[:1]


class TestPairedContract(TextEncoderContract):
    @pytest.fixture
    def encoder(self) -> TextEncoder:
        return PairedTextEncoder(HashingTextEncoder(64), HashingTextEncoder(64), _SAME)


async def test_each_language_is_read_by_its_own_encoder() -> None:
    english, chinese = HashingTextEncoder(64), _Marked(64)
    turn = np.roll(_SAME, 1, axis=1)
    paired = PairedTextEncoder(english, chinese, turn)
    texts = ["Ground-glass opacity.", "磨玻璃影。", "No pneumothorax."]
    vectors = await paired.encode(texts)
    assert np.array_equal(vectors[[0, 2]], await english.encode([texts[0], texts[2]]))
    assert np.array_equal(vectors[[1]], await chinese.encode([texts[1]]) @ turn)
    assert np.array_equal(
        await paired.encode_query("气胸？"), await chinese.encode_query("气胸？") @ turn
    )
    assert paired.languages == {"en", "zh"}


def test_vectors_of_different_lengths_share_no_space() -> None:
    with pytest.raises(RadciteError) as refused:
        PairedTextEncoder(HashingTextEncoder(64), HashingTextEncoder(32), _SAME)
    assert refused.value.code == "CONFIG_INVALID"
