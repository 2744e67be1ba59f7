"""Where the words of a paged text stand: from code points to rectangles on pages.

The packed form is one zlib stream of little-endian columns, so that a ledger can keep it beside the
text: per word its start, length, page, line and the four sides of its box. Sides are
kept in hundredths of a point.
"""

import zlib
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.sources import PageBox

__all__ = ["PlacedWord", "boxes_of", "pack", "unpack"]

_COLUMNS = 8
_PER_POINT = 100


class PlacedWord(NamedTuple):
    """A word `[start, end)` of the text, or the part of it on one line, and its box in points.

    `page` counts from 1; `line` numbers the lines of the document; the box is on the page as
    displayed, origin top left.
    """

    start: int
    end: int
    page: int
    line: int
    x0: float
    y0: float
    x1: float
    y1: float


def pack(words: Iterable[tuple[int, int, int, int, float, float, float, float]]) -> bytes:
    """The words, `PlacedWord` or such plain tuples, in a compact form; their starts must not fall.

    Raises:
        ValueError: a word is empty or stands before the one preceding it.
    """
    table = np.fromiter(chain.from_iterable(words), dtype=np.float64).reshape(-1, _COLUMNS)
    whole = np.rint(table * [1, 1, 1, 1, *[_PER_POINT] * 4]).astype(np.int64)
    whole[:, 1] -= whole[:, 0]
    if (whole[:, 1] <= 0).any() or (np.diff(whole[:, 0]) < 0).any():
        raise ValueError("the words of a layout are not empty and stand in order")
    # Neighbouring words differ little: differences down a column compress to about a third.
    columns = np.diff(whole, axis=0, prepend=0).T.astype("<i4")
    return zlib.compress(np.ascontiguousarray(columns).tobytes(), 4)


def unpack(layout: bytes) -> tuple[PlacedWord, ...]:
    """The words of a packed layout, in order.

    Raises:
        ValueError: the bytes are not a layout.
    """
    table = _table(layout)
    return tuple(
        PlacedWord(start, start + length, page, line, *(side / _PER_POINT for side in box))
        for start, length, page, line, *box in cast("list[list[int]]", table.tolist())
    )


def boxes_of(layout: bytes, start: int, end: int) -> tuple[PageBox, ...]:
    """One rectangle per line that `[start, end)` touches, in reading order.

    A span inside a word has the box of the whole word; an empty span or one over white space alone
    has none.

    Raises:
        ValueError: the bytes are not a layout.
    """
    table = _table(layout)
    starts, ends = table[:, 0], table[:, 0] + table[:, 1]
    touched = table[(starts < end) & (ends > start)]
    if start >= end or not len(touched):
        return ()
    breaks = np.flatnonzero((np.diff(touched[:, 2:4], axis=0) != 0).any(axis=1)) + 1
    return tuple(_around(words) for words in np.split(touched, breaks))


def _around(words: NDArray[np.int64]) -> PageBox:
    x0, y0 = (words[:, 4:6].min(axis=0) / _PER_POINT).tolist()
    x1, y1 = (words[:, 6:8].max(axis=0) / _PER_POINT).tolist()
    return PageBox(page=int(words[0, 2]), box=(x0, y0, x1, y1))


def _table(layout: bytes) -> NDArray[np.int64]:
    try:
        flat = np.frombuffer(zlib.decompress(layout), dtype="<i4")
        return flat.reshape(_COLUMNS, -1).T.astype(np.int64).cumsum(axis=0)
    except (zlib.error, ValueError) as exc:
        raise ValueError("not a layout") from exc
