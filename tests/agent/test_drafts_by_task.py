"""What a served model drafts for each task: headings, for and against, and a gloss in the reader's language."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from radcite.agent.ask import ask
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim, draft_form
from radcite.agent.gloss import checked_gloss
from radcite.agent.graph import build_graph
from radcite.apps.reporting.forms import headings
from radcite.backends.chat.json_schema import strict_schema
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import Answer
from radcite.core.question import Question
from radcite.core.sources import Case, Language, Observation, Region
from tests.agent.scene import GivenHits, GivenLabels, parts, passage

DIGEST = "a" * 64
NO_SEARCH = '{"calls": []}'
EFFUSION = "Blunting of the costophrenic angle suggests pleural effusion."
CASES = [
    Case(case_id="C-1", report="There is a left pleural effusion.", diagnosis="pleural effusion"),
    Case(case_id="C-2", report="The heart is enlarged.", diagnosis="cardiomegaly"),
]
SEEN = Region(
    image=DIGEST,
    observation=Observation(tool="labels", version="1", value="modality: CT", score=0.97),
)


def claim(text: str, key: str, about: str = "literature", quote: str = "", **more: str) -> Draft:
    citation = DraftCitation(evidence=key, quote=quote or text)
    return Draft(
        claims=(
            DraftClaim.model_validate(
                {"text": text, "about": about, "citations": (citation,), **more}
            ),
        )
    )


async def test_a_caption_fills_in_the_headings_of_the_house_for_the_measured_modality() -> None:
    chat = ScriptedChat(
        [
            NO_SEARCH,
            claim(
                "Modality of the image: CT",
                "E1",
                "query_image",
                "modality: CT",
                part="technique",
            ),
        ]
    )
    given = parts(labels=GivenLabels([SEEN]), cases=GivenHits(CASES), chat=chat, headings=headings)
    outcome = await ask(build_graph(), given, Question(text="Describe it", images=(DIGEST,)))
    assert isinstance(outcome, Answer)
    assert outcome.claims[0].part == "technique"
    told = chat.prompts[-1].messages[-1].content
    assert "- technique: " in told
    assert "- impression: Impression" in told
    assert "indication" not in told


async def test_a_differential_gains_the_evidence_for_and_against_that_the_gate_let_through() -> (
    None
):
    for_it = claim(EFFUSION, "E1", part="for", condition="pleural effusion")
    elsewhere = claim(
        "The heart is enlarged.", "E3", "case:C-2", part="against", condition="pleural effusion"
    )
    question = Question(text="What is behind this pleural effusion?", images=(DIGEST,))
    chat = ScriptedChat(
        [
            '{"calls": [{"tool": "literature_search", "query": "pleural effusion"}]}',
            Draft(claims=(*for_it.claims, *elsewhere.claims)),
        ]
    )
    given = parts(GivenHits([passage(EFFUSION)]), GivenHits(CASES), chat=chat)
    outcome = await ask(build_graph(), given, question.model_copy(update={"task": "diagnosis"}))
    assert isinstance(outcome, Answer)
    assert outcome.differential is not None
    first = next(claim for claim in outcome.claims if claim.text == EFFUSION)
    assert first.part == "for"
    key = first.citations[0].evidence
    item = next(
        one for one in outcome.differential if one.condition.display["en"] == "pleural effusion"
    )
    assert key in item.supporting
    assert not [one for one in outcome.claims if one.part == "against"], "no condition was named"


def test_only_parts_and_conditions_of_the_task_can_be_decoded() -> None:
    schema = json.dumps(strict_schema(draft_form(("E1", "E2"), ("for", "against"), ("glioma",))))
    assert '"enum": ["for", "against", ""]' in schema
    assert '"enum": ["glioma", ""]' in schema
    assert '"enum": ["E1", "E2"]' in schema


async def test_a_chinese_reader_gets_a_gloss_of_what_english_words_say() -> None:
    fact = "Low-dose CT screening reduced lung cancer mortality by 20% in heavy smokers."
    gloss = "低剂量CT筛查使重度吸烟者的肺癌死亡率下降了20%。"
    chat = ScriptedChat(
        [
            '{"calls": [{"tool": "literature_search", "query": "肺癌筛查"}]}',
            claim(fact, "E1", gloss=gloss, part="for"),
        ]
    )
    outcome = await ask(
        build_graph(),
        parts(GivenHits([passage(fact)]), chat=chat),
        Question(text="低剂量CT筛查能降低肺癌死亡率吗？"),
    )
    assert isinstance(outcome, Answer)
    assert outcome.language == "zh"
    shown = outcome.claims[0]
    assert (shown.text, shown.gloss, shown.support) == (fact, gloss, "supported")


@pytest.mark.parametrize(
    ("text", "gloss", "kept"),
    [
        ("No left pleural effusion was seen.", "未见左侧胸腔积液。", True),
        ("No left pleural effusion was seen.", "未见右侧胸腔积液。", False),
        ("No left pleural effusion was seen.", "可见左侧胸腔积液。", False),
        ("A 6 mm nodule in the right upper lobe.", "右上叶6 mm结节。", True),
        ("A 6 mm nodule in the right upper lobe.", "右上叶6 cm结节。", False),
        ("Aspirin 100 mg daily reduces the risk of stroke.", "氯吡格雷每日100 mg可降低卒中风险。", False),
        ("Aspirin 100 mg daily reduces the risk of stroke.", "阿司匹林每日100 mg可增加卒中风险。", False),
        ("阿司匹林可降低卒中风险。", "Aspirin reduces the risk of stroke.", True),
        ("Aspirin reduces the risk of stroke.", "Aspirin lowers the risk of stroke.", False),
        ("Aspirin reduces the risk of stroke.", " ", False),
    ],
)  # fmt: skip
def test_a_gloss_that_says_otherwise_is_not_shown(text: str, gloss: str, kept: bool) -> None:
    language: Language = "zh" if any(char >= "一" for char in gloss) else "en"
    assert (checked_gloss(text, gloss, language) is not None) == kept


async def test_what_a_model_sees_in_the_image_alone_is_no_claim_about_it() -> None:
    shown: list[Sequence[str]] = []

    async def pictures(digests: Sequence[str]) -> tuple[str, ...]:
        shown.append(digests)
        return ("data:image/png;base64,AA==",)

    seen = claim("There is a nodule in the left lung.", "E1", "query_image", "modality: CT")
    measured = claim("Modality of the image: CT", "E1", "query_image", "modality: CT")
    both = Draft(claims=(*seen.claims, *measured.claims))
    chat = ScriptedChat([NO_SEARCH, both, Draft()])
    given = replace(parts(labels=GivenLabels([SEEN]), chat=chat), pictures=pictures)
    outcome = await ask(build_graph(), given, Question(text="Describe it", images=(DIGEST,)))
    assert isinstance(outcome, Answer)
    assert [one.text for one in outcome.claims] == ["Modality of the image: CT"]
    assert shown[0] == (DIGEST,)
    assert chat.prompts[1].messages[-1].images == ("data:image/png;base64,AA==",)
    assert not chat.prompts[0].messages[-1].images, "planning sees no image"
