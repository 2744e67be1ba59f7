"""What authors state and what a journal prints around an article is no evidence; what an article is about stays."""

from pathlib import Path

import pymupdf
import pytest

from radcite.ingestion.articles.apparatus import asides_of, statement_kind
from radcite.ingestion.articles.blocks import Block, BlockKind
from radcite.ingestion.articles.evidence import less
from radcite.ingestion.documents import read_article, stored_document
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf

PROSE = (
    "Costophrenic angles are blunted by about 200 mL of fluid on an upright radiograph, and the lateral view "
    "shows smaller effusions that were not seen before, as has been found in cadavers."
)


def left(
    *parts: str | tuple[BlockKind, str], title: str = "Pleural fluid", authors: tuple[str, ...] = ()
) -> list[str]:
    """The parts of which something stays evidence."""
    text, blocks = "", list[Block]()
    for part in parts:
        kind, words = ("paragraph", part) if isinstance(part, str) else part
        start = len(text)
        text += f"{words}\n\n"
        blocks.append(Block(kind=kind, start=start, end=start + len(words)))
    asides = asides_of(text, blocks, title, authors)
    spans = less([(block.start, block.end) for block in blocks], asides, text)
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    "said",
    [
        "Conflict of interest: The authors declare that they have no conflict of interest.",
        "Competing interests None declared.",
        "The authors report no conflicts of interest.",
        "Funding: This work was supported by grant 81402308 of the National Foundation.",
        "This study was funded by the Wellcome Trust (204998/Z/16/Z).",
        "Authors' contributions WXJ designed the study. FB collected the data.",
        "Acknowledgements This study was presented at the 5th World Congress.",
        "Ethics approval and consent to participate This study was approved by the Ethics Committee of Beijing.",
        "Informed consent was obtained from all patients.",
        "Data Availability Statement: All relevant data are within the manuscript.",
        "The datasets generated during the study are available from the corresponding author on reasonable request.",
        "© The Author(s). 2020 Open Access This article is licensed under a Creative Commons licence.",
        "This is an open access article distributed under the Creative Commons Attribution License.",
        "* Correspondence: someone@example.org Institute for Disease Control, Beijing, China",
        "Received: 29 November 2019 Accepted: 14 July 2020",
        "How to cite this article: Li X, Du G. Music. Medicine 2020;99:49(e23461).",
        "1 Department of Radiology, General Hospital, Prague, Czech Republic. 2 Institute of Physics, Brno, Czechia",
        "https://doi.org/10.1371/journal.pone.0229314.g001",
        "【基金项目】国家自然科学基金（81402308）",
        "利益冲突：所有作者均声明不存在利益冲突。",
        "作者贡献声明：王某设计研究并撰写论文，李某收集数据。",
        "致谢 感谢放射科全体同事的帮助。",
        "本研究经医院伦理委员会批准，所有患者均签署知情同意书。",
        "通信作者：王某，Email：wang@example.org",
        "收稿日期：2023-05-06",
    ],
)
def test_a_statement_or_furniture_is_no_evidence(said: str) -> None:
    assert left(PROSE, PROSE, PROSE, said) == [PROSE] * 3
    assert left(PROSE, said, PROSE, PROSE, PROSE)[:1] == [PROSE]


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Acknowledgments", "We thank Ada Okafor for her advice and for the supply of cells."),
        ("Author Contributions", "Conceptualization: Ada Okafor, Li Wei."),
        ("Conflict of Interest Statement", "None declared."),
        ("6. Funding", "This research received no specific grant."),
        (
            "5.2 Ethical considerations",
            "The trial was approved by the ethics committee of Uppsala.",
        ),
        (
            "Publisher's Note",
            "Springer Nature remains neutral with regard to jurisdictional claims.",
        ),
        ("伦理审查", "本研究经伦理委员会批准（2020-18）。"),
        ("六、利益冲突", "无。"),
    ],
)
def test_a_section_of_statements_goes_with_its_heading_and_the_next_section_stays(
    heading: str, said: str
) -> None:
    kept = left(PROSE, PROSE, ("heading", heading), said, ("heading", "Appendix"), PROSE)
    assert kept == [PROSE, PROSE, "Appendix", PROSE]


@pytest.mark.parametrize(
    "said",
    [
        "Ethics committees approve such trials in a median of 42 days; informed consent is deferred in 12 of 20.",
        "Funding of screening programmes rose by 12 % in a year, and uptake by 3 %.",
        "Conflicts of interest of guideline authors were disclosed in 40 of 100 guidelines.",
        "Data sharing was promised in 93 % of trials and kept in 7 %.",
        "We designed the study as a safety trial and enrolled 32 participants to measure toxicity.",
        "Supported ventilation was needed in 12 of 40 patients, and oxygen in the others.",
        "Received doses ranged from 2 to 10 mSv, with a median of 4 mSv.",
        "Correspondence between ultrasound and CT was good (kappa 0.81).",
        "The department of a hospital, its unit, and its clinic were each asked to count their scans.",
        "Upright 200 mL, supine 500 mL, lateral 50 mL",
        "知情同意在急诊试验中较难取得，12 项试验采用延迟同意。",
        "基金会资助的筛查项目检出率为 12%。",
    ],
)
def test_what_an_article_is_about_stays(said: str) -> None:
    assert left(PROSE, said, PROSE) == [PROSE, said, PROSE]


def test_an_article_about_ethics_keeps_its_sections_and_loses_its_own_statement() -> None:
    kept = left(
        PROSE,
        ("heading", "Ethics approval"),
        "The study design was approved by the ethics committee in 12 of 20 emergency trials.",
        ("heading", "Informed consent"),
        "Informed consent was obtained from a relative in 30 % of patients.",
        *[PROSE] * 6,
        ("heading", "Ethics approval"),
        "This study was approved by the ethics committee of Uppsala.",
        title="Ethics of deferred consent in emergency trials",
    )
    assert len(kept) == 11
    assert kept[-1] == PROSE


def test_title_authors_and_addresses_above_the_first_sentence_are_kept_beside_the_text() -> None:
    kept = left(
        ("table", "RESEARCH ARTICLE\tOpen Access\nPleural fluid\nAda Okafor1, Li Wei2"),
        ("heading", "Pleural fluid"),
        "Ada Okafor¹, Li Wei²",
        "Upright 200 mL",
        PROSE,
        authors=("Ada Okafor", "Li Wei"),
    )
    assert kept == ["Upright 200 mL", PROSE]


def test_a_caption_and_a_table_always_stay() -> None:
    shown = ("Figure 1. Ethics approval by country.", "Funding\t12\nEthics approval\t40")
    assert left(PROSE, ("caption", shown[0]), ("table", shown[1])) == [PROSE, *shown]


def test_statements_are_told_by_their_headings() -> None:
    assert statement_kind("7. Conflicts of Interest:") == "interests"
    assert statement_kind("Authors’ contributions") == "contributions"
    assert statement_kind("Funding of cancer screening") is None


def test_statements_of_a_pdf_are_kept_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as made:
        page = made.new_page()
        page.insert_textbox(
            (72, 72, 520, 100), "Pleural fluid on the upright radiograph", fontsize=18
        )
        page.insert_textbox((72, 120, 520, 200), PROSE, fontsize=10)
        page.insert_textbox(
            (72, 220, 520, 240), "Conflict of interest", fontsize=12, fontname="hebo"
        )
        page.insert_textbox(
            (72, 250, 520, 280), "The authors declare no conflict of interest.", fontsize=10
        )
        made.save(path)
    read = read_pdf(path, Limits())
    stored = stored_document(read, "0" * 64)
    cited = " ".join(read.text[start:end] for start, end in read.evidence)
    assert "blunted" in cited
    assert "conflict" not in cited
    assert {one.kind for one in stored.document.statements} == {"interests"}


def test_statements_of_web_pages_and_jats_are_kept_beside_them(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        f"<!doctype html><html><body><article><h1>Pleural fluid</h1><p>{PROSE}</p><h2>Funding</h2>"
        "<p>This work was supported by the Heart Fund.</p><h2>Discussion</h2><p>Fluid gathers below.</p>"
        "</article></body></html>"
    )
    jats = tmp_path / "a.xml"
    jats.write_text(
        "<article><front><article-meta/></front><body><sec><title>Results</title>"
        f"<p>{PROSE}</p></sec><sec><title>Ethical approval</title>"
        "<p>This study was approved by the ethics committee.</p></sec></body><back><ack><title>Thanks</title>"
        '<p>We thank the porters.</p></ack><fn-group><fn fn-type="COI-statement"><p>None.</p></fn></fn-group>'
        "</back></article>"
    )
    wanted = {
        page: ["funding", "funding"],
        jats: ["ethics", "ethics", "acknowledgement", "interests"],
    }
    for path, kinds in wanted.items():
        read = read_article(path, Limits())
        assert not isinstance(read, tuple)
        cited = [read.text[start:end] for start, end in read.evidence]
        assert PROSE in cited
        assert not any("supported" in one or "approved" in one for one in cited)
        stored = stored_document(read, "0" * 64)
        assert [one.kind for one in stored.document.statements] == kinds
