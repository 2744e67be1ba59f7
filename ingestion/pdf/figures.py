"""Figures of a PDF cut out as pictures, each found by its caption."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from radcite.core.sources import Box

__all__ = ["CutFigure", "PlacedCaption", "cut_figures"]

_LABELS = ("fig", "图", "scheme", "chart")
_MOST_BYTES = 192 << 20
_SMALLEST_PT = 40.0
_FARTHEST_PT = 72.0
_LONGEST_PX = 1600
_SHARPEST = 200 / 72
"""Pixels a point, at 200 dots an inch."""


@dataclass(frozen=True, slots=True)
class PlacedCaption:
    """A caption, `[start, end)` of the document's text, with its rectangle on the page."""

    label: str
    start: int
    end: int
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class CutFigure:
    """A figure, its caption, and its rectangle in points of the page as displayed.

    `rgb` are its pixels, row by row, three bytes each.
    """

    label: str
    start: int
    end: int
    page: int
    box: Box
    rows: int
    columns: int
    rgb: bytes


def cut_figures(document: Any, captions: Sequence[PlacedCaption]) -> tuple[CutFigure, ...]:
    """The figure of each caption that has one on its own page, at most 200 dots an inch.

    Pictures belong to the nearest caption above or below them; where there are none, a drawing does.
    Turned pages are passed over.
    """
    by_page: defaultdict[int, list[PlacedCaption]] = defaultdict(list)
    for caption in captions:
        if caption.label.lower().startswith(_LABELS):
            by_page[caption.page].append(caption)
    cut: list[CutFigure] = []
    room = _MOST_BYTES
    for number, some in sorted(by_page.items()):
        page = document[number - 1]
        if page.rotation == 0 and room > 0:
            made = list(_of_page(page, some))
            room -= sum(len(one.rgb) for one in made)
            cut += made
    return tuple(cut)


def _of_page(page: Any, captions: Sequence[PlacedCaption]) -> Iterator[CutFigure]:
    assigned = _assigned(_pictures(page), captions)
    if len(assigned) < len(captions):
        bare = [each for each in captions if each not in assigned]
        assigned |= _assigned([_beside(box, captions) for box in _drawings(page)], bare)
    for caption, boxes in assigned.items():
        box = _within(_around(boxes), page)
        if box[2] - box[0] >= _SMALLEST_PT and box[3] - box[1] >= _SMALLEST_PT:
            yield _rendered(page, caption, box)


def _pictures(page: Any) -> list[Box]:
    found = cast("list[dict[str, Any]]", page.get_image_info())
    return [box for each in found if _is_large(box := cast("Box", tuple(each["bbox"])))]


def _drawings(page: Any) -> list[Box]:
    whole = page.rect
    boxes = (cast("Box", tuple(rect)) for rect in page.cluster_drawings())
    return [box for box in boxes if _is_large(box) and box[3] - box[1] < 0.95 * whole.height]


def _is_large(box: Box) -> bool:
    return box[2] - box[0] >= _SMALLEST_PT and box[3] - box[1] >= _SMALLEST_PT


def _beside(box: Box, captions: Sequence[PlacedCaption]) -> Box:
    """A frame that goes round figure and caption, less the caption's part of it."""
    x0, y0, x1, y1 = box
    for caption in captions:
        _, top, _, bottom = caption.box
        if y0 < top and bottom <= y1 + 1 and _overlap(box, caption.box) > 0:
            above, below = top - y0, y1 - bottom
            y0, y1 = (y0, top) if above >= below else (bottom, y1)
    return x0, y0, x1, y1


def _assigned(
    boxes: Sequence[Box], captions: Sequence[PlacedCaption]
) -> dict[PlacedCaption, list[Box]]:
    assigned: dict[PlacedCaption, list[Box]] = {}
    for box in boxes:
        near = [(_distance(box, each.box), place) for place, each in enumerate(captions)]
        distance, place = min(near, default=(_FARTHEST_PT + 1, 0))
        if distance <= _FARTHEST_PT:
            assigned.setdefault(captions[place], []).append(box)
    if not assigned and len(captions) == 1 and boxes:
        # Rows of panels: those far from the caption of their page are its own all the same.
        assigned[captions[0]] = [max(boxes, key=_area)]
    return assigned


def _distance(box: Box, caption: Box) -> float:
    if _overlap(box, caption) > 0:
        return max(caption[1] - box[3], box[1] - caption[3], 0.0)
    beside = min(box[3], caption[3]) > max(box[1], caption[1])
    return max(caption[0] - box[2], box[0] - caption[2], 0.0) if beside else float("inf")


def _overlap(a: Box, b: Box) -> float:
    return min(a[2], b[2]) - max(a[0], b[0])


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _around(boxes: Sequence[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _within(box: Box, page: Any) -> Box:
    whole = page.rect
    x0, y0 = max(box[0], whole.x0), max(box[1], whole.y0)
    return x0, y0, min(box[2], whole.x1), min(box[3], whole.y1)


def _rendered(page: Any, caption: PlacedCaption, box: Box) -> CutFigure:
    import pymupdf

    zoom = min(_SHARPEST, _LONGEST_PX / max(box[2] - box[0], box[3] - box[1]))
    picture = page.get_pixmap(
        matrix=pymupdf.Matrix(zoom, zoom),
        clip=pymupdf.Rect(box),
        colorspace=pymupdf.csRGB,
        alpha=False,
        annots=False,
    )
    return CutFigure(
        label=caption.label,
        start=caption.start,
        end=caption.end,
        page=caption.page,
        box=box,
        rows=picture.height,
        columns=picture.width,
        rgb=bytes(picture.samples),
    )
