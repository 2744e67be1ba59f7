"""Tables of a PDF in rows and columns, and columns of text that are no table."""

from collections.abc import Sequence
from pathlib import Path

import pymupdf

from radcite.core.sources import Passage
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import PdfDocument, read_pdf
from radcite.tools.literature import LiteratureRequest
from tests.ingestion.studio import open_studio

BODY = (
    "Pleural effusion was looked for on upright chest radiographs of 120 adults who came to",
    "the emergency department, and two readers who did not know the diagnosis read them all.",
)
ROWS = (
    ("Size (mm)", "Nodules", "Patients", "Malignant (%)", "Years"),
    ("Below 5", "112", "98", "0.4", "41"),
    ("5 to 10", "", "55", "2.2", "71"),
    ("Above 10", "23", "20", "", "64"),
    ("All", "135", "", "", "58"),
)


def drawn(path: Path, *texts: tuple[float, float, str, float, str]) -> PdfDocument:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 60), "Nodules and effusions in adults of all ages", fontsize=18)
        for place, line in enumerate(BODY):
            page.insert_text((72, 90 + 13 * place), line, fontsize=10)
        for x, y, text, size, font in texts:
            page.insert_text((x, y), text, fontsize=size, fontname=font)
        document.save(path)
    return read_pdf(path, Limits())


def table(rows: Sequence[Sequence[str]]) -> list[tuple[float, float, str, float, str]]:
    caption = (72.0, 150.0, "Table 1. Nodules by size", 8.0, "hebo")
    return [
        caption,
        *(
            (72 + 90.0 * column, 166 + 13.0 * row, cell, 8.0, "helv")
            for row, cells in enumerate(rows)
            for column, cell in enumerate(cells)
            if cell
        ),
    ]


def test_an_empty_cell_keeps_its_column(tmp_path: Path) -> None:
    read = drawn(tmp_path / "a.pdf", *table(ROWS))
    for row in ROWS:
        assert "\t".join(row).rstrip("\t") in read.text.split("\n")


def test_the_heading_below_a_table_is_no_row_of_it(tmp_path: Path) -> None:
    below = [
        (72, 236, "Discussion", 12, "hebo"),
        *((72, 254 + 13 * place, line, 10, "helv") for place, line in enumerate(BODY)),
    ]
    read = drawn(tmp_path / "a.pdf", *table(ROWS), *below)
    kinds = {read.text[one.start : one.end]: one.kind for one in read.blocks}
    assert kinds["Discussion"] == "heading"


LEFT = (
    "Pneumothorax was found in nine of the",
    "sixty patients on the supine film, and in",
    "fourteen of them by ultrasound on the",
    "same day. None of the small ones needed",
    "a drain, and all had gone after a week.",
)
RIGHT = (
    "The radiation dose of the scan was 3.2",
    "mSv on average, less than a year of what",
    "comes from the ground. Children were not",
    "included, so that nothing can be said of",
    "the dose in them from these data alone.",
)


def test_columns_that_are_drawn_line_by_line_are_read_one_after_the_other(tmp_path: Path) -> None:
    woven = [
        (x, 150.0 + 13 * place, line, 10.0, "helv")
        for place, lines in enumerate(zip(LEFT, RIGHT, strict=True))
        for x, line in zip((72.0, 320.0), lines, strict=True)
    ]
    read = drawn(tmp_path / "a.pdf", *woven)
    assert " ".join(LEFT) in read.text
    assert " ".join(RIGHT) in read.text
    assert read.text.index(LEFT[-1]) < read.text.index(RIGHT[0])


def test_three_columns_and_one_that_ends_later_are_parted_too(tmp_path: Path) -> None:
    columns = [[line[:30].rsplit(" ", 1)[0] for line in some] for some in (LEFT, RIGHT, LEFT[::-1])]
    columns[1].append("and no more was measured.")
    woven = [
        (60.0 + 170 * column, 150.0 + 13 * place, lines[place], 9.5, "helv")
        for place in range(6)
        for column, lines in enumerate(columns)
        if place < len(lines)
    ]
    text = " ".join(drawn(tmp_path / "a.pdf", *woven).text.split())
    assert all(" ".join(lines) in text for lines in columns)


def test_a_table_of_words_keeps_its_rows(tmp_path: Path) -> None:
    rows = [
        ("Finding", "Sign"),
        ("Effusion", "Meniscus at the base"),
        ("Air", "Deep sulcus sign"),
        ("Oedema", "Lines"),
    ]
    read = drawn(tmp_path / "a.pdf", *table(rows))
    assert "Effusion\tMeniscus at the base" in read.text
    assert "Air\tDeep sulcus sign" in read.text


async def test_the_end_of_a_long_table_is_found_by_the_words_of_its_caption_and_header(
    tmp_path: Path,
) -> None:
    rows = [("Ward", "Thoracenteses", "Complications")]
    rows += [(f"Ward {n}", f"{3 * n} of {9 * n}", f"{n} of {8 * n}") for n in range(1, 41)]
    drawn(tmp_path / "a.pdf", *table(rows))
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "a.pdf")
        request = LiteratureRequest(query="thoracenteses complications", mode="sparse")
        found = [hit.source for hit in await studio.literature(request)]
        texts = [source.text for source in found if isinstance(source, Passage)]
        assert sum("\t" in text for text in texts) == 2
        assert sum("Ward 39\t117 of 351\t39 of 312" in text for text in texts) == 1
