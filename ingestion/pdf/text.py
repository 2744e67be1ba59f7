"""The lines of a PDF page as a reader sees them: words, where they stand, how they are set."""

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, cast

from radcite.core.normalization import is_cjk
from radcite.core.sources import Box
from radcite.ingestion.pdf.visibility import Visibility

__all__ = ["Line", "PageLines", "Word", "read_page", "shares_row", "stands_alone"]

_SUPERSCRIPT, _BOLD = 1, 16
_UNKNOWN = "\ufffd"
_NEARLY_ALL = 0.9
_BULLETS = frozenset("\ufffd•●▪■◆►‣➢")
_RAISED = str.maketrans("0123456789+\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


class Word(NamedTuple):
    """Text without white space and its box in points of the displayed page.

    `glued` says that no space parts it from the word before it on the line.
    """

    text: str
    box: Box
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """The visible words of one line. `size` is the type size most of it is set in, in points.

    `font` is the font of nearly all of it, "" where there is none such.
    `bullet` says that a sign which is no letter opened it, now left out.
    """

    page: int
    block: int
    words: tuple[Word, ...]
    box: Box
    size: float
    bold: bool
    opens_bold: bool
    upright: bool
    bullet: bool
    font: str = ""
    text: str = field(init=False)
    """The words, with a space where there is one."""

    def __post_init__(self) -> None:
        text = "".join([word.text if word.glued else f" {word.text}" for word in self.words])
        object.__setattr__(self, "text", text.strip())


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page in the order of its content, and whether text was hidden on it."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    hid_text: bool


def shares_row(a: Line, b: Line) -> bool:
    """Whether two lines stand beside each other, or in one place."""
    overlap = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    return overlap > 0.5 * min(a.box[3] - a.box[1], b.box[3] - b.box[1])


def read_page(page: Any, number: int) -> PageLines:
    """The visible lines of a page; its number counts from 1."""
    import pymupdf

    dropped = cast(
        "int",
        pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_CLIP,
    )
    flags = cast("int", pymupdf.TEXTFLAGS_WORDS & ~dropped)
    with _unturned(page):
        shown = _display_list(page)
    textpage = _textpage(shown, flags)
    blocks = cast("list[dict[str, Any]]", textpage.extractDICT()["blocks"])
    visibility = Visibility(page, blocks, shown)
    pieces = _words(textpage)
    if unclear := _unclear_lines(blocks):
        pieces |= _characters(textpage, unclear)
    lines = tuple(
        made
        for block in blocks
        for i, line in enumerate(block["lines"])
        if (made := _line(number, block["number"], line, pieces[block["number"], i], visibility))
    )
    return PageLines(number, page.rect.width, page.rect.height, lines, visibility.hid_text)


def _display_list(page: Any) -> Any:
    """What the page shows, run once for its text and for what is painted over it.

    Unclipped: text beside the page comes too, so that its removal can be reported.
    """
    from pymupdf import mupdf

    engine = cast("Any", mupdf)
    shown = engine.FzDisplayList(engine.FzRect(engine.FzRect.Fixed_INFINITE))
    device = engine.fz_new_list_device(shown)
    engine.fz_run_page(page.this, device, engine.FzMatrix(), engine.FzCookie())
    engine.fz_close_device(device)
    return shown


def _textpage(shown: Any, flags: int) -> Any:
    import pymupdf
    from pymupdf import mupdf

    engine = cast("Any", mupdf)
    options = engine.FzStextOptions()
    options.flags = flags
    return pymupdf.TextPage(engine.FzStextPage(shown, options))


@contextmanager
def _unturned(page: Any) -> Generator[None]:
    """The page without its rotation, in whose points its text is placed."""
    rotation = page.rotation
    if rotation:
        page.set_rotation(0)
    try:
        yield
    finally:
        if rotation:
            page.set_rotation(rotation)


_Pieces = dict[tuple[int, int], Sequence[Word]]


def _words(textpage: Any) -> _Pieces:
    found: defaultdict[tuple[int, int], list[Word]] = defaultdict(list)
    for one in textpage.extractWORDS():
        found[one[5], one[6]].append(Word(one[4], one[:4]))
    return cast("_Pieces", found)


def _characters(textpage: Any, lines: set[tuple[int, int]]) -> _Pieces:
    """Words of some lines by characters: each Chinese one stands for itself, lost signs are kept as U+FFFD.

    A lost sign may be the ≤ before a number, so leaving it out could turn the meaning.
    """
    blocks = textpage.extractRAWDICT()["blocks"]
    return {
        (block["number"], i): tuple(_split(line))
        for block in blocks
        for i, line in enumerate(block["lines"])
        if (block["number"], i) in lines
    }


def _split(line: dict[str, Any]) -> Iterator[Word]:
    text, box, glued = "", (0.0, 0.0, 0.0, 0.0), False
    for char in (char for span in line["spans"] for char in span["chars"]):
        sign, place = char["c"], cast("Box", tuple(char["bbox"]))
        sign = _UNKNOWN if _is_lost(sign) else sign
        blank, alone = sign.isspace(), stands_alone(sign)
        if text and (blank or alone):
            yield Word(text, box, glued)
            text, glued = "", True
        if blank:
            glued = False
        elif alone:
            yield Word(sign, place, glued)
            glued = True
        else:
            box = _union(box, place) if text else place
            text += sign
    if text:
        yield Word(text, box, glued)


def _line(
    page: int, block: int, line: dict[str, Any], words: Sequence[Word], visibility: Visibility
) -> Line | None:
    spans = cast("list[dict[str, Any]]", line["spans"])
    hides = visibility.hides if visibility.hid_text else None
    shown = [span for span in spans if not hides(span)] if hides else spans
    if not shown or not words or visibility.is_slanted(line["dir"]):
        return None
    letters = _letters(shown)
    raised = any(flags & _SUPERSCRIPT for _, _, flags in letters)
    if raised or len(shown) < len(spans):
        words = tuple(_restyled(words, spans, visibility))
    if visibility.turned or not "".join([word.text for word in words]).isprintable():
        words = [
            Word(text, visibility.displayed(word.box), word.glued)
            for word in words
            if (text := "".join(filter(str.isprintable, word.text)))
        ]
    marked = len(words) > 1 and words[0].text in _BULLETS and words[1].text[0].isalpha()
    words = _without_bullet(words) if marked else words
    if not words:
        return None
    bullet = marked or (_is_lost(shown[0]["text"][:1]) and words[0].text[0].isalpha())
    size, font, _ = style = max(letters, key=letters.__getitem__)
    bold = sum([count for (_, font, flags), count in letters.items() if _is_bold(font, flags)])
    whole = sum(letters.values())
    return Line(
        page=page,
        block=block,
        words=tuple(words),
        box=visibility.displayed(cast("Box", tuple(line["bbox"]))),
        size=round(size, 1),
        bold=bold >= 0.8 * whole,
        opens_bold=_is_bold(shown[0]["font"], shown[0]["flags"]),
        upright=visibility.is_upright(line["dir"]),
        bullet=bullet,
        font=font if letters[style] >= _NEARLY_ALL * whole else "",
    )


def _letters(spans: Sequence[dict[str, Any]]) -> dict[tuple[float, str, int], int]:
    """How many characters are set in each size, font and style; neighbours, mostly alike, are counted at once."""
    letters: dict[tuple[float, str, int], int] = {}
    size, font, flags, count = 0.0, "", 0, 0
    for span in spans:
        if span["size"] != size or span["font"] != font or span["flags"] != flags:
            if count:
                letters[size, font, flags] = letters.get((size, font, flags), 0) + count
                count = 0
            size, font, flags = span["size"], span["font"], span["flags"]
        count += len(span["text"])
    letters[size, font, flags] = letters.get((size, font, flags), 0) + count
    return letters


def _without_bullet(words: Sequence[Word]) -> Sequence[Word]:
    rest = words[1:]
    return [rest[0]._replace(glued=False), *rest[1:]] if rest else []


@lru_cache(maxsize=1024)
def _is_bold(font: str, flags: int) -> bool:
    # Subset fonts of some typesetters carry the weight only as a trailing ".B" of the name.
    return bool(flags & _BOLD) or "bold" in font.lower() or font.endswith((".B", "-Bd"))


def _restyled(
    words: Sequence[Word], spans: Sequence[dict[str, Any]], visibility: Visibility
) -> Iterator[Word]:
    """The words without their hidden parts, raised digits as superscript characters.

    A raised digit must not read as part of the number before it: 10⁵ is not 105. Compatibility
    normalisation turns the characters back.
    """
    owner = [span for span in spans for char in span["text"] if not char.isspace()]
    at = 0
    signs = (char for span in spans for char in span["text"] if not char.isspace())
    text = [_UNKNOWN if _is_lost(char) else char for char in signs]
    for word in words:
        at = _find(text, word.text, at)
        owners = owner[at : at + len(word.text)]
        at += len(word.text)
        if made := _visible_part(word, owners, visibility):
            yield made


def _find(text: list[str], word: str, at: int) -> int:
    """Where the word starts at or after a place; signs that are in no word may precede it."""
    while at < len(text) and text[at] != word[0]:
        at += 1
    return at


def _visible_part(
    word: Word, owners: Sequence[dict[str, Any]], visibility: Visibility
) -> Word | None:
    kept = [
        (char.translate(_RAISED) if span["flags"] & _SUPERSCRIPT else char, span)
        for char, span in zip(word.text, owners, strict=False)
        if not visibility.hides(span)
    ]
    if not kept:
        return None
    if len(kept) == len(word.text):
        return Word("".join(char for char, _ in kept), word.box, word.glued)
    boxes = [_overlap(word.box, cast("Box", tuple(span["bbox"]))) for _, span in kept]
    box = boxes[0]
    for other in boxes[1:]:
        box = _union(box, other)
    return Word("".join(char for char, _ in kept), box, word.glued)


def _unclear_lines(blocks: Sequence[dict[str, Any]]) -> set[tuple[int, int]]:
    """Lines with Chinese, or with signs whose meaning the file does not tell, bullets apart."""
    return {
        (block["number"], i)
        for block in blocks
        for i, line in enumerate(block["lines"])
        if _is_unclear("".join([span["text"] for span in line["spans"]]))
    }


def _is_unclear(text: str) -> bool:
    if text.isascii() and text.isprintable():
        return False
    # Before a letter a lost sign that opens the line is a bullet; before a number it may be a ≤.
    inner = text[1:] if text[1:].lstrip()[:1].isalpha() else text
    return any(map(_is_lost, inner)) or any(map(stands_alone, text))


def _is_lost(char: str) -> bool:
    """A sign without a known letter: a comparison or a bullet in a font that does not name it."""
    return "" < char < " " or "\x7f" <= char <= "\x9f" or char == _UNKNOWN


def stands_alone(char: str) -> bool:
    """Whether a character is a word of its own: Chinese, and full-width signs."""
    return is_cjk(char) or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef"


def _union(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _overlap(a: Box, b: Box) -> Box:
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
