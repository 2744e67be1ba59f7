"""Lists of references: entry by entry, with what their text tells of them."""

from pathlib import Path

import pymupdf
import pytest

from radcite.ingestion.articles.references import listed, reference
from radcite.ingestion.documents import stored_document
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf

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
