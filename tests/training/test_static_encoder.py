"""A tiny static encoder with random rows, through the code path of the shipped one."""

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from radcite.backends.text.onnx import OnnxTextEncoder
from radcite.training.retriever.export import static_graph
from radcite.training.retriever.tokenizer import build_tokenizer, choose_vocabulary
from tests.contracts.text_encoder import TextEncoderContract

PIECES = ["[PAD]", "patient", "##s", "no", "nodule", ",", ".", "?", "is", "there", "a", "肺", "ж"]


def vocabulary() -> list[str]:
    chinese = ["肺结节的随访与复查", "肺结节的处理"] * 30
    english = ["tomography tomography tomography"]
    return choose_vocabulary(PIECES, english, chinese, ["磨玻璃结节", "CT"], words=10, runs=10)


def write_model(folder: Path) -> Path:
    tokens = vocabulary()
    rows = np.random.default_rng(0).standard_normal((len(tokens), 16)).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(static_graph(rows).SerializeToString())
    (folder / "tokenizer.json").write_text(build_tokenizer(tokens), "utf-8")
    card = {
        "name": "tiny",
        "languages": ["en", "zh"],
        "pooling": "in_graph",
        "max_tokens": 512,
    }
    (folder / "radcite.json").write_text(json.dumps(card))
    return folder


class TestStaticEncoder(TextEncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path: Path) -> OnnxTextEncoder:
        return OnnxTextEncoder.from_folder(write_model(tmp_path / "model"))


def test_the_vocabulary_keeps_both_languages_and_no_third() -> None:
    tokens = vocabulary()
    assert {"patient", "##s", "tomography", "磨玻璃结节", "磨", "肺结", "结节"} <= set(tokens)
    assert "ж" not in tokens
    assert "CT" not in tokens
    assert len(tokens) == len(set(tokens))


def test_a_chinese_word_has_one_number_wherever_it_stands_in_a_run() -> None:
    tokens = vocabulary()
    tokenizer = Tokenizer.from_str(build_tokenizer(tokens))
    alone = tokenizer.encode("磨玻璃结节").ids
    within = tokenizer.encode("肺磨玻璃结节").ids
    assert alone == [tokens.index("[CLS]"), tokens.index("磨玻璃结节")]
    assert within[-1] == alone[-1]


async def test_rows_of_one_byte_keep_the_direction_of_a_text(tmp_path: Path) -> None:
    encoder = OnnxTextEncoder.from_folder(write_model(tmp_path))
    tokens = vocabulary()
    rows = np.random.default_rng(0).standard_normal((len(tokens), 16))
    tokenizer = Tokenizer.from_str(build_tokenizer(tokens))
    text = "No nodule, is there a patient? 肺磨玻璃结节"
    exact = rows[tokenizer.encode(text).ids].mean(axis=0)
    (made,) = await encoder.encode([text])
    assert made @ exact / np.linalg.norm(exact) > 0.999


def test_a_model_says_which_languages_it_reads(tmp_path: Path) -> None:
    assert OnnxTextEncoder.from_folder(write_model(tmp_path)).languages == {"en", "zh"}
