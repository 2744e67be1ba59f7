from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from radcite.backends.images.classical import ClassicalImageEncoder
from radcite.backends.images.files import FileImages
from radcite.backends.index.qdrant_edge import EdgeIndex
from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.sources import Case, ImageRef, Region
from radcite.core.tokens import Tokenizer
from radcite.core.vectors import Pixels
from radcite.ingestion.writer import BatchWriter, Encoders, PendingCase, open_collection
from radcite.tools.labels import LabelRequest, NeighbourLabels

COUNT = 24


def disc(seed: int) -> Pixels:
    """A bright disc: one kind of picture."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:96, :96]
    inside = (rows - 48) ** 2 + (columns - 48) ** 2 < 30**2
    return (inside * 200 + rng.integers(0, 30, (96, 96))).astype(np.uint8)


def stripes(seed: int) -> Pixels:
    """Bright stripes: another."""
    rng = np.random.default_rng(seed)
    columns = np.mgrid[:96, :96][1]
    return ((columns // 8 % 2) * 180 + rng.integers(0, 30, (96, 96))).astype(np.uint8)


def digest(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
async def labels(tmp_path: Path) -> AsyncIterator[NeighbourLabels]:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    index, images, encoder = (
        EdgeIndex(tmp_path / "index"),
        FileImages(tmp_path / "images"),
        ClassicalImageEncoder(),
    )
    encoders = Encoders(Bm25Encoder(Tokenizer(), ledger), None, encoder)
    await open_collection(ledger, index, encoders, "default")
    writer = BatchWriter("default", ledger, index, encoders)
    for number in range(2 * COUNT):
        made = disc(number) if number < COUNT else stripes(number)
        ref = ImageRef(digest=digest(number), uri="x")
        case = Case(
            case_id=f"C-{number}",
            patient=f"P-{number}",
            images=(ref,),
            modality="MR" if number < COUNT else "CT",
            body_part="HEAD" if number % 2 else "KNEE",
        )
        await writer.add_case(PendingCase(case, str(number), [(ref, made)]))
    await writer.flush()
    yield NeighbourLabels(index, ledger, images, encoder)
    await index.close()
    await ledger.close()


async def labelled(labels: NeighbourLabels, pixels: Pixels) -> list[Region]:
    await labels.images.put(digest(999), pixels)
    hits = await labels(LabelRequest(images=(digest(999),)))
    return [hit.source for hit in hits if isinstance(hit.source, Region)]


async def test_a_label_the_neighbours_agree_on_comes_with_its_measured_accuracy(
    labels: NeighbourLabels,
) -> None:
    [region] = await labelled(labels, disc(500))
    assert region.observation.value == "modality: MR"
    assert region.observation.score is not None
    assert 0.9 <= region.observation.score < 1
    assert region.box == (0, 0, 96, 96)


async def test_nothing_is_said_of_an_image_unlike_the_collection(labels: NeighbourLabels) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (96, 96)).astype(np.uint8)
    assert await labelled(labels, noise) == []


async def test_nothing_is_said_in_a_collection_made_by_another_encoder(
    labels: NeighbourLabels, tmp_path: Path
) -> None:
    await labels.images.put(digest(999), disc(1))
    assert await labels(LabelRequest(images=(digest(999),), collection="none")) == []
