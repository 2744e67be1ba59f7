from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from radcite.core.layout import boxes_of
from radcite.ingestion.articles.blocks import Block
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import PdfDocument, read_pdf

BODY = [
    "The study included adults with suspected lung nodules on",
    "radiographs, as shown in Table 1. Figure 2 shows the course of all",
    "patients from screening to the final visit after one year.",
]


def write_lines(
    page: pymupdf.Page, x: float, y: float, lines: Sequence[str], size: float = 10, **style: object
) -> None:
    for i, line in enumerate(lines):
        page.insert_text((x, y + i * 1.2 * size), line, fontsize=size, **style)


def blocks(made: PdfDocument, kind: str) -> list[tuple[Block, str]]:
    return [(one, made.text[one.start : one.end]) for one in made.blocks if one.kind == kind]


@pytest.fixture
def made(tmp_path: Path) -> PdfDocument:
    document = pymupdf.open()
    page = document.new_page()
    title = ["Low-dose computed tomography for", "the screening of lung nodules"]
    write_lines(page, 72, 80, title, 18, fontname="hebo")
    write_lines(page, 72, 140, ["© 2021 The Authors. https://doi.org/10.1234/ABC.567."], 8)
    write_lines(page, 72, 180, ["Patients and methods"], 12, fontname="hebo")
    write_lines(page, 72, 210, BODY)
    write_lines(page, 72, 270, ["Figure 1. Flow of patients through", "the trial."], 8)
    write_lines(page, 72, 330, ["Table 1. Outcome by group"], 8, fontname="hebo")
    for row, cells in enumerate(
        (["Group", "Cured", "Not cured"], ["A", "12", "3"], ["B", "9", "6"])
    ):
        for column, cell in enumerate(cells):
            page.insert_text((72 + 120 * column, 350 + 16 * row), cell, fontsize=8)
    write_lines(page, 72, 450, BODY)
    for number in (2, 3):
        write_lines(document.new_page(), 72, 200, BODY)
        assert number <= document.page_count + 1
    for number, page in enumerate(document, start=1):
        page.insert_text((72, 40), f"Lee et al. Journal of Nodules (2021) 3:{number}", fontsize=8)
        page.insert_text((300, 820), str(number), fontsize=8)
    document.set_metadata({"author": "Ann Lee, Bo Chen"})
    path = tmp_path / "article.pdf"
    document.save(path)
    document.close()
    return read_pdf(path, Limits())


def test_the_front_matter_is_found(made: PdfDocument):
    assert made.title == "Low-dose computed tomography for the screening of lung nodules"
    assert made.doi == "10.1234/abc.567"
    assert made.year == 2021
    assert made.authors == ("Ann Lee", "Bo Chen")
    assert made.pages == 3


def test_running_heads_and_page_numbers_are_left_out(made: PdfDocument):
    assert "Journal of Nodules" not in made.text
    assert not any(line.strip().isdigit() for line in made.text.split("\n\n"))


def test_captions_are_spans_of_the_text(made: PdfDocument):
    captions = {each.label: words for each, words in blocks(made, "caption")}
    assert captions == {
        "Figure 1": "Figure 1. Flow of patients through the trial.",
        "Table 1": "Table 1. Outcome by group",
    }


def test_a_sentence_that_names_a_figure_is_no_caption(made: PdfDocument):
    assert "Figure 2" in made.text
    assert "Figure 2" not in {each.label for each, _ in blocks(made, "caption")}


def test_a_table_keeps_its_rows_and_cells_apart(made: PdfDocument):
    ((_, table),) = blocks(made, "table")
    assert table.split("\n") == ["Group\tCured\tNot cured", "A\t12\t3", "B\t9\t6"]


def test_a_table_is_evidence_with_its_caption_and_each_row_has_its_own_boxes(made: PdfDocument):
    stretches = [made.text[start:end] for start, end in made.evidence]
    whole = "Table 1. Outcome by group\n\nGroup\tCured\tNot cured\nA\t12\t3\nB\t9\t6"
    assert whole in stretches
    start = made.text.index("B\t9\t6")
    boxes = boxes_of(made.layout, start, start + len("B\t9\t6"))
    assert [round(one.box[0]) for one in boxes] == [72, 192, 312]
    assert all(350 < one.box[1] < one.box[3] < 390 for one in boxes)


def test_headings_are_spans_of_the_text(made: PdfDocument):
    assert "Patients and methods" in [words for _, words in blocks(made, "heading")]


def test_paragraphs_are_parted_by_blank_lines_and_have_no_line_breaks(made: PdfDocument):
    assert " ".join(BODY) in made.text.split("\n\n")


def test_list_items_stay_apart(tmp_path: Path):
    document = pymupdf.open()
    lines = [
        "The aims of this study are:",
        "1. to find the best",
        "threshold",
        "2. to measure dose.",
    ]
    write_lines(document.new_page(), 72, 200, lines)
    path = tmp_path / "list.pdf"
    document.save(path)
    paragraphs = read_pdf(path, Limits()).text.split("\n\n")
    assert paragraphs[-2:] == ["1. to find the best threshold", "2. to measure dose."]
