"""Which frames of a cine are read: a name that one frame alone shows is found, and told with that frame."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from radcite.core.vectors import Pixels
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import places_in
from radcite.ingestion.pictures.frame_texts import frame_places
from radcite.ingestion.pictures.text_places import Reading
from tests.ingestion.lettering import lettered, write_ultrasound

LIMITS, GATE = Limits(), Gate(b"k" * 32)


@pytest.mark.parametrize("name", ["Zebrafish Quentin", "斑马鱼 住院号 7391155"])
def test_a_name_in_one_frame_between_those_that_are_read_is_found(
    tmp_path: Path, name: str
) -> None:
    size = {"width": 400, "height": 260}
    frames = [lettered((10, 250, 14, "5.2 cm"), seed=seed, **size) for seed in range(24)]
    frames[11] = lettered((10, 250, 14, "5.2 cm"), (160, 20, 9, name), seed=11, **size)
    path = write_ultrasound(tmp_path / "cine.dcm", *frames)
    changed = np.abs(frames[11].astype(int) - frames[9]) > 60
    assert changed.mean() < 0.003, "else it would be read for how much of it is new"
    places = places_in(pydicom.dcmread(path), GATE, LIMITS)
    assert places
    assert {place.frame for place in places} == {11}
    assert all(place.box[0] > 150 and place.box[3] < 30 for place in places)


def test_a_cine_without_a_name_is_read_a_few_times(tmp_path: Path) -> None:
    frames = [lettered(width=160, height=120, seed=seed) for seed in range(70)]
    path = write_ultrasound(tmp_path / "cine.dcm", *frames)
    read = list[Pixels]()

    def reading(picture: Pixels) -> Reading:
        read.append(picture)
        return Reading((), ())

    assert frame_places(pydicom.dcmread(path), LIMITS, reading) == ()
    assert len(read) < 20
