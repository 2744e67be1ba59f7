import json

import pytest
from pydantic import TypeAdapter, ValidationError

from radcite.core.claims import (
    Abstention,
    Answer,
    CharLocation,
    Citation,
    Claim,
    Condition,
    DifferentialItem,
    Evidence,
    ImageLocation,
    Outcome,
    Retrieval,
    Safety,
)
from radcite.core.sources import Observation, Passage

TEXT = "Nodules under 6 mm need no follow-up."
PLACE = CharLocation(document_id="d1", start=0, end=len(TEXT))
CITATION = Citation(evidence="E1", quote=TEXT, place=PLACE)
CLAIM = Claim(text=TEXT, about="literature", support="supported", citations=(CITATION,))
EVIDENCE = Evidence(
    key="E1",
    source=Passage(document_id="d1", text=TEXT, start=0, end=len(TEXT), language="en"),
    retrieval=Retrieval(
        tool="literature_search", query="nodule", collection="c", encoder="bm25", score=1.0, rank=1
    ),
)
SEEN = ImageLocation(image="0" * 64, observation=Observation(tool="t", version="1", value="CT"))
CONDITION = Condition(code="J93", system="ICD-10", display={"en": "Pneumothorax", "zh": "气胸"})


def answer(
    claims: tuple[Claim, ...] = (CLAIM,),
    evidence: tuple[Evidence, ...] = (EVIDENCE,),
    differential: tuple[DifferentialItem, ...] | None = None,
) -> Answer:
    return Answer(
        trace_id="t",
        task="literature",
        language="en",
        safety=Safety(notice="n"),
        claims=claims,
        evidence=evidence,
        differential=differential,
    )


def item(*supporting: str, against: tuple[str, ...] = ()) -> DifferentialItem:
    return DifferentialItem(
        condition=CONDITION,
        probability=0.4,
        in_conformal_set=None,
        supporting=supporting,
        against=against,
    )


def test_an_answer_whose_claims_cite_what_it_carries_is_made() -> None:
    assert answer().claims == (CLAIM,)


def test_a_claim_without_a_citation_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="citations"):
        Claim(text=TEXT, about="literature", support="supported", citations=())


def test_a_claim_from_json_without_a_citation_makes_no_answer() -> None:
    raw = json.loads(answer().model_dump_json())
    raw["claims"][0]["citations"] = []
    with pytest.raises(ValidationError, match="citations"):
        Answer.model_validate(raw)


def test_an_answer_that_cites_an_unknown_key_cannot_be_made() -> None:
    other = CLAIM.model_copy(
        update={"citations": (Citation(evidence="E2", quote=TEXT, place=PLACE),)}
    )
    with pytest.raises(ValidationError, match="cited but not carried: E2"):
        answer(claims=(CLAIM, other))


@pytest.mark.parametrize("given", [item("E7"), item("E1", against=("E7",))])
def test_a_differential_that_names_an_unknown_key_cannot_be_made(given: DifferentialItem) -> None:
    with pytest.raises(ValidationError, match="cited but not carried: E7"):
        answer(differential=(given,))


def test_an_answer_has_claims_and_evidence() -> None:
    with pytest.raises(ValidationError, match="claims"):
        answer(claims=())
    with pytest.raises(ValidationError, match="evidence"):
        answer(evidence=())


def test_an_image_location_carries_no_quote() -> None:
    assert Citation(evidence="E1", place=SEEN).quote is None
    with pytest.raises(ValidationError, match="not a quote"):
        Citation(evidence="E1", quote="CT", place=SEEN)


@pytest.mark.parametrize("quote", [None, ""])
def test_a_text_place_carries_the_words_it_quotes(quote: str | None) -> None:
    with pytest.raises(ValidationError, match="words it quotes"):
        Citation(evidence="E1", quote=quote, place=PLACE)


@pytest.mark.parametrize("key", ["E0", "E01", "e1", "1", "E1 ", "E1\n"])
def test_a_key_is_a_letter_and_a_number_from_one(key: str) -> None:
    with pytest.raises(ValidationError, match="evidence"):
        Citation(evidence=key, quote=TEXT, place=PLACE)


def test_the_json_of_a_differential_says_for() -> None:
    raw = json.loads(answer(differential=(item("E1"),)).model_dump_json())
    assert raw["differential"][0]["for"] == ["E1"]
    assert "supporting" not in raw["differential"][0]
    assert Answer.model_validate(raw) == answer(differential=(item("E1"),))


@pytest.mark.parametrize("about", ["query_image", "case:C-1", "literature", "general"])
def test_a_claim_is_about_a_known_subject(about: str) -> None:
    assert Claim(text=TEXT, about=about, support="weak", citations=(CITATION,)).about == about


def test_a_claim_about_anything_else_is_refused() -> None:
    with pytest.raises(ValidationError, match="about"):
        Claim(text=TEXT, about="patient", support="weak", citations=(CITATION,))


def test_an_outcome_is_told_by_its_kind() -> None:
    none = Abstention(
        trace_id="t",
        task="literature",
        language="zh",
        safety=Safety(notice="n"),
        reason="NO_EVIDENCE",
        message="未找到证据",
    )
    outcomes: TypeAdapter[Outcome] = TypeAdapter(Outcome)
    for outcome in (none, answer()):
        assert outcomes.validate_json(outcome.model_dump_json()) == outcome


def test_values_do_not_change_and_know_their_fields() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CLAIM.text = "other"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError, match="extra"):
        Claim.model_validate({**CLAIM.model_dump(), "confidence": 1})
