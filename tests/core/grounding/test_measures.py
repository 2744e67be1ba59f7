"""Numbers, rates, dates and what they are said of: `measures.tsv` holds made-up sentences of each class."""

import csv
from pathlib import Path

import pytest

from radcite.core.claims import CharLocation, Citation, Claim, Evidence, Retrieval
from radcite.core.grounding import RuleJudge, check_claim
from radcite.core.grounding.quotes import is_short
from radcite.core.sources import Passage

with (Path(__file__).parent / "measures.tsv").open(encoding="utf-8", newline="") as table:
    ROWS = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


async def _support(quote: str, text: str) -> str:
    place = CharLocation(document_id="d", start=0, end=len(quote))
    citation = Citation(evidence="E1", quote=quote, place=place)
    claim = Claim(text=text, about="literature", support="unsupported", citations=(citation,))
    language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in quote) else "en"
    source = Passage(document_id="d", text=quote, start=0, end=len(quote), language=language)
    found = Retrieval(tool="t", query="q", collection="c", encoder="e", score=0.5, rank=1)
    evidence = [Evidence(key="E1", source=source, retrieval=found)]
    return (await check_claim(claim, evidence, RuleJudge())).support


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: f"{row['verdict']}-{row['class']}-{row['claim']}"
)
async def test_a_measure_is_kept_as_it_is_and_held_back_when_altered(row: dict[str, str]) -> None:
    supported = await _support(row["quote"], row["claim"]) == "supported"
    assert supported == (row["verdict"] == "kept")


@pytest.mark.parametrize(
    "quote",
    ["免疫组化：ER(+)，PR(+)，HER2(0)。", "心率88次/min，BP 130/80 mmHg。", "L4/5椎间盘突出。"],
)
def test_signs_of_a_short_finding_count_beside_chinese_characters(quote: str) -> None:
    assert not is_short(quote)


@pytest.mark.parametrize("quote", ["肺炎", "约12 mm", "12 mm", "ER阳性"])
def test_a_name_or_a_number_alone_is_too_short(quote: str) -> None:
    assert is_short(quote)
