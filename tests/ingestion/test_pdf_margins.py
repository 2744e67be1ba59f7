"""What is dropped at the edges of pages: running heads and page numbers, and no line of the text."""

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf

BODY = "Fluid collects first in the posterior sulcus and blunts the lateral angle"


def words_of(path: Path, pages: Sequence[Sequence[tuple[float, float, str, float]]]) -> str:
    """The text of a PDF of lines at x, y in a size."""
    with pymupdf.open() as document:
        for lines in pages:
            page = document.new_page()
            for x, y, text, size in lines:
                page.insert_text((x, y), text, fontsize=size)
        document.save(path)
    return read_pdf(path, Limits()).text


def test_the_rows_of_a_table_over_several_pages_are_all_kept(tmp_path: Path) -> None:
    pages = [
        [
            line
            for row in range(48)
            for number in [48 * page + row + 1]
            for line in (
                (72, 50 + 15 * row, f"Patient {number}", 9),
                (220, 50 + 15 * row, f"{number % 7 + 2} mm", 9),
                (340, 50 + 15 * row, "stable", 9),
            )
        ]
        for page in range(3)
    ]
    text = words_of(tmp_path / "a.pdf", pages)
    assert [n for n in range(1, 145) if f"Patient {n}\t{n % 7 + 2} mm\tstable" not in text] == []


def test_doses_that_differ_by_a_number_from_page_to_page_are_kept(tmp_path: Path) -> None:
    pages = [
        [
            (72, 60, f"Weight {weight} kg.", 11),
            (72, 76, f"Gadoxetate: {weight / 10} mL.", 11),
            *((72, 200 + 14 * line, BODY, 11) for line in range(5)),
            (72, 780, "Flush: 20 mL of saline.", 11),
        ]
        for weight in (60, 90)
    ]
    text = words_of(tmp_path / "a.pdf", pages)
    for words in ("Weight 60 kg.", "Gadoxetate: 6.0 mL.", "Weight 90 kg.", "Gadoxetate: 9.0 mL."):
        assert words in text


def test_headings_that_are_counted_at_the_top_of_pages_are_kept(tmp_path: Path) -> None:
    pages = [
        [
            (72, 60, f"Case {number}. A man of {number + 40} years", 11),
            *((72, 74 + 14 * line, BODY, 11) for line in range(30)),
        ]
        for number in (1, 2, 3)
    ]
    text = words_of(tmp_path / "a.pdf", pages)
    assert [f"Case {number}." in text for number in (1, 2, 3)] == [True] * 3


@pytest.mark.parametrize(
    "foot", ["{n}", "Page {n} of 4", "- {n} -", "Chest 2021; 12: e10{n}", "第 {n} 页"]
)
def test_page_numbers_and_running_heads_are_dropped(tmp_path: Path, foot: str) -> None:
    with pymupdf.open() as document:
        for number in range(1, 5):
            page = document.new_page()
            page.insert_text((72, 40), "Lee et al. Journal of Nodules (2021)", fontsize=9)
            for line in range(40):
                page.insert_text((72, 80 + 14 * line), BODY, fontsize=10)
            page.insert_text((280, 800), foot.format(n=number), fontsize=9, fontname="china-s")
        document.save(tmp_path / "a.pdf")
    text = read_pdf(tmp_path / "a.pdf", Limits()).text
    assert "Journal of Nodules" not in text
    assert text.count("posterior sulcus") == 160
    assert not any(char.isdigit() for char in text)
