"""No dose without a cited source that gives it, with its unit."""

import pytest

from radcite.core.claims import CharLocation, Citation, Claim, Evidence, Retrieval
from radcite.core.grounding import RuleJudge, check_claim
from radcite.core.sources import Language, Passage

_RETRIEVAL = Retrieval(tool="t", query="q", collection="c", encoder="e", score=0.5, rank=1)


async def _support(claim: str, source: str, language: Language) -> str:
    passage = Passage(document_id="d", text=source, start=0, end=len(source), language=language)
    place = CharLocation(document_id="d", start=0, end=len(source))
    citation = Citation(evidence="E1", quote=source, place=place)
    drafted = Claim(text=claim, about="literature", support="unsupported", citations=(citation,))
    evidence = [Evidence(key="E1", source=passage, retrieval=_RETRIEVAL)]
    return (await check_claim(drafted, evidence, RuleJudge())).support


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("Adults receive 5 mg of apixaban twice daily.", "Adults receive 5 mg of apixaban twice daily.", "en"),
        ("Adults receive 0.5 g of amoxicillin.", "Adults receive 500 mg of amoxicillin.", "en"),
        ("成人每次口服阿莫西林500 mg。", "成人每次口服阿莫西林500 mg。", "zh"),
    ],
)  # fmt: skip
async def test_a_dose_that_its_source_gives_is_shown(
    claim: str, source: str, language: Language
) -> None:
    assert await _support(claim, source, language) == "supported"


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("Adults receive 5 mg of apixaban twice daily.", "Adults receive apixaban twice daily.", "en"),
        ("Adults receive 10 mg of apixaban twice daily.", "Adults receive 5 mg of apixaban twice daily.", "en"),
        ("Adults receive 5 g of apixaban twice daily.", "Adults receive 5 mg of apixaban twice daily.", "en"),
        ("Adults receive 5 mg/kg of apixaban.", "Adults receive 5 mg of apixaban.", "en"),
        ("Adults receive 5 µg of fentanyl.", "Adults receive 5 mg of fentanyl.", "en"),
        ("Adults receive 5 mg three times daily.", "Adults receive 5 mg twice daily.", "en"),
        ("Give 100 mL of iohexol.", "Give 100 mg of iohexol.", "en"),
        ("成人每次口服阿莫西林500 mg。", "成人口服阿莫西林。", "zh"),
        ("成人每次口服阿莫西林500 g。", "成人每次口服阿莫西林500 mg。", "zh"),
        ("成人每次口服阿莫西林250 mg。", "成人每次口服阿莫西林500 mg。", "zh"),
        ("每公斤体重给予5 mg。", "给予5 mg。", "zh"),
    ],
)  # fmt: skip
async def test_a_dose_that_its_source_does_not_give_with_that_unit_is_not(
    claim: str, source: str, language: Language
) -> None:
    assert await _support(claim, source, language) != "supported"


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("Adults receive 5 of apixaban twice daily.", "Adults receive 5 mg of apixaban twice daily.", "en"),
        ("成人每次口服阿莫西林500。", "成人每次口服阿莫西林500 mg。", "zh"),
    ],
)  # fmt: skip
async def test_a_dose_without_its_unit_is_not_shown(
    claim: str, source: str, language: Language
) -> None:
    assert await _support(claim, source, language) != "supported"


async def test_a_dose_without_a_citation_cannot_be_a_claim() -> None:
    with pytest.raises(ValueError, match="citations"):
        Claim(text="Give 5 mg.", about="literature", support="supported", citations=())
