import pytest

from radcite.agent.ask import ask, steps
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim
from radcite.agent.graph import build_graph
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import (
    Abstention,
    Answer,
    CaseLocation,
    CharLocation,
    ImageLocation,
    PageLocation,
)
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.question import Question
from radcite.core.sources import Case, ImageRef, Observation, PageBox, Region
from tests.agent.scene import GivenHits, GivenLabels, GivenSources, parts, passage

FACT = "Low-dose CT screening reduced lung cancer mortality by 20% in heavy smokers."
TEXT = f"Screening was studied. {FACT} Costs were not examined."
QUESTION = "Does low-dose CT screening reduce lung cancer mortality in smokers?"
DIGEST = "a" * 64


def draft(text: str, quote: str, key: str = "E1", about: str = "literature") -> Draft:
    citation = DraftCitation(evidence=key, quote=quote)
    return Draft(claims=(DraftClaim(text=text, about=about, citations=(citation,)),))


def plan(query: str = QUESTION) -> str:
    return f'{{"calls": [{{"tool": "literature_search", "query": "{query}"}}]}}'


async def test_an_extractive_answer_quotes_the_sentence_that_answers_at_its_place() -> None:
    outcome = await ask(
        build_graph(), parts(GivenHits([passage(TEXT, start=40)])), Question(text=QUESTION)
    )
    assert isinstance(outcome, Answer)
    assert outcome.task == "literature"
    first = outcome.claims[0]
    assert first.text == FACT
    assert first.support == "supported"
    place = first.citations[0].place
    assert place == CharLocation(
        document_id="d1", start=40 + TEXT.index(FACT), end=40 + TEXT.index(FACT) + len(FACT)
    )


async def test_a_quote_from_a_pdf_is_placed_on_its_page() -> None:
    boxes = (PageBox(page=3, box=(72, 100, 500, 112)),)
    outcome = await ask(
        build_graph(),
        parts(GivenHits([passage(TEXT)]), sources=GivenSources({"d1": boxes})),
        Question(text=QUESTION),
    )
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].citations[0].place == PageLocation(document_id="d1", boxes=boxes)


async def test_a_chinese_question_is_answered_in_chinese() -> None:
    fact = "低剂量CT筛查使重度吸烟者的肺癌死亡率下降了20%。"
    outcome = await ask(
        build_graph(),
        parts(GivenHits([passage(f"研究了筛查。{fact}")])),
        Question(text="低剂量CT筛查能降低吸烟者的肺癌死亡率吗？"),
    )
    assert isinstance(outcome, Answer)
    assert outcome.language == "zh"
    assert outcome.claims[0].text == fact
    assert "草稿" in outcome.safety.notice


async def test_nothing_found_is_an_abstention_that_says_what_was_searched() -> None:
    outcome = await ask(build_graph(), parts(), Question(text=QUESTION))
    assert isinstance(outcome, Abstention)
    assert outcome.reason == "NO_EVIDENCE"
    assert QUESTION in outcome.searched[0]


async def test_evidence_below_the_floor_is_no_evidence() -> None:
    hits = GivenHits([passage("The weather in Naples is mild in spring.")], coverage=0.02)
    outcome = await ask(build_graph(), parts(hits), Question(text=QUESTION))
    assert isinstance(outcome, Abstention)
    assert outcome.reason == "NO_EVIDENCE"


async def test_a_model_that_lies_twice_leaves_an_abstention_and_no_claim() -> None:
    lie = draft("Low-dose CT screening raised lung cancer mortality by 20%.", FACT)
    chat = ScriptedChat([plan(), lie, lie])
    outcome = await ask(
        build_graph(), parts(GivenHits([passage(TEXT)]), chat=chat), Question(text=QUESTION)
    )
    assert isinstance(outcome, Abstention)
    assert outcome.reason == "NOT_SUPPORTED"


async def test_a_model_may_mend_once_what_the_gate_refused_and_is_told_why() -> None:
    chat = ScriptedChat([plan(), draft("Mortality fell by 50%.", FACT), draft(FACT, FACT)])
    outcome = await ask(
        build_graph(), parts(GivenHits([passage(TEXT)]), chat=chat), Question(text=QUESTION)
    )
    assert isinstance(outcome, Answer)
    assert [claim.text for claim in outcome.claims] == [FACT]
    assert "Mortality fell by 50%." in chat.prompts[-1].messages[-1].content


async def test_a_failed_rewrite_keeps_what_had_been_supported() -> None:
    mixed = Draft(claims=(*draft(FACT, FACT).claims, *draft("Costs fell by 50%.", FACT).claims))
    chat = ScriptedChat([plan(), mixed])
    outcome = await ask(
        build_graph(), parts(GivenHits([passage(TEXT)]), chat=chat), Question(text=QUESTION)
    )
    assert isinstance(outcome, Answer)
    assert FACT in [claim.text for claim in outcome.claims]
    assert all(claim.support == "supported" for claim in outcome.claims)
    assert outcome.degraded[-1:] == ("llm",)


async def test_a_model_that_is_down_leaves_the_extractive_answer_marked_degraded() -> None:
    outcome = await ask(
        build_graph(),
        parts(GivenHits([passage(TEXT)]), chat=ScriptedChat()),
        Question(text=QUESTION),
    )
    assert isinstance(outcome, Answer)
    assert outcome.degraded == ("text_encoder", "llm")
    assert outcome.claims[0].text == FACT


async def test_a_search_engine_that_is_down_is_an_error_and_no_answer() -> None:
    down = GivenHits(failure=DependencyDown("RETRIEVAL_UNAVAILABLE", "down"))
    with pytest.raises(DependencyDown, match="RETRIEVAL_UNAVAILABLE"):
        await ask(build_graph(), parts(down), Question(text=QUESTION))


async def test_an_image_encoder_that_fails_leaves_the_literature() -> None:
    outcome = await ask(
        build_graph(),
        parts(
            GivenHits([passage(TEXT)]),
            GivenHits(failure=RadciteError("VALIDATION", "no image encoder is set")),
        ),
        Question(text=QUESTION, images=(DIGEST,), task="diagnosis"),
    )
    assert isinstance(outcome, Answer)
    assert outcome.degraded == ("text_encoder", "image_encoder")


async def test_encoders_that_did_not_make_the_collection_are_an_error_though_other_searches_answer() -> (
    None
):
    mismatch = RadciteError("INDEX_MODEL_MISMATCH", "made with another encoder")
    asked = Question(text=QUESTION, images=(DIGEST,), task="diagnosis")
    given = parts(GivenHits([passage(TEXT)]), GivenHits(failure=mismatch))
    with pytest.raises(RadciteError, match="INDEX_MODEL_MISMATCH"):
        await ask(build_graph(), given, asked)


async def test_a_search_that_is_refused_is_named_by_its_kind() -> None:
    refused = GivenHits(failure=RadciteError("VALIDATION", "refused"))
    calls = ", ".join(
        f'{{"tool": "{tool}", "query": "effusion"}}'
        for tool in ("literature_search", "case_search")
    )
    chat = ScriptedChat([f'{{"calls": [{calls}]}}', draft(TEXT, TEXT)])
    given = parts(GivenHits([passage(TEXT)]), refused, chat)
    outcome = await ask(build_graph(), given, Question(text=QUESTION))
    assert outcome.degraded == ("text_encoder", "case_search")


CASES = [
    Case(case_id="C-1", report="There is a left pleural effusion.", diagnosis="pleural effusion"),
    Case(case_id="C-2", report="The heart is enlarged.", diagnosis="cardiomegaly"),
    Case(case_id="C-3", report="No effusion.", diagnosis="pleural effusion"),
]


async def test_a_sentence_of_a_similar_case_is_told_as_a_statement_about_that_case() -> None:
    outcome = await ask(
        build_graph(), parts(cases=GivenHits(CASES)), Question(text="Describe it", images=(DIGEST,))
    )
    assert isinstance(outcome, Answer)
    assert outcome.task == "caption"
    assert outcome.review is not None
    assert outcome.review.status == "draft"
    for claim in outcome.claims:
        case_id = claim.about.removeprefix("case:")
        assert claim.about.startswith("case:")
        assert f"In similar case {case_id} " in claim.text
        place = claim.citations[0].place
        assert isinstance(place, CaseLocation)
        assert place.case_id == case_id


async def test_a_model_cannot_pass_a_similar_case_off_as_a_finding_of_the_asked_image() -> None:
    lie = draft("There is a left pleural effusion.", CASES[0].report, about="query_image")
    chat = ScriptedChat(['{"calls": []}', lie, lie])
    outcome = await ask(
        build_graph(),
        parts(cases=GivenHits(CASES), chat=chat),
        Question(text="Describe it", images=(DIGEST,)),
    )
    assert isinstance(outcome, Abstention)


SEEN = Region(
    image=DIGEST,
    box=(0, 0, 64, 64),
    observation=Observation(tool="neighbour_labels", version="1", value="modality: MR", score=0.97),
)


async def test_a_measurement_of_the_asked_image_is_cited_by_its_place_on_the_image() -> None:
    outcome = await ask(
        build_graph(),
        parts(cases=GivenHits(CASES), labels=GivenLabels([SEEN])),
        Question(text="描述这张图像", images=(DIGEST,)),
    )
    assert isinstance(outcome, Answer)
    first = outcome.claims[0]
    assert (first.text, first.about) == ("图像的成像方式：MR", "query_image")
    place = first.citations[0].place
    assert isinstance(place, ImageLocation)
    assert (place.image, place.box, place.observation) == (DIGEST, SEEN.box, SEEN.observation)
    assert first.citations[0].quote is None


@pytest.mark.parametrize(
    ("text", "score"), [("Modality of the image: CT", 0.97), ("Modality of the image: MR", None)]
)
async def test_another_value_or_one_of_unknown_accuracy_is_no_finding_of_the_image(
    text: str, score: float | None
) -> None:
    seen = SEEN.model_copy(
        update={"observation": SEEN.observation.model_copy(update={"score": score})}
    )
    lie = draft(text, "modality: MR", about="query_image")
    outcome = await ask(
        build_graph(),
        parts(labels=GivenLabels([seen]), chat=ScriptedChat(['{"calls": []}', lie, lie])),
        Question(text="Describe it", images=(DIGEST,)),
    )
    assert isinstance(outcome, Abstention)


async def test_a_differential_counts_the_votes_of_the_similar_cases_and_is_not_called_calibrated() -> (
    None
):
    outcome = await ask(
        build_graph(),
        parts(cases=GivenHits(CASES)),
        Question(text="What is the diagnosis?", images=(DIGEST,)),
    )
    assert isinstance(outcome, Answer)
    assert outcome.differential is not None
    first = outcome.differential[0]
    assert first.condition.display["en"] == "pleural effusion"
    assert first.supporting == ("E1", "E3")
    assert first.against == ("E2",)
    assert sum(item.probability for item in outcome.differential) < 1
    assert first.in_conformal_set is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Meningioma", "脑膜瘤"),
        ("No abnormality", "未见异常"),
        ("No Finding", "no abnormality detected"),
    ],
)
async def test_names_of_one_condition_in_both_languages_are_one_condition(
    one: str, other: str
) -> None:
    cases = [
        Case(case_id="C-1", diagnosis=one, report="A mass."),
        Case(case_id="C-2", diagnosis=other, report="占位。"),
    ]
    outcome = await ask(
        build_graph(),
        parts(cases=GivenHits(cases)),
        Question(text="What is the diagnosis?", images=(DIGEST,)),
    )
    assert isinstance(outcome, Answer)
    assert outcome.differential is not None
    assert [item.supporting for item in outcome.differential] == [("E1", "E2")]


async def test_literature_is_not_searched_for_a_question_that_names_nothing() -> None:
    literature = GivenHits([passage(TEXT)])
    for text in ("What is the most likely diagnosis?", "这张图像最可能是什么病？"):
        await ask(
            build_graph(),
            parts(literature, GivenHits(CASES)),
            Question(text=text, images=(DIGEST,)),
        )
    assert literature.requests == []


async def test_a_short_field_is_cited_as_itself_though_its_words_stand_in_the_report_too() -> None:
    case = Case(case_id="C-1", report="胸部X线示左侧气胸，肺压缩约30%。", diagnosis="气胸")
    outcome = await ask(
        build_graph(),
        parts(cases=GivenHits([case])),
        Question(text="这是什么病？", images=(DIGEST,)),
    )
    assert isinstance(outcome, Answer)
    place = outcome.claims[0].citations[0].place
    assert isinstance(place, CaseLocation)
    assert place.field == "diagnosis"


async def test_a_claim_keeps_the_signs_of_its_source() -> None:
    fact = "低剂量CT筛查使重度吸烟者（≥30包年）的肺癌死亡率下降了20%，差异有统计学意义。"
    outcome = await ask(
        build_graph(),
        parts(GivenHits([passage(fact)])),
        Question(text="低剂量CT筛查能降低吸烟者的肺癌死亡率吗？"),
    )
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].text == fact


async def test_a_case_that_holds_the_asked_image_is_not_similar_to_it() -> None:
    own = Case(case_id="own", images=(ImageRef(digest=DIGEST, uri="x"),), diagnosis="glioma")
    outcome = await ask(
        build_graph(),
        parts(cases=GivenHits([own, *CASES])),
        Question(text="What is the diagnosis?", images=(DIGEST,)),
    )
    assert isinstance(outcome, Answer)
    assert all("own" not in claim.about for claim in outcome.claims)


async def test_a_question_without_words_and_images_is_refused() -> None:
    with pytest.raises(RadciteError, match="VALIDATION"):
        await ask(build_graph(), parts(), Question(text="  "))


async def test_red_flag_advice_stands_before_an_abstention_too() -> None:
    outcome = await ask(build_graph(), parts(), Question(text="我突然胸痛大汗，怎么办？"))
    assert isinstance(outcome, Abstention)
    assert outcome.safety.red_flags


async def test_steps_come_in_the_order_of_the_design() -> None:
    named = [
        name
        async for name, _ in steps(
            build_graph(), parts(GivenHits([passage(TEXT)])), Question(text=QUESTION)
        )
    ]
    assert named == ["intake", "plan", "retrieve", "write", "verify", "review"]


@pytest.mark.parametrize(
    "apparatus",
    [
        "Low-dose CT screening mortality smokers 20% 1.2 3.4 5.6 (0.1-0.9) 77 81.",
        "CI = confidence interval, LDCT = low-dose CT screening, LC = lung cancer mortality.",
        "Low-dose CT screening reduced lung cancer mortality by \ufffd20% in heavy smokers.",
    ],
)
async def test_rows_of_tables_abbreviations_and_unreadable_signs_are_not_told(
    apparatus: str,
) -> None:
    found = GivenHits([passage(f"{apparatus} {FACT}")])
    outcome = await ask(build_graph(), parts(found), Question(text=QUESTION))
    assert isinstance(outcome, Answer)
    assert [claim.text for claim in outcome.claims] == [FACT]


async def test_words_of_another_language_are_told_only_where_the_questions_own_say_less() -> None:
    chinese = passage("低剂量CT筛查使重度吸烟者的肺癌死亡率下降了20%。", "d2")
    both = await ask(
        build_graph(), parts(GivenHits([passage(TEXT), chinese])), Question(text=QUESTION)
    )
    assert isinstance(both, Answer)
    assert [claim.text for claim in both.claims] == [FACT]
    alone = await ask(build_graph(), parts(GivenHits([chinese])), Question(text=QUESTION))
    assert isinstance(alone, Answer)
    assert [claim.text for claim in alone.claims] == [
        "低剂量CT筛查使重度吸烟者的肺癌死亡率下降了20%。"
    ]
