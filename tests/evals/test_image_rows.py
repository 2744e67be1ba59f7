from collections import Counter
from pathlib import Path

import pytest

from radcite.evals.datasets import Data
from radcite.evals.images.rows import LABELS, LabelKind, is_free, read_images

FOLDER = Path(__file__).parents[2] / "../shared/data"


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("CC BY 3.0", True),
        ("CC BY", True),
        ("CC0", True),
        ("CC BY-SA", False),
        ("CC BY-NC-SA 4.0", False),
        ("CC BY-ND", False),
        ("", False),
    ],
)
def test_only_attribution_is_asked_for_what_may_be_trained_on(licence: str, *, free: bool) -> None:
    assert is_free(licence) == free


@pytest.mark.data
def test_every_label_is_one_of_the_list_and_no_unit_is_both_free_and_not() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the measuring data is not there")
    free = read_images(Data(FOLDER))
    others = read_images(Data(FOLDER), free=False)
    kinds: tuple[LabelKind, ...] = ("modality", "body_part", "view", "finding")
    for kind in kinds:
        assert {row.label(kind) for row in free} - {None} <= set(LABELS[kind])
    assert Counter(row.source for row in free) == {
        "brain_mri": 320,
        "vqarad": 226,
        "nih_cxr": 410,
        "covidcxr": 81,
    }
    assert not {row.unit for row in free} & {row.unit for row in others}
