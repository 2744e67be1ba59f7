"""Names and numbers of the people in a DICOM header, taken out of its free text."""

import re
from typing import TYPE_CHECKING

from radcite.core.normalization import is_cjk

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["without_names"]

_NUMBERS = ("PatientID", "AccessionNumber", "OtherPatientIDs", "PatientBirthDate", "AdmissionID")
_SHORTEST_LATIN = 3
_REMOVED = "[…]"


def without_names(text: str, dataset: "Dataset") -> str:
    """The text with each part of each person's name and each patient's number replaced by `[…]`.

    Single letters and syllables of two are left: they stand in too many other words.
    """
    marks = sorted({*_name_parts(dataset), *_numbers(dataset)}, key=len, reverse=True)
    for mark in marks:
        bounded = re.escape(mark) if is_cjk(mark[0]) else rf"(?<!\w){re.escape(mark)}(?!\w)"
        text = re.sub(bounded, _REMOVED, text, flags=re.IGNORECASE)
    return text


def _name_parts(dataset: "Dataset") -> set[str]:
    names = [
        str(name)
        for element in dataset.iterall()
        if element.VR == "PN" and element.value
        for name in (element.value if element.VM > 1 else [element.value])
    ]
    parts = {part for name in names for part in re.split(r"[\^=\s,]+", name)}
    return {part for part in parts if part and (is_cjk(part[0]) or len(part) >= _SHORTEST_LATIN)}


def _numbers(dataset: "Dataset") -> set[str]:
    values = [str(dataset.get(keyword) or "").strip() for keyword in _NUMBERS]
    return {value for value in values if len(value) >= _SHORTEST_LATIN}
