"""Key, quote, place and subject come before any judgement of meaning."""

from collections.abc import Sequence

import pytest

from radcite.core.claims import (
    CaseLocation,
    CharLocation,
    Citation,
    Claim,
    Evidence,
    ImageLocation,
    PageLocation,
    Place,
    Retrieval,
    figure_location,
)
from radcite.core.grounding import RuleJudge, check_claim
from radcite.core.ports import Verdict
from radcite.core.sources import Case, Figure, Observation, PageBox, Passage, Region, Source

TEXT = "Solid nodules are common. Calcified nodules are usually benign."
QUOTE = "Solid nodules are common."
OBSERVATION = Observation(tool="labels", version="1", value="small pleural effusion", score=0.9)
RETRIEVAL = Retrieval(tool="t", query="q", collection="c", encoder="e", score=0.5, rank=1)
PASSAGE = Passage(document_id="d1", text=TEXT, start=100, end=100 + len(TEXT), language="en")
CASE = Case(
    case_id="C-1", report="A small pleural effusion is present.", findings=("No fracture is seen.",)
)
REGION = Region(image="img", observation=OBSERVATION)


class _Agrees:
    """A judge that carries everything it is asked about."""

    fingerprint = "agrees/1"

    async def judge(
        self, claim: Claim, quotes: Sequence[str], evidence: Sequence[Evidence]
    ) -> Verdict:
        return Verdict(support="supported", reason="agrees")


async def _checked(
    about: str, quote: str | None, place: Place, source: Source, key: str = "E1", text: str = QUOTE
) -> Claim:
    citation = Citation(evidence=key, quote=quote, place=place)
    claim = Claim(text=text, about=about, support="unsupported", citations=(citation,))
    evidence = [Evidence(key="E1", source=source, retrieval=RETRIEVAL)]
    return await check_claim(claim, evidence, _Agrees())


def _char(start: int = 100, end: int = 100 + len(QUOTE), document: str = "d1") -> CharLocation:
    return CharLocation(document_id=document, start=start, end=end)


async def test_a_quote_at_its_place_is_handed_to_the_judge() -> None:
    checked = await _checked("literature", QUOTE, _char(), PASSAGE)
    assert (checked.support, checked.reason) == ("supported", "agrees")


async def test_an_unknown_key_is_unsupported() -> None:
    assert (
        await _checked("literature", QUOTE, _char(), PASSAGE, key="E2")
    ).support == "unsupported"


@pytest.mark.parametrize("quote", ["Solid nodules are rare.", "olid nodules are common."])
async def test_words_that_do_not_stand_in_the_source_are_unsupported(quote: str) -> None:
    assert (await _checked("literature", quote, _char(), PASSAGE)).support == "unsupported"


@pytest.mark.parametrize(
    "place", [_char(101, 126), _char(0, 25), _char(document="d2"), _char(100, 900)]
)
async def test_words_at_another_place_than_recorded_are_unsupported(place: CharLocation) -> None:
    assert (await _checked("literature", QUOTE, place, PASSAGE)).support == "unsupported"


async def test_a_page_place_is_found_by_its_words() -> None:
    place = PageLocation(document_id="d1", boxes=(PageBox(page=1, box=(0, 0, 1, 1)),))
    assert (await _checked("general", QUOTE, place, PASSAGE)).support == "supported"


async def test_a_case_speaks_of_that_case_only() -> None:
    quote = "A small pleural effusion is present."
    place = CaseLocation(case_id="C-1", field="report", start=0, end=len(quote))
    assert (await _checked("case:C-1", quote, place, CASE)).support == "supported"
    for about in ("case:C-2", "literature", "general", "query_image"):
        assert (await _checked(about, quote, place, CASE)).support == "unsupported"


async def test_an_element_of_a_list_field_is_addressed_by_number() -> None:
    quote = "No fracture is seen."
    for field, support in (
        ("findings.0", "supported"),
        ("findings.1", "unsupported"),
        ("patient", "unsupported"),
    ):
        place = CaseLocation(case_id="C-1", field=field, start=0, end=len(quote))
        assert (await _checked("case:C-1", quote, place, CASE)).support == support


async def test_a_passage_does_not_speak_of_a_case_or_the_asked_image() -> None:
    for about in ("case:C-1", "query_image"):
        assert (await _checked(about, QUOTE, _char(), PASSAGE)).support == "unsupported"


async def test_only_a_measurement_of_known_accuracy_speaks_of_the_asked_image() -> None:
    place = ImageLocation(image="img", observation=OBSERVATION)
    assert (await _checked("query_image", None, place, REGION)).support == "supported"
    assert (await _checked("literature", None, place, REGION)).support == "unsupported"
    other = ImageLocation(image="other", observation=OBSERVATION)
    assert (await _checked("query_image", None, other, REGION)).support == "unsupported"
    unknown = OBSERVATION.model_copy(update={"score": None})
    place = ImageLocation(image="img", observation=unknown)
    region = Region(image="img", observation=unknown)
    assert (await _checked("query_image", None, place, region)).support == "unsupported"


async def test_a_short_quote_carries_only_its_own_words() -> None:
    place = CharLocation(document_id="d1", start=100, end=113)
    checked = await _checked("literature", "Solid nodules", place, PASSAGE)
    assert checked.support == "unsupported"
    own = await _checked("literature", "Solid nodules", place, PASSAGE, text="Solid nodules.")
    assert own.support == "supported"


async def test_a_quote_cut_out_of_its_denial_is_not_supported() -> None:
    text = "It is not true that aspirin prevents all strokes in adults."
    quote = "aspirin prevents all strokes in adults"
    start = text.index(quote)
    source = Passage(document_id="d1", text=text, start=0, end=len(text), language="en")
    place = CharLocation(document_id="d1", start=start, end=start + len(quote))
    citation = Citation(evidence="E1", quote=quote, place=place)
    claim = Claim(text=quote, about="general", support="unsupported", citations=(citation,))
    evidence = [Evidence(key="E1", source=source, retrieval=RETRIEVAL)]
    assert (await check_claim(claim, evidence, RuleJudge())).support != "supported"


async def test_over_long_text_is_refused() -> None:
    long = "word " * 5000
    source = Passage(document_id="d1", text=long, start=0, end=len(long), language="en")
    place = CharLocation(document_id="d1", start=0, end=len(long) - 1)
    checked = await _checked("general", long.strip(), place, source)
    assert checked.support == "unsupported"


async def test_a_case_claim_may_name_its_case() -> None:
    quote = "A small pleural effusion is present."
    place = CaseLocation(case_id="C-1", field="report", start=0, end=len(quote))
    citation = Citation(evidence="E1", quote=quote, place=place)
    claim = Claim(
        text="In case C-1 the report describes a small pleural effusion.",
        about="case:C-1",
        support="unsupported",
        citations=(citation,),
    )
    evidence = [Evidence(key="E1", source=CASE, retrieval=RETRIEVAL)]
    assert (await check_claim(claim, evidence, RuleJudge())).support == "supported"


async def test_words_with_a_sign_that_could_not_be_read_carry_nothing() -> None:
    text = "A chest radiograph \ufffd6 months old was excluded."
    source = Passage(document_id="d1", text=text, start=100, end=100 + len(text), language="en")
    checked = await _checked("literature", text, _char(100, 100 + len(text)), source, text=text)
    assert checked.support == "unsupported"


async def test_a_figure_stands_beside_words_of_its_caption_and_nowhere_else() -> None:
    figure = Figure(label="Fig. 1", start=100, end=200, page=3, box=(1, 2, 3, 4), image="f" * 64)
    shown = PASSAGE.model_copy(update={"figure": figure})
    place = figure_location(shown)
    assert place is not None
    assert (await _checked("literature", None, place, shown)).support == "unsupported"
    words = Citation(evidence="E1", quote=QUOTE, place=_char())
    for about, where, source, support in (
        ("literature", place, shown, "supported"),
        ("literature", place, PASSAGE, "unsupported"),
        ("literature", place.model_copy(update={"image": "e" * 64}), shown, "unsupported"),
        ("query_image", place, shown, "unsupported"),
    ):
        claim = Claim(
            text=QUOTE,
            about=about,
            support="unsupported",
            citations=(words, Citation(evidence="E1", place=where)),
        )
        evidence = Evidence(key="E1", source=source, retrieval=RETRIEVAL)
        assert (await check_claim(claim, [evidence], RuleJudge())).support == support
