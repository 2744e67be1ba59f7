"""Classes of paraphrase and of falsehood: `classes.tsv` and `statements.tsv` hold a few made-up sentences of each."""

import csv
from pathlib import Path

import pytest

from radcite.core.claims import CharLocation, Citation, Claim, Evidence, Retrieval
from radcite.core.grounding import RuleJudge, check_claim
from radcite.core.sources import Passage


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = [row for name in ("classes.tsv", "statements.tsv") for row in _rows(name)]

CONTEXT_KEPT = [
    (
        "Screening for prostate cancer",
        "Biopsy found cancer in 38% of men.",
        "Biopsy found prostate cancer in 38% of men.",
    ),
    (
        "A steroid in older women",
        "Fractures occurred in 2% of the steroid group.",
        "Fractures occurred in 2% of women on the steroid.",
    ),
    ("儿童阑尾炎的超声", "超声未显示阑尾者占38%。", "超声未显示阑尾的儿童占38%。"),
]
CONTEXT_FALSE = [
    (
        "Screening for prostate cancer",
        "Biopsy found breast cancer in 38% of the relatives.",
        "Biopsy found prostate cancer in 38% of the relatives.",
    ),
    ("CT versus MRI for gallstones", "The sensitivity was 90%.", "The sensitivity of MRI was 90%."),
    (
        "Blood lead in children",
        "Lead levels declined over three years.",
        "Lead levels declined in adults over three years.",
    ),
    (
        "Cancer screening",
        "Screening reduced adenoma incidence.",
        "Screening reduced cancer incidence.",
    ),
    ("Lesions of the left kidney", "A cyst was seen.", "A cyst was seen on the left."),
    ("儿童与成人阑尾炎的超声", "超声未显示阑尾者占38%。", "超声未显示阑尾的儿童占38%。"),
]


async def _support(quote: str, text: str, title: str = "") -> str:
    place = CharLocation(document_id="d", start=0, end=len(quote))
    citation = Citation(evidence="E1", quote=quote, place=place)
    claim = Claim(text=text, about="literature", support="unsupported", citations=(citation,))
    language = "en" if quote.isascii() else "zh"
    source = Passage(
        document_id="d", title=title, text=quote, start=0, end=len(quote), language=language
    )
    found = Retrieval(tool="t", query="q", collection="c", encoder="e", score=0.5, rank=1)
    evidence = [Evidence(key="E1", source=source, retrieval=found)]
    return (await check_claim(claim, evidence, RuleJudge())).support


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['verdict']}-{row['class']}")
async def test_a_paraphrase_is_supported_and_a_falsehood_held_back(row: dict[str, str]) -> None:
    supported = await _support(row["quote"], row["claim"]) == "supported"
    assert supported == (row["verdict"] == "kept")


@pytest.mark.parametrize(("title", "quote", "claim"), CONTEXT_KEPT)
async def test_the_title_says_what_the_quote_leaves_unsaid(
    title: str, quote: str, claim: str
) -> None:
    assert await _support(quote, claim) != "supported"
    assert await _support(quote, claim, title) == "supported"


@pytest.mark.parametrize(("title", "quote", "claim"), CONTEXT_FALSE)
async def test_the_title_supplies_no_arm_no_side_and_no_other_thing(
    title: str, quote: str, claim: str
) -> None:
    assert await _support(quote, claim, title) != "supported"
