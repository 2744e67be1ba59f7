from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from radcite.backends.file_images import FileImages
from radcite.core.framing import measurement_sentence
from radcite.core.ports import ImageLabel, ImageReading
from radcite.core.sources import Observation, Region
from radcite.core.vectors import Pixels
from radcite.tools.hits import Hit
from radcite.tools.image_labels import MODEL_TOOL, ImageLabels
from radcite.tools.labels import LabelRequest, NeighbourLabels

DIGEST = f"{7:064x}"


class Labeler:
    """Says what it was told to say."""

    fingerprint = "told:1"
    values: Mapping[str, tuple[str, ...]] = {"modality": ("CT", "XR"), "body_part": ("CHEST",)}

    def __init__(self, *labels: ImageLabel) -> None:
        self.labels = labels

    async def read(self, images: Sequence[Pixels]) -> list[ImageReading]:
        return [ImageReading(probabilities={}, uncalibrated={}, is_foreign=False) for _ in images]

    async def label(self, images: Sequence[Pixels]) -> list[tuple[ImageLabel, ...]]:
        return [self.labels for _ in images]


def label(kind: str, value: str, probability: float = 0.97) -> ImageLabel:
    return ImageLabel(kind=kind, value=value, probability=probability)


async def labels(
    tmp_path: Path, labeler: Labeler | None, near: Sequence[str] = ()
) -> list[Observation]:
    images = FileImages(tmp_path)
    await images.put(DIGEST, np.zeros((40, 60), np.uint8))

    async def neighbours(_: LabelRequest) -> list[Hit]:
        return [
            Hit(
                Region(
                    image=DIGEST,
                    observation=Observation(
                        tool="neighbour_labels", version="1", value=value, score=0.95
                    ),
                ),
                1,
                0.95,
                None,
                None,
                "near",
            )
            for value in near
        ]

    tool = ImageLabels(cast("NeighbourLabels", neighbours), images, labeler)
    hits = await tool(LabelRequest(images=(DIGEST,)))
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    return [hit.source.observation for hit in hits if isinstance(hit.source, Region)]


async def test_the_model_speaks_where_the_neighbours_are_silent(tmp_path: Path) -> None:
    found = await labels(
        tmp_path,
        Labeler(label("modality", "XR", 0.99), label("finding", "pneumonia", 0.93)),
        near=["body_part: CHEST"],
    )
    assert [(one.tool, one.value) for one in found] == [
        (MODEL_TOOL, "modality: XR"),
        ("neighbour_labels", "body_part: CHEST"),
        (MODEL_TOOL, "finding: pneumonia"),
    ]
    assert found[0].score == 0.99


async def test_neither_is_said_where_model_and_neighbours_contradict(tmp_path: Path) -> None:
    assert await labels(tmp_path, Labeler(label("modality", "CT")), near=["modality: DX"]) == []


@pytest.mark.parametrize("near", ["modality: CR", "modality: US"])
async def test_the_neighbours_are_heard_where_they_agree_or_know_more(
    tmp_path: Path, near: str
) -> None:
    found = await labels(tmp_path, Labeler(label("modality", "XR")), near=[near])
    assert [(one.tool, one.value) for one in found] == [("neighbour_labels", near)]


async def test_a_normal_reading_is_never_stated(tmp_path: Path) -> None:
    assert await labels(tmp_path, Labeler(label("finding", "no chest finding"))) == []


async def test_without_a_model_the_neighbours_speak_alone(tmp_path: Path) -> None:
    found = await labels(tmp_path, None, near=["view: PA"])
    assert [one.value for one in found] == ["view: PA"]


def test_a_finding_is_worded_as_the_reading_of_software() -> None:
    seen = Observation(tool=MODEL_TOOL, version="1", value="finding: pneumonia", score=0.95)
    assert measurement_sentence(seen, "en") == (
        "The labels tool reads the image as: pneumonia (a reading by software, not a diagnosis)"
    )
    assert measurement_sentence(seen, "zh") == "图像标签工具的判读：肺炎（软件判读，非诊断）"
