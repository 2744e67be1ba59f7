"""What the unchanged trunk sees of every training image and its views, kept in the run's folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radcite.backends.images.convolutional_graph import SIDE, image_graph
from radcite.backends.images.square import letterboxed, network_input
from radcite.backends.images.tflite_weights import Layer
from radcite.backends.text.onnx import OnnxSession, open_session
from radcite.evals.datasets import Data, Row
from radcite.evals.images.rows import ImageRow
from radcite.evals.units import Part, part_of
from radcite.training.image.views import outliers, view

__all__ = ["TAPS", "TRUNK", "Features", "foreign_squares", "rows_square", "see"]

TRUNK = "weights/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
TAPS = (10, 14, 18, 22)
_Grey = NDArray[np.uint8]
_Real = NDArray[np.float32]
_DRAWN = 400


@dataclass(frozen=True, slots=True)
class Features:
    """The features of the training images and of others.

    `clean` (images, width), `views` (views, images, width), `dev` (images, width), `foreign` (others, width), of
    images that are no radiology; float16.
    """

    clean: NDArray[np.float16]
    views: NDArray[np.float16]
    dev: NDArray[np.float16]
    foreign: NDArray[np.float16]


def see(
    layers: Sequence[Layer],
    data: Data,
    rows: Sequence[ImageRow],
    views: int,
    seed: int,
    folder: Path,
    tell: Callable[[str], None],
) -> Features:
    """Run the trunk over the training part and its views; what a killed run had is taken from the folder."""
    train = [row for row in rows if part_of(row.unit) == "train"]
    dev = [row for row in rows if part_of(row.unit) == "dev"]
    trunk = folder / "trunk.onnx"
    trunk.write_bytes(image_graph(layers, TAPS).SerializeToString())
    session = open_session(trunk, 1)

    def kept(name: str, squares: Callable[[], Sequence[_Grey]]) -> NDArray[np.float16]:
        path = folder / f"{name}.npy"
        if not path.is_file():
            found = _features(session, squares())
            with path.with_suffix(".part").open("wb") as file:
                np.save(file, found)
            path.with_suffix(".part").replace(path)
            tell(f"features of {name}")
        return np.load(path, allow_pickle=False)

    def seen(number: int) -> list[_Grey]:
        return [
            view(
                rows_square(row),
                np.random.default_rng([seed, number, place]),
                mirrored=row.body_part == "HEAD",
            )
            for place, row in enumerate(train)
        ]

    return Features(
        clean=kept("clean", lambda: [rows_square(row) for row in train]),
        dev=kept("dev", lambda: [rows_square(row) for row in dev]),
        foreign=kept("foreign", lambda: _foreign(data, "train", seed)),
        views=np.stack([kept(f"view-{n}", lambda n=n: seen(n)) for n in range(views)]),
    )


def rows_square(row: ImageRow) -> _Grey:
    """An image as the network is shown it."""
    with Image.open(row.path) as image:
        return letterboxed(np.asarray(image.convert("L")), SIDE)


class _Smear(Row):
    image: str


def foreign_squares(data: Data, part: Part) -> Iterator[_Grey]:
    """Images that are no radiology: blood smears."""
    for row in data.rows("images/bccd_blood/images.jsonl", _Smear):
        if part_of(Path(row.image).stem) == part:
            with Image.open(data.member("images/bccd_blood", row.image)) as image:
                yield letterboxed(np.asarray(image.convert("L")), SIDE)


def _foreign(data: Data, part: Part, seed: int) -> list[_Grey]:
    drawn = outliers(_DRAWN, SIDE, np.random.default_rng([seed, 1]))
    return [*drawn, *foreign_squares(data, part)]


def _features(session: OnnxSession, squares: Sequence[_Grey]) -> NDArray[np.float16]:
    found: list[_Real] = []
    for start in range(0, len(squares), 8):
        batch = network_input(squares[start : start + 8])
        found.append(session.run(["features"], {"pixels": batch})[0])  # pyright: ignore[reportArgumentType] - the session's protocol speaks of token numbers
    return np.concatenate(found).astype(np.float16)
