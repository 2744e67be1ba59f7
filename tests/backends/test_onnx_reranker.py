"""A tiny cross-encoder with random weights, through the code path of a trained one."""

import json
from pathlib import Path

import pytest

from radcite.backends.fakes import WordOverlapReranker
from radcite.backends.onnx_reranker import OnnxReranker
from radcite.core.errors import RadciteError
from tests.backends.test_onnx_entailment import write_judge
from tests.contracts.reranker import RerankerContract


def write_reranker(folder: Path, **card: object) -> Path:
    write_judge(folder)
    told = {"name": "tiny", "shares": {"en": 0.5, "zh": 0.5}} | card
    (folder / "radcite.json").write_text(json.dumps(told))
    return folder


class TestOnnxReranker(RerankerContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> OnnxReranker:
        return OnnxReranker.from_folder(write_reranker(tmp_path / "reranker"), threads=1)


class TestWordOverlapReranker(RerankerContract):
    @pytest.fixture
    def model(self) -> WordOverlapReranker:
        return WordOverlapReranker()


def test_a_missing_file_is_named_in_both_languages(tmp_path: Path) -> None:
    folder = write_reranker(tmp_path / "reranker")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(RadciteError, match=r"NOT_FOUND.*tokenizer\.json") as caught:
        OnnxReranker.from_folder(folder)
    assert "tokenizer.json" in caught.value.detail_zh
    assert caught.value.detail_zh != caught.value.detail


@pytest.mark.parametrize("shares", [{"en": 1.5}, {"fr": 0.5}, "much"])
def test_a_card_with_shares_that_mean_nothing_is_refused(tmp_path: Path, shares: object) -> None:
    folder = write_reranker(tmp_path / "reranker", shares=shares)
    with pytest.raises(RadciteError, match=r"CONFIG_INVALID.*shares"):
        OnnxReranker.from_folder(folder)


async def test_the_fingerprint_changes_with_the_weights(tmp_path: Path) -> None:
    first = OnnxReranker.from_folder(write_reranker(tmp_path / "a")).fingerprint
    assert first == OnnxReranker.from_folder(write_reranker(tmp_path / "b")).fingerprint
    changed = write_reranker(tmp_path / "c")
    content = bytearray((changed / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (changed / "model.onnx").write_bytes(content)
    assert OnnxReranker.from_folder(changed).fingerprint != first
