"""A tiny cross-encoder with random weights, through the code path of a trained one."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from radcite.backends.minilm_graph import LAYERS, cross_encoder_graph
from radcite.backends.onnx_entailment import OnnxEntailment
from radcite.core.errors import RadciteError
from tests.contracts.entailment import PAIRS, EntailmentContract

WIDTH = 24
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def random_weights(tokens: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def made(*shape: int) -> NDArray[np.float32]:
        return (0.3 * random.standard_normal(shape)).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": made(tokens, WIDTH),
        "embeddings.position_embeddings.weight": made(512, WIDTH),
        "embeddings.token_type_embeddings.weight": made(2, WIDTH),
        "dense.weight": made(WIDTH, 2 * WIDTH),
        "dense.bias": made(WIDTH),
        "classes.weight": made(3, WIDTH),
        "classes.bias": made(3),
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


def write_judge(folder: Path, thresholds: dict[str, float] | None = None) -> Path:
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
    graph = cross_encoder_graph(random_weights(len(numbers)))
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), "utf-8")
    chosen = {"en": 0.9} if thresholds is None else thresholds
    (folder / "radcite.json").write_text(json.dumps({"name": "tiny", "thresholds": chosen}))
    return folder


class TestOnnxEntailment(EntailmentContract):
    @pytest.fixture
    def model(self, tmp_path: Path) -> OnnxEntailment:
        return OnnxEntailment.from_folder(write_judge(tmp_path / "judge"))


async def test_which_text_is_the_quote_matters(tmp_path: Path) -> None:
    model = OnnxEntailment.from_folder(write_judge(tmp_path))
    forwards, backwards = await model.carried([PAIRS[1], PAIRS[1][::-1]])
    assert forwards != pytest.approx(backwards, abs=1e-4)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "radcite.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (write_judge(tmp_path) / name).unlink()
    with pytest.raises(RadciteError, match=f"NOT_FOUND: {name}"):
        OnnxEntailment.from_folder(tmp_path)


def test_an_unknown_language_in_the_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="CONFIG_INVALID"):
        OnnxEntailment.from_folder(write_judge(tmp_path, {"fr": 0.5}))
