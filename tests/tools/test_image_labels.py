from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from radcite.backends.images.files import FileImages
from radcite.core.framing import measurement_sentence
from radcite.core.ports import ImageLabel, ImageReading
from radcite.core.sources import Observation, Region
from radcite.core.vectors import Pixels
from radcite.tools.hits import Hit
from radcite.tools.image_labels import MODEL_TOOL, ImageLabels
from radcite.tools.labels import LabelName, LabelRequest, NeighbourLabels

DIGEST = f"{7:064x}"


class Labeler:
    """Says what it was told to say."""

    fingerprint = "told:1"

    def __init__(self, *labels: ImageLabel, foreign: bool = False) -> None:
        self.labels = labels
        self.foreign = foreign

    async def read(self, images: Sequence[Pixels]) -> list[ImageReading]:
        return [
            ImageReading(probabilities={}, uncalibrated={}, is_foreign=self.foreign) for _ in images
        ]

    async def label(self, images: Sequence[Pixels]) -> list[tuple[ImageLabel, ...]]:
        return [self.labels for _ in images]


def label(kind: str, value: str, probability: float = 0.97) -> ImageLabel:
    return ImageLabel(kind=kind, value=value, probability=probability)


@dataclass(frozen=True)
class Neighbours:
    """Say what they agree on, and what each of the nearest has."""

    agreed: Sequence[str] = ()
    each: Mapping[LabelName, frozenset[str]] = field(
        default_factory=dict[LabelName, frozenset[str]]
    )
    likest: float = 0.0
    usual: float | None = None
    encoder: Labeler = field(default_factory=Labeler)

    async def nearest(self, collection: str, shown: Sequence[Pixels]) -> list[float]:
        return [self.likest] * len(shown)

    async def least_like(self, collection: str) -> float | None:
        return self.usual

    async def __call__(self, request: LabelRequest) -> list[Hit]:
        return [
            Hit(Region(image=DIGEST, observation=seen(value)), 1, 0.95, None, None, "near")
            for value in self.agreed
        ]

    async def around(
        self, request: LabelRequest, digest: str, pixels: Pixels
    ) -> Mapping[LabelName, frozenset[str]]:
        return self.each


def seen(value: str) -> Observation:
    return Observation(tool="neighbour_labels", version="1", value=value, score=0.95)


async def labels(
    tmp_path: Path, labeler: Labeler | None, near: Neighbours | None = None
) -> list[Observation]:
    images = FileImages(tmp_path)
    await images.put(DIGEST, np.zeros((40, 60), np.uint8))
    tool = ImageLabels(cast("NeighbourLabels", near or Neighbours()), images, labeler)
    hits = await tool(LabelRequest(images=(DIGEST,)))
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    return [hit.source.observation for hit in hits if isinstance(hit.source, Region)]


async def test_the_model_speaks_where_the_neighbours_are_silent(tmp_path: Path) -> None:
    found = await labels(
        tmp_path,
        Labeler(label("modality", "XR", 0.99), label("finding", "pneumonia", 0.93)),
        Neighbours(["body_part: CHEST"]),
    )
    assert [(one.tool, one.value) for one in found] == [
        (MODEL_TOOL, "modality: XR"),
        ("neighbour_labels", "body_part: CHEST"),
        (MODEL_TOOL, "finding: pneumonia"),
    ]
    assert found[0].score == 0.99


@pytest.mark.parametrize("near", ["CT", "US"])
async def test_nothing_is_said_of_an_image_whose_nearest_cases_are_of_something_else(
    tmp_path: Path, near: str
) -> None:
    model = Labeler(label("modality", "XR"), label("finding", "pneumonia"))
    found = await labels(tmp_path, model, Neighbours(each={"modality": frozenset({near})}))
    assert found == []


async def test_names_of_the_standard_bear_out_the_models_own(tmp_path: Path) -> None:
    model = Labeler(label("modality", "XR"), label("body_part", "HEAD"), label("view", "PA"))
    near = Neighbours(
        each={
            "modality": frozenset({"DX", "CT"}),
            "body_part": frozenset({"Brain"}),
            "view": frozenset({"AP"}),
        }
    )
    found = await labels(tmp_path, model, near)
    assert [one.value for one in found] == ["modality: XR", "body_part: HEAD"]


async def test_what_the_neighbours_agree_on_is_said_in_their_words(tmp_path: Path) -> None:
    found = await labels(tmp_path, Labeler(label("modality", "XR")), Neighbours(["modality: CR"]))
    assert [(one.tool, one.value) for one in found] == [("neighbour_labels", "modality: CR")]


async def test_a_normal_reading_is_never_stated(tmp_path: Path) -> None:
    assert await labels(tmp_path, Labeler(label("finding", "no chest finding"))) == []


async def test_without_a_model_the_neighbours_speak_alone(tmp_path: Path) -> None:
    found = await labels(tmp_path, None, Neighbours(["view: PA"]))
    assert [one.value for one in found] == ["view: PA"]


def test_a_finding_is_worded_as_the_reading_of_software() -> None:
    told = Observation(tool=MODEL_TOOL, version="1", value="finding: pneumonia", score=0.95)
    assert measurement_sentence(told, "en") == (
        "The labels tool reads the image as: pneumonia (a reading by software, not a diagnosis)"
    )
    assert measurement_sentence(told, "zh") == "图像标签工具的判读：肺炎（软件判读，非诊断）"


@pytest.mark.parametrize(
    ("foreign", "likest", "strange"),
    [(True, 0.8, True), (True, 0.95, False), (False, 0.7, False), (False, 0.1, True)],
)
async def test_a_stranger_is_no_radiology_and_unlike_all_that_is_there(
    tmp_path: Path, foreign: bool, likest: float, strange: bool
) -> None:
    assert await strangers(tmp_path, Labeler(foreign=foreign), likest) == strange


async def test_without_a_model_no_image_is_a_stranger(tmp_path: Path) -> None:
    assert not await strangers(tmp_path, None, 0.0)


@pytest.mark.parametrize(("foreign", "likest", "strange"), [(True, 0.6, False), (True, 0.4, True)])
async def test_vectors_of_another_encoder_are_held_against_the_collections_own(
    tmp_path: Path, foreign: bool, likest: float, strange: bool
) -> None:
    other = Labeler(foreign=foreign)
    other.fingerprint = "another:1"
    assert await strangers(tmp_path, other, likest, usual=0.5) == strange


@pytest.mark.parametrize(("likest", "strange"), [(0.85, False), (0.75, True)])
async def test_radiology_is_a_stranger_where_it_is_far_less_like_than_what_is_there(
    tmp_path: Path, likest: float, strange: bool
) -> None:
    assert await strangers(tmp_path, Labeler(), likest, usual=0.9) == strange


async def strangers(
    tmp_path: Path, labeler: Labeler | None, likest: float, usual: float | None = None
) -> bool:
    images = FileImages(tmp_path)
    await images.put(DIGEST, np.zeros((40, 60), np.uint8))
    near = Neighbours(likest=likest, usual=usual)
    tool = ImageLabels(cast("NeighbourLabels", near), images, labeler)
    return bool(await tool.strangers([DIGEST], "c"))
