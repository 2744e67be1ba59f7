"""Lists of references: entry by entry, with what their text tells of them."""

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from radcite.ingestion.articles.references import listed, reference
from radcite.ingestion.documents import stored_document
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import PdfDocument, read_pdf

FIRST = "Light RW. Pleural effusion. N Engl J Med 2002;346:1971-7. doi: 10.1056/NEJMcp010731."
SECOND = "Mammen A, Xu B. Upright films (2019). Radiology 12(3):20-25. PMID: 31234567"
THIRD = "王小明, 李华. 胸腔积液的影像诊断. 中华放射学杂志, 2015, 49: 1998-2001."


@pytest.mark.parametrize("style", ["{}. {}", "[{}] {}", "{} {}"])
def test_numbered_entries_are_told_apart_in_one_paragraph_or_over_several(style: str) -> None:
    entries = [style.format(n, text) for n, text in enumerate((FIRST, SECOND, THIRD), 1)]
    for paragraphs in ([" ".join(entries)], entries, [entries[0], " ".join(entries[1:])]):
        assert [one.text for one in listed(paragraphs)] == [FIRST, SECOND, THIRD]


def test_entries_without_numbers_are_paragraphs() -> None:
    assert [one.text for one in listed([FIRST, SECOND])] == [FIRST, SECOND]


def test_doi_pubmed_number_and_year_are_read_where_the_text_has_them() -> None:
    first, second, third = listed([FIRST, SECOND, THIRD])
    assert (first.doi, first.pmid, first.year) == ("10.1056/nejmcp010731", None, 2002)
    assert (second.doi, second.pmid, second.year) == (None, "31234567", 2019)
    assert third.year == 2015
    assert reference("A page on the web, https://example.org/2021/x").year is None


def test_a_pdf_keeps_its_references_beside_it_and_never_as_evidence(tmp_path: Path) -> None:
    body = "Fluid collects first in the posterior sulcus and blunts the lateral angle later on."
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((72, 72), "Pleural effusion on the upright radiograph", fontsize=18)
        for line in range(16):
            page.insert_text((72, 120 + 14 * line), body, fontsize=10)
        page.insert_text((72, 420), "References", fontsize=12, fontname="hebo")
        for place, text in enumerate((FIRST, SECOND, "Lin C. Third. Chest 2001;1:2-3."), 1):
            page.insert_text((72, 420 + 20 * place), f"{place}. {text}", fontsize=8)
        document.save(tmp_path / "a.pdf")
    read = read_pdf(tmp_path / "a.pdf", Limits())
    assert [one.year for one in read.references] == [2002, 2019, 2001]
    assert not any("Mammen" in read.text[start:end] for start, end in read.evidence)
    assert stored_document(read, "0" * 64).document.references == read.references


BODY = "Fluid collects first in the posterior sulcus and blunts the lateral angle later on."
ENTRIES = tuple(
    f"{n}. Light RW, Mammen A. Effusion, part {n}. N Engl J Med {1990 + n}; {300 + n}: 10-{n + 10}. doi: 10.1056/ref{n}"
    for n in range(1, 19)
)


def letter(path: Path, lines: Sequence[tuple[str, float, str]]) -> PdfDocument:
    """A PDF of lines in a size and font, page after page; a row of a table has its cells parted by bars."""
    with pymupdf.open() as document:
        page, y = document.new_page(), 72.0
        for text, size, font in lines:
            if y > 740:
                page, y = document.new_page(), 72.0
            for place, cell in enumerate(text.split("|")):
                page.insert_text((72 + 130 * place, y), cell, fontsize=size, fontname=font)
            y += 1.4 * size if text else 8
        document.save(path)
    return read_pdf(path, Limits())


def cited(read: PdfDocument) -> str:
    return "\n".join(read.text[start:end] for start, end in read.evidence)


def body(lines: int, text: str = BODY) -> list[tuple[str, float, str]]:
    return [(text, 10, "helv")] * lines


TITLE = ("Pleural effusion on the upright radiograph", 18, "hebo")


@pytest.mark.parametrize(
    "heading",
    ["References", "Reference List", "6. References and Notes", "REFERENCES:", "Literature"],
)
def test_a_list_longer_than_its_letter_is_no_evidence(tmp_path: Path, heading: str) -> None:
    lines = [TITLE, *body(6), (heading, 12, "hebo"), *((one, 8, "helv") for one in ENTRIES)]
    read = letter(tmp_path / "a.pdf", lines)
    assert "posterior sulcus" in cited(read)
    assert "N Engl J Med" not in cited(read)
    assert len(read.references) == len(ENTRIES)


@pytest.mark.parametrize(
    "heading", ["参 考 文 献", "参　考　文　献", "主要参考文献", "【参考文献】"]
)
def test_a_chinese_list_is_known_however_its_heading_is_spaced(
    tmp_path: Path, heading: str
) -> None:
    sentence = "胸腔积液首先积聚于后肋膈角，随后使外侧肋膈角变钝，侧位胸片较正位胸片敏感。"
    entries = [
        f"[{n}] 王小明, 李华. 胸腔积液的影像诊断[J]. 中华放射学杂志, 2015, 49: {n}98-201."
        for n in range(1, 9)
    ]
    lines = [
        ("胸腔积液的影像学诊断进展", 18.0, "china-s"),
        *((sentence, 10.0, "china-s") for _ in range(3)),
        (heading, 12.0, "china-s"),
        *((one, 8.0, "china-s") for one in entries),
    ]
    read = letter(tmp_path / "a.pdf", lines)
    assert "侧位胸片较正位胸片敏感" in cited(read)
    assert "中华放射学杂志" not in cited(read)
    assert len(read.references) == 8


def test_a_section_that_is_called_literature_and_holds_prose_stays(tmp_path: Path) -> None:
    lines = [TITLE, *body(3), ("Literature", 12, "hebo"), *body(30, "Reports disagree on it.")]
    assert "Reports disagree on it." in cited(letter(tmp_path / "a.pdf", lines))


def test_what_follows_the_list_is_evidence_again(tmp_path: Path) -> None:
    lines = [
        TITLE,
        *body(12),
        ("References", 12, "hebo"),
        *((one, 8, "helv") for one in ENTRIES[:6]),
        ("Appendix A. Search of the databases", 12, "hebo"),
        ("The search found 412 reports of effusion, of which 38 were read in full.", 10, "helv"),
        ("", 10, "helv"),
        ("Table A1. Volumes by view", 8, "hebo"),
        ("View|Volume|Patients", 8, "helv"),
        ("Lateral|50 mL|31", 8, "helv"),
        ("Upright|200 mL|47", 8, "helv"),
    ]
    read = letter(tmp_path / "a.pdf", lines)
    assert "412 reports of effusion" in cited(read)
    assert "Upright\t200 mL\t47" in cited(read)
    assert "N Engl J Med" not in cited(read)
    assert len(read.references) == 6


@pytest.mark.parametrize("stated", ["", "https://doi.org/10.1234/own.5"])
def test_the_doi_of_a_cited_paper_is_not_the_articles_own(tmp_path: Path, stated: str) -> None:
    lines = [
        TITLE,
        (stated or "A manuscript", 8, "helv"),
        *body(20),
        ("The films are kept at https://doi.org/10.5281/zenodo.1 for whoever asks.", 10, "helv"),
        *body(10),
        ("References", 12, "hebo"),
        ("PMID: 31234567. An entry. doi: 10.1056/ref0", 8, "helv"),
        *((one, 8, "helv") for one in ENTRIES[:12]),
    ]
    read = letter(tmp_path / "a.pdf", lines)
    assert (read.doi, read.pmid) == ("10.1234/own.5" if stated else None, None)
