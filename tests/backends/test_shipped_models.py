"""The models in the package: there, whole, small, and what their cards say."""

import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from radcite.backends.images.onnx import ImageModel, OnnxImageEncoder
from radcite.backends.shipped_models import shipped_model, shipped_turn
from radcite.backends.text.cross_encoder import OnnxPairs
from radcite.backends.text.onnx import OnnxTextEncoder
from tests.contracts.image_encoder import ImageEncoderContract
from tests.contracts.text_encoder import TextEncoderContract

MOST_BYTES = 60_000_000


@pytest.fixture(scope="module")
def folder() -> Path:
    found = shipped_model("text-zh-en")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def shipped(folder: Path) -> OnnxTextEncoder:
    return OnnxTextEncoder.from_folder(folder, threads=1)


class TestShippedTextEncoder(TextEncoderContract):
    @pytest.fixture
    def encoder(self, shipped: OnnxTextEncoder) -> OnnxTextEncoder:
        return shipped


def test_the_cross_encoder_orders_and_judges_in_both_languages() -> None:
    found = shipped_model("pairs-zh-en")
    assert found is not None
    model = OnnxPairs.from_folder(found, threads=1)
    assert model.shares.keys() == model.thresholds.keys() == model.doubts.keys() == {"en", "zh"}
    texts = [
        "The thyroid is a gland of the neck.",
        "A pneumothorax is treated by aspiration or by a chest drain.",
    ]
    first, second = model.scores([("How is a pneumothorax treated?", text) for text in texts])
    assert second > first
    pairs = [
        (
            "Low-dose CT lowered deaths from lung cancer.",
            "CT at a low dose led to fewer lung cancer deaths.",
            "CT at a low dose led to more lung cancer deaths.",
        ),
        ("气促、心悸是最常见的症状。", "最多见的症状是气短和心慌。", "气促和心悸很少出现。"),
    ]
    for quote, true, false in pairs:
        carried, not_carried = model.probabilities([(quote, true), (quote, false)])
        assert carried > not_carried


def test_all_models_together_are_small(folder: Path) -> None:
    assert sum(file.stat().st_size for file in folder.parent.rglob("*.*")) <= MOST_BYTES


def test_the_card_names_the_files_by_their_digests(folder: Path) -> None:
    card = (folder / "README.md").read_text("utf-8")
    named = dict(re.findall(r"\| `([\w.-]+)` \| [\d,]+ \| `([0-9a-f]{64})` \|", card))
    assert named.keys() == {"model.onnx", "tokenizer.json", "radcite.json", "turn.npy"}
    for name, digest in named.items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest
    assert "radcite train retriever" in card
    assert "Apache-2.0" in card


def test_the_turn_keeps_lengths_and_angles(shipped: OnnxTextEncoder) -> None:
    turn = shipped_turn()
    assert turn.shape == (shipped.dim, shipped.dim)
    assert np.abs(turn @ turn.T - np.eye(shipped.dim)).max() < 1e-2


def test_both_languages_are_read(shipped: OnnxTextEncoder) -> None:
    assert shipped.languages == {"en", "zh"}


def test_the_image_models_card_names_the_files_by_their_digests(folder: Path) -> None:
    image = shipped_model("image-text")
    assert image is not None
    card = (image / "README.md").read_text("utf-8")
    named = dict(re.findall(r"\| `([\w.-]+)` \| [\d,]+ \| `([0-9a-f]{64})` \|", card))
    assert named.keys() == {"model.onnx", "text.npy", "radcite.json"}
    for name, digest in named.items():
        assert sha256((image / name).read_bytes()).hexdigest() == digest
    assert "radcite train image" in card
    assert "Apache-2.0" in card


class TestShippedImageEncoder(ImageEncoderContract):
    @pytest.fixture
    def encoder(self, shipped: OnnxTextEncoder) -> OnnxImageEncoder:
        folder = shipped_model("image-text")
        assert folder is not None
        return OnnxImageEncoder(ImageModel.from_folder(folder, threads=1), lambda: shipped)

    async def test_texts_are_read_by_the_text_encoder_in_the_package(
        self, encoder: OnnxImageEncoder
    ) -> None:
        assert encoder.reads_text
        english, chinese, other = await encoder.encode_text(
            ["a chest X-ray", "一幅胸部 X 光图像", "an axial CT of the abdomen"]
        )
        assert english @ chinese > english @ other + 0.2


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("What causes a collapsed lung?", "Causes of pneumothorax", "Diet in diabetes"),
        ("气胸是怎么引起的？", "气胸的病因", "糖尿病的饮食"),
        ("气胸是怎么引起的？", "Causes of pneumothorax", "Diet in diabetes"),
        ("糖尿病患者应该怎么吃？", "Diet in diabetes", "Causes of pneumothorax"),
    ],
)
async def test_a_question_is_nearer_to_its_answer_in_either_language(
    shipped: OnnxTextEncoder, question: str, near: str, far: str
) -> None:
    (asked,) = await shipped.encode_query(question)
    answer, other = await shipped.encode([near, far])
    assert asked @ answer > asked @ other + 0.1


def test_a_model_has_the_same_name_in_every_process(folder: Path) -> None:
    told = (
        "from pathlib import Path; from radcite.backends.text.onnx import OnnxTextEncoder;"
        f"print(OnnxTextEncoder.from_folder(Path({str(folder)!r})).fingerprint)"
    )
    names = {
        subprocess.run(
            [sys.executable, "-c", told],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(names) == 1
