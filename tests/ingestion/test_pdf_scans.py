"""Scanned pages: made from a typed page that was printed to a picture, in English and in Chinese."""

from difflib import SequenceMatcher
from pathlib import Path

import pymupdf
import pytest

from radcite.core.errors import RadciteError
from radcite.core.layout import boxes_of
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf

ENGLISH = (
    "Pleural effusion on the upright chest radiograph",
    "About 200 mL of fluid blunts the lateral angle.",
    "The lateral view shows as little as 50 mL.",
)
CHINESE = ("直立位胸片的胸腔积液", "约二百毫升积液使外侧肋膈角变钝。", "侧位片可显示五十毫升积液。")


def scan(path: Path, lines: tuple[str, ...], font: str, pages: int = 1) -> Path:
    with pymupdf.open() as typed, pymupdf.open() as scanned:
        page = typed.new_page()
        for place, line in enumerate(lines):
            page.insert_text((72, 120 + 24 * place), line, fontsize=14, fontname=font)
        picture = page.get_pixmap(dpi=150)
        for _ in range(pages):
            blank = scanned.new_page(width=page.rect.width, height=page.rect.height)
            blank.insert_image(blank.rect, pixmap=picture)
        scanned.save(path)
    return path


@pytest.mark.parametrize(("lines", "font"), [(ENGLISH, "helv"), (CHINESE, "china-s")])
def test_a_scanned_page_is_read_with_its_places(
    tmp_path: Path, lines: tuple[str, ...], font: str
) -> None:
    read = read_pdf(scan(tmp_path / "a.pdf", lines, font), Limits())
    assert read.warnings == ("OCR_TEXT",)
    for place, line in enumerate(lines):
        flat, wanted = ("".join(text.split()) for text in (read.text, line))
        match = SequenceMatcher(None, flat, wanted, autojunk=False)
        assert sum(block.size for block in match.get_matching_blocks()) >= 0.9 * len(wanted)
        found = read.text.find(line[:5])
        (box, *_) = boxes_of(read.layout, found, found + 5)
        assert box.page == 1
        assert abs(box.box[3] - (120 + 24 * place)) < 12


def test_more_scans_than_there_is_time_for_are_refused_at_once(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", ENGLISH, "helv", pages=3)
    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED: 3 scanned pages > 2"):
        read_pdf(path, Limits(wall_seconds=10))


def test_a_page_with_text_of_its_own_is_no_scan(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 100), "Typed words beside a picture.", fontsize=11)
        grey = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 50, 65))
        grey.clear_with(128)  # a new pixmap holds whatever memory held
        page.insert_image((50, 150, 550, 800), pixmap=grey)
        document.save(tmp_path / "a.pdf")
    assert read_pdf(tmp_path / "a.pdf", Limits()).warnings == ()


def test_the_scan_below_a_typed_letterhead_is_read_too_and_the_typed_words_once(
    tmp_path: Path,
) -> None:
    path = scan(tmp_path / "a.pdf", ENGLISH, "helv")
    with pymupdf.open(path) as document:
        document[0].insert_text((72, 60), "Received by fax, page 1 of 1", fontsize=11)
        document.save(tmp_path / "b.pdf")
    read = read_pdf(tmp_path / "b.pdf", Limits())
    assert read.warnings == ("OCR_TEXT",)
    assert read.text.count("Received by fax") == 1
    found = read.text.find("About 200")
    (box, *_) = boxes_of(read.layout, found, found + 5)
    assert abs(box.box[3] - 144) < 12
