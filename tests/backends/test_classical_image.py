import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radcite.backends.images.classical import ClassicalImageEncoder
from tests.contracts.image_encoder import ImageEncoderContract

IMAGES = Path(__file__).parents[2] / "../shared/data/images"


class TestContract(ImageEncoderContract):
    @pytest.fixture
    def encoder(self) -> ClassicalImageEncoder:
        return ClassicalImageEncoder()


def _disc(height: int, width: int, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    inside = np.hypot(rows - height / 2, columns - width / 2) < radius
    return np.where(inside, 200, 0).astype(np.uint8)


async def test_a_vector_is_bitwise_the_same_alone_and_in_a_batch() -> None:
    images = [_disc(64, 64, 20), _disc(200, 90, 30), _disc(33, 47, 9)]
    together = await ClassicalImageEncoder().encode(images)
    alone = [await ClassicalImageEncoder().encode([image]) for image in images]
    assert np.array_equal(together, np.concatenate(alone))


async def test_resolution_hardly_moves_a_vector() -> None:
    coarse = np.random.default_rng(3).integers(20, 230, (12, 12), dtype=np.uint8)
    field = Image.fromarray(coarse)
    small, large = (
        np.asarray(field.resize((side, side), Image.Resampling.BICUBIC)) for side in (256, 1024)
    )
    vectors = await ClassicalImageEncoder().encode([small, large])
    assert float(vectors[0] @ vectors[1]) > 0.95


async def test_a_wide_image_is_fitted_and_not_stretched() -> None:
    wide, same_on_square, stretched = await ClassicalImageEncoder().encode(
        [
            _disc(60, 128, 25),
            _disc(128, 128, 25),
            np.asarray(Image.fromarray(_disc(60, 128, 25)).resize((128, 128))),
        ]
    )
    assert float(wide @ same_on_square) > 0.98 > float(wide @ stretched)


async def test_grey_pixels_in_three_channels_are_grey_pixels() -> None:
    grey = _disc(80, 70, 25)
    vectors = await ClassicalImageEncoder().encode([grey, np.stack([grey] * 3, axis=2)])
    assert np.array_equal(vectors[0], vectors[1])


async def test_vectors_fit_the_stated_width() -> None:
    assert ClassicalImageEncoder().dim == 1284


@pytest.mark.data
@pytest.mark.skipif(not IMAGES.is_dir(), reason="the measuring data is not there")
@pytest.mark.parametrize(
    ("name", "label", "floor"), [("brain_mri", "diagnosis", 0.84), ("vqarad", "organ", 0.97)]
)
async def test_the_nearest_other_image_is_mostly_of_the_same_kind(
    name: str, label: str, floor: float
) -> None:
    lines = (IMAGES / name / "images.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    images = [
        np.asarray(Image.open(IMAGES / name / record["image"]).convert("L")) for record in records
    ]
    labels = np.array([record[label] for record in records])
    vectors = await ClassicalImageEncoder().encode(images)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    assert np.mean(labels[cosines.argmax(axis=1)] == labels) >= floor
