import importlib.util
import random
from pathlib import Path

import numpy as np
import pytest

from radcite.evals.images.rows import ImageRow
from radcite.training.image.captions import captions_of
from radcite.training.image.heads import fit_directions, least_for, ridge, sharpness
from radcite.training.image.views import outliers, view

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="needs the extra `train`"
)


def features(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(40, 12)).astype(np.float32)


def test_a_map_of_directions_unfolds_to_one_of_features() -> None:
    clean = features()
    directions = fit_directions(clean, clean[None], [8, 4], 6)
    rng = np.random.default_rng(1)
    rows, offset = rng.normal(size=(6, 3)).astype(np.float32), np.ones(3, np.float32)
    whole, shift = directions.unfold(rows, offset)
    laid = directions.lay(clean) @ rows + offset
    assert clean @ whole + shift == pytest.approx(laid, abs=1e-4)


def test_ridge_regression_tells_classes_apart_and_repeats_change_nothing() -> None:
    labels = np.arange(40) % 2
    rows = features()
    rows[:, 0] += 4 * labels
    once = ridge(rows, labels, 2, 1.0, 1)
    assert (once(rows).argmax(axis=1) == labels).mean() > 0.9
    twice = ridge(np.tile(rows, (2, 1)), np.tile(labels, 2), 2, 1.0, 2)
    assert twice.rows == pytest.approx(once.rows, abs=1e-4)


def test_sharpness_finds_the_scale_that_scores_were_divided_by() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(3_000, 3)) * 2
    chance = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(3, p=p) for p in chance])
    assert sharpness(scores / 10, labels) == pytest.approx(10, rel=0.15)


def test_the_least_probability_keeps_the_precision_asked() -> None:
    probabilities = np.array([[0.95, 0.05], [0.9, 0.1], [0.7, 0.3], [0.6, 0.4]])
    labels = np.array([0, 0, 0, 1])
    assert least_for(probabilities, labels, 1.0) == pytest.approx(0.7)
    assert least_for(probabilities, np.array([1, 1, 1, 1]), 0.9) > 1


def test_a_view_has_the_same_form_and_the_same_seed_the_same_look() -> None:
    image = np.tile(np.arange(224, dtype=np.uint8), (224, 1))
    first, again, other = (view(image, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.shape == image.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_left_and_right_change_places_only_where_they_may() -> None:
    image = np.zeros((224, 224), np.uint8)
    image[:, :60] = 200

    def sides(*, mirrored: bool) -> set[bool]:
        made = [view(image, np.random.default_rng(n), mirrored=mirrored) for n in range(30)]
        brighter = [
            one[60:160, 30:50].mean() > one[60:160, 174:194].mean()
            for one in made
            if one[60:160, 100:124].mean() < 100
        ]
        return {bool(one) for one in brighter}

    assert sides(mirrored=False) == {True}
    assert sides(mirrored=True) == {True, False}


def test_pictures_of_nothing_are_squares() -> None:
    drawn = outliers(40, 224, np.random.default_rng(0))
    assert {one.shape for one in drawn} == {(224, 224)}
    assert {one.dtype for one in drawn} == {np.dtype(np.uint8)}


def test_a_caption_tells_only_labels_that_its_image_has_in_both_languages() -> None:
    row = ImageRow("a", "x", Path("a"), "a", "XR", "CHEST", None, "pneumonia")
    captions = captions_of(row, 200, random.Random(0))
    assert all(
        row.label(kind) == value for caption in captions for kind, value in caption.labels.items()
    )
    assert any(caption.text.isascii() for caption in captions)
    assert any(not caption.text.isascii() for caption in captions)


@needs_torch
@pytest.mark.extras
def test_the_joint_space_brings_images_to_their_captions(tmp_path: Path) -> None:
    import torch

    from radcite.training.image.joint_space import JointPlan, JointSpace, Lesson, train_space
    from radcite.training.run_folder import JsonlTracker
    from radcite.training.torch_run import Run

    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 40)
    images = rng.normal(size=(80, 10)).astype(np.float32)
    images[:, 0] += 4 * labels
    texts = np.eye(2, 6, dtype=np.float32)
    plan = JointPlan(dim=8, batch=20, epochs=40, learning_rate=0.02, dropout=0.0)
    torch.manual_seed(0)
    space = JointSpace(10, 6, [2], plan)
    lesson = Lesson(images, labels[:, None], texts[labels][:, None], labels[:, None, None])
    figures = JsonlTracker(tmp_path / "figures.jsonl")
    train_space(space, lesson, plan, Run(tmp_path, "space", figures, lambda: 0.0))
    with torch.no_grad():
        likeness = space.see(torch.from_numpy(images)) @ space.read(torch.from_numpy(texts)).T
    assert (likeness.argmax(dim=1).numpy() == labels).mean() > 0.95
