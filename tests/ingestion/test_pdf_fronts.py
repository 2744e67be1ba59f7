"""What a PDF tells of itself: who wrote it, its numbers, its headings; and what surrounds its lines."""

from pathlib import Path

import pymupdf
import pytest

from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import PdfDocument, read_pdf

TITLE = "Growth of solid pulmonary nodules in heavy smokers"
PROSE = (
    "Computed tomography detected small nodules in 112 of 812 smokers, and the rate of growth was measured "
    "after three months by two readers who did not know the outcome of any participant."
)


def read(
    tmp_path: Path, *written: tuple[float, float, str, float, str], pages: int = 1
) -> PdfDocument:
    """Texts at x, y with their size and font, one line each, on every page."""
    with pymupdf.open() as document:
        for _ in range(pages):
            page = document.new_page()
            for x, y, text, size, font in written:
                page.insert_text((x, y), text, fontsize=size, fontname=font)
        document.save(tmp_path / "a.pdf")
    return read_pdf(tmp_path / "a.pdf", Limits())


def lines(
    text: str, y: float, x: float = 72, step: float = 14
) -> list[tuple[float, float, str, float, str]]:
    words = text.split()
    cut = [" ".join(words[at : at + 9]) for at in range(0, len(words), 9)]
    return [(x, y + step * place, line, 10, "tiro") for place, line in enumerate(cut)]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        (
            ["Ada N. Okafor, MD, PhD1*, José García-Márquez2, Wei Li1,3"],
            ("Ada N. Okafor", "José García-Márquez", "Wei Li"),
        ),
        (
            [
                "A protocol of a randomized trial",
                "Xiuting Li, MMa, Du Guang, MBb and Jan van der Berg",
            ],
            ("Xiuting Li", "Du Guang", "Jan van der Berg"),
        ),
        (["Ada Okafor · Li Wei · Karl Meyer"], ("Ada Okafor", "Li Wei", "Karl Meyer")),
        (["Department of Radiology, General Hospital, Prague"], ()),
        (["Size Patients Growing", "Upright 200 mL, supine 500 mL"], ()),
    ],
)
def test_authors_are_read_from_the_lines_below_the_title(
    tmp_path: Path, byline: list[str], names: tuple[str, ...]
) -> None:
    below = [(72.0, 100.0 + 14 * place, line, 11.0, "helv") for place, line in enumerate(byline)]
    made = read(tmp_path, (72, 70, TITLE, 18, "hebo"), *below, *lines(PROSE, 150))
    assert made.authors == names
    assert not any(made.text[a:b].count("Okafor") for a, b in made.evidence)


def test_authors_in_the_metadata_stand_where_the_page_tells_fewer(tmp_path: Path) -> None:
    read(tmp_path, (72, 70, TITLE, 18, "hebo"), *lines(PROSE, 150))
    with pymupdf.open(tmp_path / "a.pdf") as document:
        document.set_metadata({"author": "Ada Okafor; Li Wei"})
        document.save(tmp_path / "b.pdf")
    assert read_pdf(tmp_path / "b.pdf", Limits()).authors == ("Ada Okafor", "Li Wei")


def test_chinese_authors_doi_and_pubmed_number_are_found(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        (72, 70, "低剂量CT筛查实性肺结节生长的随访研究", 18, "china-s"),
        (72, 95, "王小明1，李华2，张伟1", 11, "china-s"),
        (72, 115, "DOI：10.3760/cma.j.1 PMID: 31234567", 8, "china-s"),
        (72, 150, "肺结节是胸部影像学检查中的常见征象，直径小于6毫米者无需随访。", 10, "china-s"),
    )
    assert made.authors == ("王小明", "李华", "张伟")
    assert (made.doi, made.pmid) == ("10.3760/cma.j.1", "31234567")


def test_the_numbers_of_a_manuscripts_lines_are_no_text(tmp_path: Path) -> None:
    body = lines(PROSE + " " + PROSE + " " + PROSE, 150)
    numbers = [(45.0, y, str(place), 7.0, "tiro") for place, (_, y, *_) in enumerate(body, 8)]
    made = read(tmp_path, (72, 70, TITLE, 18, "hebo"), *body, *numbers)
    assert "112 of 812 smokers, and the rate of growth was measured after three months" in made.text
    assert not any(f" {number} " in made.text for number in range(8, 15))


def test_a_column_of_results_beside_words_stays(tmp_path: Path) -> None:
    body = lines(PROSE + " " + PROSE + " " + PROSE, 150)
    values = ["12", "7", "40", "3", "18", "22", "9", "31", "5", "2"]
    counts = [
        (520.0, y, value, 8.0, "tiro") for (_, y, *_), value in zip(body, values, strict=False)
    ]
    made = read(tmp_path, (72, 70, TITLE, 18, "hebo"), *body, *counts)
    assert "40" in made.text


def test_text_set_aslant_is_a_watermark_and_no_text(tmp_path: Path) -> None:
    read(tmp_path, (72, 70, TITLE, 18, "hebo"), *lines(PROSE, 150))
    with pymupdf.open(tmp_path / "a.pdf") as document:
        page = document[0]
        stamp = pymupdf.TextWriter(page.rect, color=(0.5, 0.5, 0.5))
        stamp.append((120, 500), "CONFIDENTIAL", fontsize=40)
        stamp.write_text(page, morph=(pymupdf.Point(120, 500), pymupdf.Matrix(45)))
        document.save(tmp_path / "b.pdf")
    made = read_pdf(tmp_path / "b.pdf", Limits())
    assert "CONFIDENTIAL" not in made.text
    assert "112 of 812" in made.text


def test_a_heading_that_only_its_font_tells_is_one(tmp_path: Path) -> None:
    parts: list[tuple[float, float, str, float, str]] = [(72, 70, TITLE, 18, "hebo")]
    for place, name in enumerate(("Study population", "Growth of nodules", "Follow-up of readers")):
        top = 120 + 110 * place
        parts += [(72, top, name, 9.5, "helv"), *lines(PROSE, top + 13, step=12)]
    made = read(tmp_path, *parts)
    found = [made.text[one.start : one.end] for one in made.blocks if one.kind == "heading"]
    assert found[-3:] == ["Study population", "Growth of nodules", "Follow-up of readers"]


@pytest.mark.parametrize("byline", ["王小明 李伟明 张三丰", "王小明 李 伟 欧阳建国"])
def test_chinese_names_that_blanks_part_are_authors_and_the_year_stands_before_its_sign(
    tmp_path: Path, byline: str
) -> None:
    prose = "胸部低剂量CT筛查的敏感度为9"
    rest = "2.3%，特异度较高，直径小于6毫米者无需随访，其余患者三个月后复查。"
    made = read(
        tmp_path,
        (72, 70, "低剂量CT筛查实性肺结节生长的随访研究", 18, "china-s"),
        (72, 95, byline, 11, "china-s"),
        (72, 115, "收稿日期：2021年3月", 8, "china-s"),
        (72, 150, prose, 10, "china-s"),
        (72, 162, rest, 10, "china-s"),
    )
    assert made.authors[0] == "王小明"
    assert len(made.authors) == 3
    assert made.authors[2] in {"张三丰", "欧阳建国"}
    assert made.year == 2021
    assert "敏感度为92.3%" in made.text
    assert not any("王小明" in made.text[a:b] for a, b in made.evidence)


def test_a_chinese_subtitle_in_words_is_no_byline(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        (72, 70, "低剂量CT筛查实性肺结节生长的随访研究", 18, "china-s"),
        (72, 95, "前瞻性 多中心 队列研究", 11, "china-s"),
        (72, 150, "肺结节是胸部影像学检查中的常见征象，直径小于6毫米者无需随访。", 10, "china-s"),
    )
    assert made.authors == ()
