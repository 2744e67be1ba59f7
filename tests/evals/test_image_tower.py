import random
from pathlib import Path

import numpy as np
import pytest

from radcite.evals.images.corruptions import CORRUPTIONS
from radcite.evals.images.rows import ImageRow
from radcite.evals.images.tower import PROMPTS
from radcite.evals.images.vectors import nearest_of
from radcite.evals.metrics.probabilities import debiased_ece
from radcite.training.image.captions import captions_of


def test_the_nearest_is_sought_among_other_groups() -> None:
    rows = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.7, 0.3]])
    assert nearest_of(rows, [0], [0, 1, 2, 3], ["a", "a", "b", "c"]) == [3]
    assert nearest_of(rows, [0], [1, 2], ["a", "b", "c", "d"]) == [1]


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_keeps_the_form_and_changes_the_image(name: str) -> None:
    image = np.random.default_rng(0).integers(0, 256, (120, 200), dtype=np.uint8)
    spoilt = CORRUPTIONS[name](image)
    assert spoilt.shape == image.shape
    assert spoilt.dtype == np.uint8
    assert (spoilt != image).any()
    assert np.array_equal(spoilt, CORRUPTIONS[name](image))


def test_the_calibration_error_is_about_nothing_where_probabilities_are_kept() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 4_000)
    right = rng.random(4_000) < sure
    probabilities = np.stack([sure, 1 - sure], axis=1)
    truth = np.stack([right, ~right], axis=1).astype(float)
    assert debiased_ece(probabilities, truth) < 0.03


def test_the_calibration_error_is_how_far_probabilities_are_off() -> None:
    rng = np.random.default_rng(0)
    right = rng.random(4_000) < 0.7
    probabilities = np.tile([0.9, 0.1], (4_000, 1))
    truth = np.stack([right, ~right], axis=1).astype(float)
    assert debiased_ece(probabilities, truth) == pytest.approx(0.2, abs=0.02)


def test_no_wording_that_images_are_found_by_is_a_training_caption() -> None:
    rows = [
        ImageRow("a", "x", Path("a"), "a", "MR", "HEAD", "CORONAL", "glioma"),
        ImageRow("b", "x", Path("b"), "b", "XR", "CHEST", "PA", "pneumonia"),
        ImageRow("c", "x", Path("c"), "c", "CT", "ABDOMEN", "AXIAL"),
    ]
    rng = random.Random(0)
    told = {caption.text for row in rows for caption in captions_of(row, 3_000, rng)}
    asked = {
        text for kind in PROMPTS.values() for value in kind.values() for text in value.values()
    }
    assert not told & asked
