"""A tiny cross-encoder with random weights, through the code path of a trained one."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from radcite.backends.fakes import WordOverlapReranker
from radcite.backends.text.cross_encoder import OnnxPairs
from radcite.backends.text.minilm_graph import LAYERS, cross_encoder_graph
from radcite.core.errors import RadciteError
from tests.contracts.entailment import PAIRS, EntailmentContract
from tests.contracts.reranker import RerankerContract

WIDTH = 24
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def random_weights(tokens: int, classes: int = 4) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def made(*shape: int) -> NDArray[np.float32]:
        return (0.3 * random.standard_normal(shape)).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": made(tokens, WIDTH),
        "embeddings.position_embeddings.weight": made(512, WIDTH),
        "embeddings.token_type_embeddings.weight": made(2, WIDTH),
        "dense.weight": made(WIDTH, 2 * WIDTH),
        "dense.bias": made(WIDTH),
        "classes.weight": made(classes, WIDTH),
        "classes.bias": made(classes),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            weights[f"{name}.attention.self.{part}.weight"] = made(WIDTH, WIDTH)
            weights[f"{name}.attention.self.{part}.bias"] = made(WIDTH)
        for part, out, into in (
            ("attention.output", WIDTH, WIDTH),
            ("intermediate", 4 * WIDTH, WIDTH),
            ("output", WIDTH, 4 * WIDTH),
        ):
            weights[f"{name}.{part}.dense.weight"] = made(out, into)
            weights[f"{name}.{part}.dense.bias"] = made(out)
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for norm in norms:
        weights[f"{norm}.weight"] = np.ones(WIDTH, dtype=np.float32)
        weights[f"{norm}.bias"] = np.zeros(WIDTH, dtype=np.float32)
    return weights


def write_pairs(folder: Path, *, classes: int = 4, **card: object) -> Path:
    words = sorted({word for pair in PAIRS for text in pair for word in text.split()})
    numbers = {token: number for number, token in enumerate([*SPECIAL, *words])}
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token=SPECIAL[1]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    folder.mkdir(parents=True, exist_ok=True)
    graph = cross_encoder_graph(random_weights(len(numbers), classes))
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), "utf-8")
    told = {"name": "tiny", "thresholds": {"en": 0.9}, "shares": {"en": 0.5, "zh": 0.5}} | card
    (folder / "radcite.json").write_text(json.dumps(told))
    return folder


class TestOnnxPairsJudging(EntailmentContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> OnnxPairs:
        return OnnxPairs.from_folder(write_pairs(tmp_path / "judge"))


async def test_which_text_is_the_quote_matters(tmp_path: Path) -> None:
    model = OnnxPairs.from_folder(write_pairs(tmp_path))
    forwards, backwards = await model.carried([PAIRS[1], PAIRS[1][::-1]])
    assert forwards != pytest.approx(backwards, abs=1e-4)


class TestOnnxPairsOrdering(RerankerContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> OnnxPairs:
        return OnnxPairs.from_folder(write_pairs(tmp_path / "pairs"), threads=1)


class TestWordOverlapReranker(RerankerContract):
    @pytest.fixture
    def model(self) -> WordOverlapReranker:
        return WordOverlapReranker()


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "radcite.json"])
def test_a_missing_file_is_named_in_both_languages(tmp_path: Path, name: str) -> None:
    (write_pairs(tmp_path) / name).unlink()
    with pytest.raises(RadciteError, match=f"NOT_FOUND: {name}") as caught:
        OnnxPairs.from_folder(tmp_path)
    assert name in caught.value.detail_zh
    assert caught.value.detail_zh != caught.value.detail


@pytest.mark.parametrize(
    "card",
    [
        {"shares": {"en": 1.5}},
        {"shares": {"fr": 0.5}},
        {"shares": "much"},
        {"thresholds": {"fr": 0.5}},
        {"thresholds": {"en": -1}},
    ],
)
def test_a_card_that_means_nothing_is_refused(tmp_path: Path, card: dict[str, object]) -> None:
    with pytest.raises(RadciteError, match=f"CONFIG_INVALID.*{next(iter(card))}"):
        OnnxPairs.from_folder(write_pairs(tmp_path, **card))


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_refused_in_both_languages(tmp_path: Path, name: str) -> None:
    (write_pairs(tmp_path) / name).write_bytes(b"junk")
    with pytest.raises(RadciteError, match=f"CONFIG_INVALID.*{name}") as caught:
        OnnxPairs.from_folder(tmp_path).scores(PAIRS)
    assert caught.value.detail_zh != caught.value.detail


def test_a_model_of_other_classes_is_refused(tmp_path: Path) -> None:
    model = OnnxPairs.from_folder(write_pairs(tmp_path, classes=3))
    with pytest.raises(RadciteError, match=r"CONFIG_INVALID.*4 scores"):
        model.scores(PAIRS)


async def test_what_is_longer_than_is_read_is_never_carried(tmp_path: Path) -> None:
    model = OnnxPairs.from_folder(write_pairs(tmp_path, max_tokens=8))
    quote, claim = PAIRS[1]
    long = " ".join([quote] * 4)
    assert await model.carried([(long, claim), ("x" * 5_000, "x")]) == [0.0, 0.0]


async def test_the_fingerprint_changes_with_the_weights(tmp_path: Path) -> None:
    first = OnnxPairs.from_folder(write_pairs(tmp_path / "a")).fingerprint
    assert first == OnnxPairs.from_folder(write_pairs(tmp_path / "b")).fingerprint
    changed = write_pairs(tmp_path / "c")
    content = bytearray((changed / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (changed / "model.onnx").write_bytes(content)
    assert OnnxPairs.from_folder(changed).fingerprint != first
