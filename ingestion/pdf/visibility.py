"""Which text of a PDF page a reader cannot see, and where the rest stands as displayed."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.sources import Box

__all__ = ["Visibility"]

_SMALLEST_PT = 2.0
_ASLANT = 0.2
"""The sine of an angle that no crooked scan has."""
_PAINTED = 16 | 32
"""MuPDF's marks of a character that is filled or stroked; render mode 3 sets neither."""

_PALE = 0xE6
_PALEST = _PALE << 16
_COVERS_AT_ONCE = 256
_CONTRAST = 12
"""Levels of grey between a letter and its ground below which nobody reads it."""


class Visibility:
    """Tells the hidden spans of one page.

    Hidden is what is transparent, unpainted, tiny, beside the page, pale on a pale ground, under an opaque rectangle,
    or under a picture or another opaque shape that shows no letters there. `shown` is the unturned page's display list.
    """

    def __init__(self, page: Any, blocks: Sequence[dict[str, Any]], shown: Any) -> None:
        self._rotation = cast("int", page.rotation)
        self._width = cast("float", page.rect.width)
        self._height = cast("float", page.rect.height)
        hidden: list[dict[str, Any]] = []
        pale: list[dict[str, Any]] = []
        for line in [line for block in blocks for line in block["lines"]]:
            inside = self._is_on_page(line["bbox"])
            for span in line["spans"]:
                # Written out, as articles have some seven spans a line.
                if (
                    span["size"] < _SMALLEST_PT
                    or not span["alpha"]
                    or not span["char_flags"] & _PAINTED
                    or not (inside or self._has_middle(span["bbox"]))
                ):
                    hidden.append(span)
                elif span["color"] >= _PALEST and _is_pale(span["color"]):
                    pale.append(span)
        hidden = [span for span in hidden if not span["text"].isspace()]
        hidden += self._pale_on_pale(
            page, [span for span in pale if not span["text"].isspace()], shown
        )
        covered, beneath = _covered(page, blocks, shown)
        hidden += covered + self._pale_on_pale(page, beneath, shown)
        self._hidden = {id(span) for span in hidden}

    @property
    def hid_text(self) -> bool:
        """Whether the page has text that is not seen."""
        return bool(self._hidden)

    @property
    def turned(self) -> bool:
        """Whether the page is displayed turned, so that boxes are moved by `displayed`."""
        return self._rotation != 0

    def hides(self, span: dict[str, Any]) -> bool:
        """Whether a span of this page is not seen."""
        return id(span) in self._hidden

    def displayed(self, box: Box) -> Box:
        """A box of the unrotated page on the page as displayed, in points, origin top left."""
        x0, y0, x1, y1 = box
        if self._rotation == 90:
            return self._width - y1, x0, self._width - y0, x1
        if self._rotation == 180:
            return self._width - x1, self._height - y1, self._width - x0, self._height - y0
        if self._rotation == 270:
            return y0, self._height - x1, y1, self._height - x0
        return x0, y0, x1, y1

    def is_upright(self, direction: tuple[float, float]) -> bool:
        """Whether a line with this direction of writing runs from left to right as displayed."""
        if direction == (1.0, 0.0) and not self._rotation:
            return True
        turned = round(np.degrees(np.arctan2(direction[1], direction[0]))) + self._rotation
        return turned % 360 in (0, 1, 359)

    def is_slanted(self, direction: tuple[float, float]) -> bool:
        """Whether a line is written aslant, as a watermark is, rather than along or down the page."""
        return min(abs(direction[0]), abs(direction[1])) > _ASLANT

    def _is_on_page(self, box: Box) -> bool:
        x0, y0, x1, y1 = self.displayed(box)
        return x0 >= 0 and y0 >= 0 and x1 <= self._width and y1 <= self._height

    def _has_middle(self, box: Box) -> bool:
        x0, y0, x1, y1 = self.displayed(box)
        return 0 <= x0 + x1 <= 2 * self._width and 0 <= y0 + y1 <= 2 * self._height

    def _pale_on_pale(
        self, page: Any, spans: list[dict[str, Any]], shown: Any
    ) -> list[dict[str, Any]]:
        """Pale text may stand on a dark ground: the picture of the page decides."""
        if not spans:
            return []
        import pymupdf

        boxes = [_middle(self.displayed(span["bbox"])) for span in spans]
        around = pymupdf.Rect(
            *np.min([box[:2] for box in boxes], axis=0), *np.max([box[2:] for box in boxes], axis=0)
        )
        picture: Any = (
            page.get_pixmap(clip=around, colorspace=pymupdf.csGRAY)
            if self._rotation
            else cast("Any", pymupdf.DisplayList(shown)).get_pixmap(
                clip=around & page.rect, colorspace=pymupdf.csGRAY
            )
        )
        if not picture.width or not picture.height:
            return spans
        grey = np.frombuffer(picture.samples, dtype=np.uint8).reshape(picture.height, -1)
        origin = (picture.x, picture.y)
        pairs = zip(spans, boxes, strict=True)
        return [span for span, box in pairs if not _stands_out(grey, origin, box)]


def _middle(box: Box) -> Box:
    """The box without its upper and lower edge, where rules and neighbours may run."""
    margin = (box[3] - box[1]) / 4
    return box[0], box[1] + margin, box[2], box[3] - margin


def _stands_out(grey: NDArray[np.uint8], origin: tuple[int, int], box: Box) -> bool:
    x0, y0 = max(int(box[0]) - origin[0], 0), max(int(box[1]) - origin[1], 0)
    ground = grey[y0 : int(box[3]) - origin[1] + 1, x0 : int(box[2]) - origin[0] + 1]
    return ground.size > 0 and int(ground.max()) - int(ground.min()) > _CONTRAST


def _is_pale(color: int) -> bool:
    return min(color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF) >= _PALE


def _painted(shown: Any) -> list[tuple[str, Box]]:
    """What `Page.get_bboxlog` tells, without running the page once more."""
    import pymupdf
    from pymupdf import mupdf

    log: list[tuple[str, Box]] = []
    engine = cast("Any", mupdf)
    device = cast("Any", pymupdf).JM_new_bbox_device(log, inc_layers=False)
    everywhere = engine.FzRect(engine.FzRect.Fixed_INFINITE)
    engine.fz_run_display_list(shown, device, engine.FzMatrix(), everywhere, engine.FzCookie())
    engine.fz_close_device(device)
    return log


_Spans = list[dict[str, Any]]


def _covered(page: Any, blocks: Sequence[dict[str, Any]], shown: Any) -> tuple[_Spans, _Spans]:
    """Spans over which an opaque rectangle was painted later, and those below a picture or another opaque shape.

    What lies below a picture may be the text of a scan, whose letters the picture shows: its looks decide.
    """
    log = _painted(shown)
    texts = [(i, box) for i, (kind, box) in enumerate(log) if kind.endswith("-text")]
    paths = [(i, box) for i, (kind, box) in enumerate(log) if kind == "fill-path"]
    shapes = [(i, box) for i, (kind, box) in enumerate(log) if kind == "fill-image"]
    covers: list[tuple[int, Box]] = []
    if _overlaid(texts, paths):
        opaque = [one for one in page.get_cdrawings() if _is_opaque(one)]
        for one in opaque:
            place = (cast("int", one["seqno"]), cast("Box", tuple(one["rect"])))
            (covers if _is_rectangle(one) else shapes).append(place)
    if not _overlaid(texts, [*covers, *shapes]):
        return [], []
    signs = [
        (span["seqno"], tuple(sign[3]), _key(sign[2], chr(sign[0])))
        for span in page.get_texttrace()
        for sign in span["chars"]
    ]
    signs.sort(key=lambda sign: sign[0])
    placed = [(at, box) for at, box, _ in signs]
    under = {signs[i][2] for i in _overlaid(placed, covers)}
    beneath = {signs[i][2] for i in _overlaid(placed, shapes)} - under
    spans = [
        (_key(span["origin"], span["text"][0]), span)
        for block in blocks
        for line in block["lines"]
        for span in line["spans"]
        if not span["text"].isspace()
    ]
    return (
        [span for key, span in spans if key in under],
        [span for key, span in spans if key in beneath],
    )


def _key(origin: tuple[float, float], sign: str) -> tuple[int, int, str]:
    """What tells a character of the page from others: its place to a fifth of a point, and itself."""
    return round(origin[0] * 5), round(origin[1] * 5), sign


_Painted = Sequence[tuple[int, Box]]


def _overlaid(texts: _Painted, covers: _Painted) -> set[int]:
    """Which of the texts, given in the order of painting, have a later cover over their middle."""
    if not texts or not covers:
        return set()
    first = texts[0][0]
    laid = [(at, *box) for at, box in covers if at > first and _is_large(box)]
    if not laid:
        return set()
    order = np.array([at for at, _ in texts])
    boxes = np.array([box for _, box in texts])
    x, y = boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)
    found = np.zeros(len(texts), dtype=bool)
    for start in range(0, len(laid), _COVERS_AT_ONCE):
        at, x0, y0, x1, y1 = np.array(laid[start : start + _COVERS_AT_ONCE]).T[:, :, None]
        inside = (order < at) & (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
        found |= inside.any(axis=0)
    return set(np.flatnonzero(found).tolist())


def _is_large(box: Box) -> bool:
    return box[2] - box[0] > _SMALLEST_PT and box[3] - box[1] > _SMALLEST_PT


def _is_opaque(drawing: dict[str, Any]) -> bool:
    return "f" in drawing["type"] and drawing.get("fill_opacity", 1.0) == 1.0


def _is_rectangle(drawing: dict[str, Any]) -> bool:
    return len(drawing["items"]) == 1 and drawing["items"][0][0] in ("re", "qu")
