from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from radcite.backends.images.convolutional_graph import SIDE, Projection, Tower, image_graph
from radcite.backends.images.square import letterboxed, network_input
from radcite.backends.images.tflite_weights import Layer, read_layers
from radcite.core.errors import RadciteError

DATA = Path(__file__).parents[2] / "../shared/data"


def small_network() -> list[Layer]:
    """A strided convolution, one channel by channel, and the mean."""
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(4, 3, 3, 3)), rng.normal(size=(4, 1, 3, 3))
    return [
        Layer("conv", (0,), 1, first.astype(np.float32), np.ones(4, np.float32), 2, bounded=True),
        Layer("depthwise", (1,), 2, second.astype(np.float32), np.zeros(4, np.float32)),
        Layer("mean", (2,), 3),
    ]


def run(layers: list[Layer], pixels: np.ndarray, **options: object) -> np.ndarray:
    model = image_graph(layers, **options)  # pyright: ignore[reportArgumentType]
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return np.asarray(session.run(None, {"pixels": pixels})[0])


def by_hand(layers: list[Layer], pixels: np.ndarray) -> list[np.ndarray]:
    """The maps of the two convolutions, with TensorFlow's padding: an odd pixel stands at the end."""
    kernels = [
        layer.kernel.astype(np.float16).astype(np.float64)
        for layer in layers
        if layer.kernel is not None
    ]
    padded = np.pad(pixels[0], ((0, 0), (0, 1), (0, 1)))
    first = np.stack(
        [
            sum(
                kernel[c, y, x] * padded[c, y : y + SIDE : 2, x : x + SIDE : 2]
                for c in range(3)
                for y in range(3)
                for x in range(3)
            )
            for kernel in kernels[0]
        ]
    )
    first = (first + 1).clip(0, 6)
    around = np.pad(first, ((0, 0), (1, 1), (1, 1)))
    half = SIDE // 2
    second = np.stack(
        [
            sum(
                kernel[0, y, x] * around[c, y : y + half, x : x + half]
                for y in range(3)
                for x in range(3)
            )
            for c, kernel in enumerate(kernels[1])
        ]
    )
    return [first, second]


def test_the_graph_reckons_as_the_layers_say() -> None:
    layers = small_network()
    pixels = np.random.default_rng(1).uniform(-1, 1, (1, 3, SIDE, SIDE)).astype(np.float32)
    _, second = by_hand(layers, pixels)
    assert run(layers, pixels) == pytest.approx(second.mean(axis=(1, 2))[None], abs=1e-3)


def test_a_tap_adds_the_means_of_nine_cells_and_the_deviations() -> None:
    layers = small_network()
    pixels = np.random.default_rng(2).uniform(-1, 1, (1, 3, SIDE, SIDE)).astype(np.float32)
    first, second = by_hand(layers, pixels)
    features = run(layers, pixels, taps=[0])[0]
    assert features.shape == (4 * 9 + 4 + 4,)
    assert features[0] == pytest.approx(first[0, :56, :56].mean(), abs=1e-3)
    assert features[36:40] == pytest.approx(first.std(axis=(1, 2)), abs=1e-3)
    assert features[40:] == pytest.approx(second.mean(axis=(1, 2)), abs=1e-3)


def test_a_projection_is_applied_to_the_features() -> None:
    layers = small_network()
    pixels = np.random.default_rng(3).uniform(-1, 1, (2, 3, SIDE, SIDE)).astype(np.float32)
    rows, offset = np.eye(4, 2, dtype=np.float32), np.array([1, -1], np.float32)
    made = run(layers, pixels, projections={"embedding": Projection(rows, offset)})
    assert made == pytest.approx(run(layers, pixels)[:, :2] + offset, abs=1e-3)


def test_a_wide_picture_is_fitted_on_black() -> None:
    fitted = letterboxed(np.full((50, 100), 200, np.uint8), 224)
    assert fitted.shape == (224, 224)
    assert (fitted[:56] == 0).all()
    assert (fitted[57:167] == 200).all()
    assert network_input([fitted]).shape == (1, 3, 224, 224)


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tflite").write_bytes(b"\x1c\x00\x00\x00TFL2")
    with pytest.raises(RadciteError, match="UNSUPPORTED_FILE"):
        read_layers(tmp_path / "x.tflite")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "layers", "width"),
    [
        ("mobilenet_v1_1.0_224_quant_embedding_extractor", 28, 1024),
        ("mobilenet_v2_1.0_224_quant", 63, 1280),
    ],
)
def test_a_real_mobilenet_is_read_up_to_its_pooled_features(
    name: str, layers: int, width: int
) -> None:
    if not DATA.is_dir():
        pytest.skip("the measuring data is not there")
    read = read_layers(DATA / "weights" / f"{name}.tflite")
    assert len(read) == layers
    features = run(read, np.zeros((1, 3, SIDE, SIDE), np.float32))
    assert features.shape == (1, width)
    # Behind a ReLU6 all lies in [0, 6].
    assert 0 <= features.min() < features.max() <= 6


def test_a_tower_comes_first_in_the_embedding_and_each_part_has_its_length() -> None:
    pixels = np.random.default_rng(3).uniform(-1, 1, (2, 3, SIDE, SIDE)).astype(np.float32)
    rng = np.random.default_rng(4)
    maps = [
        Projection(rng.normal(size=(4, n)).astype(np.float32), np.ones(n, np.float32))
        for n in (3, 2)
    ]
    layers = small_network()
    model = image_graph(
        layers, (), {"embedding": maps[1], "labels": maps[1]}, Tower(layers, maps[0], 0.5)
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    embedding, labels = (np.asarray(one) for one in session.run(None, {"pixels": pixels}))
    own, beside = (run(layers, pixels, projections={"x": one}) for one in maps)
    assert embedding[:, :3] == pytest.approx(own / np.linalg.norm(own, axis=1, keepdims=True))
    length = np.linalg.norm(beside, axis=1, keepdims=True)
    assert embedding[:, 3:] == pytest.approx(beside / length / 2)
    assert labels == pytest.approx(beside)
