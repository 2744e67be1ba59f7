from pathlib import Path

import numpy as np
import pytest

from radcite.backends.fakes import HashingTextEncoder
from radcite.backends.images.onnx import ImageModel, OnnxImageEncoder, OnnxImageLabeler, of_heads
from radcite.core.errors import RadciteError
from tests.backends.small_image_model import TEXT_DIM, write_image_model
from tests.contracts.image_encoder import ImageEncoderContract


@pytest.fixture
def model(tmp_path: Path) -> ImageModel:
    text = HashingTextEncoder(dim=TEXT_DIM)
    return ImageModel.from_folder(write_image_model(tmp_path / "small", text.fingerprint))


class TestContract(ImageEncoderContract):
    @pytest.fixture
    def encoder(self, model: ImageModel) -> OnnxImageEncoder:
        return OnnxImageEncoder(model, lambda: HashingTextEncoder(dim=TEXT_DIM))


async def test_texts_are_not_read_with_another_text_encoder(model: ImageModel) -> None:
    encoder = OnnxImageEncoder(model, lambda: HashingTextEncoder(dim=2 * TEXT_DIM))
    assert not encoder.reads_text
    with pytest.raises(RadciteError, match="VALIDATION"):
        await encoder.encode_text(["a chest radiograph"])


async def test_each_kind_is_said_where_it_is_sure_enough(model: ImageModel) -> None:
    bright, dark = np.full((80, 80), 255, np.uint8), np.full((80, 80), 60, np.uint8)
    of_bright, of_dark = await OnnxImageLabeler(model).label([bright, dark])
    assert {label.kind: label.value for label in of_bright} == {
        "modality": "XR",
        "body_part": "CHEST",
        "finding": "pneumonia",
    }
    # Pneumonia is said of a chest film only.
    assert {label.kind: label.value for label in of_dark} == {"modality": "MR", "body_part": "HEAD"}
    assert all(0.9 <= label.probability <= 1 for label in of_bright)


async def test_nothing_is_said_of_an_image_of_another_domain(model: ImageModel) -> None:
    assert await OnnxImageLabeler(model).label([np.zeros((64, 64), np.uint8)]) == [()]


async def test_nothing_is_said_of_a_coloured_picture(model: ImageModel) -> None:
    grey = np.full((80, 80, 3), 255, np.uint8)
    coloured = grey.copy()
    coloured[:20, :, 2] = 0
    of_grey, of_coloured = await OnnxImageLabeler(model).label([grey, coloured])
    assert of_grey
    assert of_coloured == ()


def test_probabilities_of_a_head_sum_to_one(model: ImageModel) -> None:
    scores = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    for own in of_heads(model.card, scores):
        assert own.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)


@pytest.mark.parametrize("name", ["model.onnx", "text.npy", "radcite.json"])
def test_a_folder_without_a_file_says_which(tmp_path: Path, name: str) -> None:
    folder = write_image_model(tmp_path / "small")
    (folder / name).unlink()
    with pytest.raises(RadciteError, match=f"NOT_FOUND.*{name}"):
        ImageModel.from_folder(folder)


def test_a_broken_card_names_the_field(tmp_path: Path) -> None:
    folder = write_image_model(tmp_path / "small")
    (folder / "radcite.json").write_text('{"name": 1}', "utf-8")
    with pytest.raises(RadciteError, match=r"CONFIG_INVALID.*radcite\.json: name"):
        ImageModel.from_folder(folder)
