"""The image tower trained from its pixels on. `make test-extras`."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from radcite.backends.images.tflite_weights import Layer
from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data
from radcite.evals.images.rows import ImageRow
from radcite.training.image.folds import fold_of

pytestmark = [
    pytest.mark.extras,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra `train`"),
]
SIDE = 48


def layers(seed: int = 0) -> list[Layer]:
    """A small network of every kind of layer."""
    rng = np.random.default_rng(seed)

    def kernel(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.4, shape).astype(np.float32)

    def bias(count: int) -> np.ndarray:
        return rng.normal(0, 0.1, count).astype(np.float32)

    return [
        Layer("conv", (0,), 1, kernel(8, 3, 3, 3), bias(8), 2, bounded=True),
        Layer("depthwise", (1,), 2, kernel(8, 1, 3, 3), bias(8), 1, bounded=True),
        Layer("conv", (2,), 3, kernel(8, 8, 1, 1), bias(8)),
        Layer("add", (3, 1), 4),
        Layer("depthwise", (4,), 5, kernel(8, 1, 3, 3), bias(8), 2, bounded=True),
        Layer("conv", (5,), 6, kernel(12, 8, 1, 1), bias(12), 1, bounded=True),
        Layer("mean", (6,), 7),
    ]


def kernels(some: list[Layer]) -> dict[int, np.ndarray]:
    return {place: one.kernel for place, one in enumerate(some) if one.kernel is not None}


def squares(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy stripes, upright or level, and which."""
    rng = np.random.default_rng(0)
    kinds = np.arange(count) % 2
    stripes = np.tile((np.arange(SIDE) // 8 % 2 * 150).astype(np.uint8), (SIDE, 1))
    noise = rng.integers(0, 60, (count, SIDE, SIDE)).astype(np.uint8)
    return noise + np.stack([stripes if kind else stripes.T for kind in kinds]), kinds


def test_the_network_reckons_as_its_onnx_file_does_and_gives_its_layers_back() -> None:
    import torch

    from radcite.backends.images.convolutional_graph import SIDE as WHOLE
    from radcite.backends.images.convolutional_graph import image_graph
    from radcite.backends.text.onnx import open_model
    from radcite.training.image.trunk import Trunk

    trunk = Trunk(layers())
    pixels = np.random.default_rng(1).uniform(-1, 1, (2, 3, WHOLE, WHOLE)).astype(np.float32)
    with torch.no_grad():
        made = trunk(torch.from_numpy(pixels)).numpy()
    session = open_model(image_graph(trunk.layers()).SerializeToString(), 1)
    (told,) = session.run(["features"], {"pixels": pixels})  # pyright: ignore[reportArgumentType] - the session's protocol speaks of token numbers
    assert made == pytest.approx(told, abs=5e-3)
    assert kernels(trunk.layers()).keys() == kernels(layers()).keys()
    assert all(
        np.array_equal(kernels(layers())[place], one)
        for place, one in kernels(trunk.layers()).items()
    )


def test_frozen_layers_keep_their_weights_and_the_others_do_not() -> None:
    from radcite.training.image.tuning import ImageTower, Machine, Shown, TunePlan, tune

    images, kinds = squares(8)
    plan = TunePlan(dim=4, batch=8, epochs=1, frozen=3, kinds=(1.0,))
    tower = ImageTower(layers(), 6, [2], plan)
    texts = np.eye(2, 6, dtype=np.float32)[kinds][:, None]
    shown = Shown(images, np.zeros(8, bool), kinds[:, None], texts, kinds[:, None, None])
    tune(tower, shown, plan, machine=Machine(bf16=True))
    before, after = kernels(layers()), kernels(tower.trunk.layers())
    assert [place for place in before if np.array_equal(before[place], after[place])] == [0, 1, 2]


def test_a_tower_learns_what_images_show_and_what_is_said_of_them() -> None:
    import torch

    from radcite.training.image.tuning import ImageTower, Shown, TunePlan, seen, tune

    images, kinds = squares(48)
    plan = TunePlan(
        dim=8, batch=16, epochs=60, frozen=0, trunk_rate=5e-3, map_rate=2e-2, kinds=(1.0,), kept=0.9
    )
    torch.manual_seed(0)
    tower = ImageTower(layers(), 6, [2], plan)
    words = np.eye(2, 6, dtype=np.float32)
    shown = Shown(
        images[:32],
        np.ones(32, bool),
        kinds[:32, None],
        words[kinds[:32]][:, None],
        kinds[:32, None, None],
    )
    tune(tower, shown, plan)
    known, asked = seen(tower, images[:32]), seen(tower, images[32:])
    assert (kinds[:32][(asked @ known.T).argmax(axis=1)] == kinds[32:]).mean() > 0.9
    with torch.no_grad():
        read = tower.read(torch.from_numpy(words)).numpy()
    assert ((asked @ read.T).argmax(axis=1) == kinds[32:]).mean() > 0.9


def test_looks_are_of_the_same_form_and_the_same_seed_draws_the_same() -> None:
    import torch

    from radcite.training.image.looks import looks, plain

    images = torch.from_numpy(squares(6)[0])
    mirrored = torch.zeros(6, dtype=torch.bool)
    first, again, other = (
        looks(images, mirrored, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1)
    )
    assert first.shape == plain(images).shape == (6, 3, SIDE, SIDE)
    assert float(first.abs().max()) <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_left_and_right_change_places_only_where_they_may() -> None:
    import torch

    from radcite.training.image.looks import looks

    image = torch.zeros((40, 64, 64), dtype=torch.uint8)
    image[:, :, :16] = 200

    def sides(*, may: bool) -> set[bool]:
        drawn = looks(image, torch.full((40,), may), torch.Generator().manual_seed(0))[:, 0]
        middle = drawn[:, 24:40]
        left, right = middle[:, :, 4:12].mean(dim=(1, 2)), middle[:, :, 52:60].mean(dim=(1, 2))
        upright = drawn[:, 24:40, 28:36].mean(dim=(1, 2)) < 0
        return {bool(one) for one in (left > right)[upright & ((left - right).abs() > 0.3)]}

    assert sides(may=False) == {True}
    assert sides(may=True) == {True, False}


def test_a_stopped_run_goes_on_to_the_same_tower(tmp_path: Path) -> None:
    from radcite.training.image.tuning import ImageTower, Shown, TunePlan, seen, tune
    from radcite.training.run_folder import JsonlTracker
    from radcite.training.torch_run import Run

    images, kinds = squares(8)
    texts = np.eye(2, 6, dtype=np.float32)[kinds][:, None]
    shown = Shown(images, np.zeros(8, bool), kinds[:, None], texts, kinds[:, None, None])
    plan = TunePlan(dim=4, batch=8, epochs=12, frozen=0, kinds=(1.0,))

    def run(folder: Path) -> Run:
        return Run(folder, "tower", JsonlTracker(folder / "figures.jsonl"), lambda: 0.0)

    def tower() -> ImageTower:
        import torch

        torch.manual_seed(0)
        return ImageTower(layers(), 6, [2], plan)

    whole, resumed = tower(), tower()
    tune(whole, shown, plan, run=run(tmp_path))
    tune(resumed, shown, plan, run=run(tmp_path))
    assert seen(resumed, images) == pytest.approx(seen(whole, images), abs=1e-5)


def test_every_fold_leaves_out_whole_patients() -> None:
    rows = [ImageRow(f"{n}", "x", Path("x"), f"patient {n // 3}", "MR", "HEAD") for n in range(90)]
    folds = [fold_of(row.unit, 4) for row in rows]
    assert set(folds) == {0, 1, 2, 3}
    assert all(len(set(folds[n : n + 3])) == 1 for n in range(0, 90, 3))


def test_a_fold_is_kept_and_its_figures_are_of_images_that_its_tower_left_out(
    tmp_path: Path,
) -> None:
    from radcite.training.image.folds import figures_of, folded, parts_of
    from radcite.training.image.tuned_tower import Pictures
    from radcite.training.image.tuning import TunePlan

    rows = [
        ImageRow(f"{n}", "nih_cxr", Path("x"), f"{n}", "XR", "CHEST", ("AP", "PA")[n % 2])
        for n in range(24)
    ]
    pictures = Pictures(rows, squares(24)[0])
    files: list[Path] = []
    for fold in range(2):
        _, left = parts_of(pictures, fold, 2)
        clean = np.eye(2, dtype=np.float32)[[n % 2 for n in range(24)]]
        spoilt = {
            name: clean[left][:, ::-1].copy()
            for name in ("noise", "blur", "window shift", "inversion", "JPEG")
        }
        files.append(tmp_path / f"fold-{fold}.npz")
        with files[-1].open("wb") as content:
            np.savez(content, allow_pickle=False, clean=clean, text=np.ones((3, 2)), **spoilt)
    figures = {(one.name, one.on.split()[0]): one for one in figures_of(pictures, files)}
    clean = figures["nih_cxr view, clean", "all"]
    assert (clean.value, clean.n) == (1.0, 24)
    assert figures["nih_cxr view, noise", "all"].value == 0.0
    assert 0 < figures["nih_cxr view, clean", "held"].n < 24
    again = folded(pictures, None, Path("none"), TunePlan(), 2, tmp_path)  # pyright: ignore[reportArgumentType] - what is there is kept
    assert again == files


def test_a_file_that_holds_no_tower_is_refused(tmp_path: Path) -> None:
    from radcite.training.image.tuned_tower import load_tower

    (tmp_path / "tower.safetensors").write_bytes(b"nothing")
    with pytest.raises(RadciteError, match="VALIDATION"):
        load_tower(tmp_path / "tower.safetensors", Data(tmp_path))
