"""Attribute values of datasets nobody has validated: a malformed value is an absent one."""

import math
import struct
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from radcite.core.errors import ErrorCode, RadciteError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["MALFORMED", "code_meaning", "functional_group", "items", "numbers", "refusing", "text"]

# What pydicom raises on converting a malformed value.
MALFORMED = (
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError),
    *(NotImplementedError, OSError, struct.error),
)
_PASS_ON = (RadciteError, MemoryError, RecursionError, KeyboardInterrupt, SystemExit, GeneratorExit)


@contextmanager
def refusing(code: ErrorCode, detail: str, detail_zh: str) -> Generator[None]:
    """Turn whatever a parser or codec raises within into a `RadciteError` of this code.

    Panics of Rust codecs derive from `BaseException` alone and are turned as well.
    """
    try:
        yield
    except _PASS_ON:
        raise
    except BaseException as exc:
        raise RadciteError(code, detail, detail_zh) from exc


def text(dataset: "Dataset", keyword: str) -> str:
    """An attribute as text without padding, its first value where it has several; "" for none."""
    try:
        value = dataset.get(keyword)
        if value is not None and not isinstance(value, str) and hasattr(value, "__getitem__"):
            value = value[0] if len(value) else None
        return "" if value is None else str(value).strip("\0 \t\r\n")
    except MALFORMED:
        return ""


def numbers(dataset: "Dataset", keyword: str) -> tuple[float, ...]:
    """The values of a numeric attribute; empty for none, or if any is not a finite number."""
    try:
        value = dataset.get(keyword)
        if value is None or value == "":
            return ()
        several = value if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
        values = tuple(float(one) for one in several)
    except MALFORMED:
        return ()
    return values if all(math.isfinite(one) for one in values) else ()


def items(dataset: "Dataset", keyword: str) -> "tuple[Dataset, ...]":
    """The items of a sequence; empty for none."""
    from pydicom.sequence import Sequence

    try:
        value = dataset.get(keyword)
        return tuple(value) if isinstance(value, Sequence) else ()
    except MALFORMED:
        return ()


def code_meaning(dataset: "Dataset", keyword: str) -> str:
    """Code Meaning of the first item of a code sequence; "" for none."""
    coded = items(dataset, keyword)
    return text(coded[0], "CodeMeaning") if coded else ""


def functional_group(dataset: "Dataset", macro: str, frame: int) -> "Dataset":
    """Where a macro's attributes stand for a frame: its own group, the shared one, or the dataset.

    Source: DICOM PS3.3 C.7.6.16.
    """
    per_frame = items(dataset, "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
    for group in (*per_frame, *items(dataset, "SharedFunctionalGroupsSequence")[:1]):
        if found := items(group, macro):
            return found[0]
    return dataset
