"""Whether a statement says that its matter is there, absent or open is read from its own words."""

import pytest

from radcite.core.claims import CharLocation, Citation, Claim, Evidence, Retrieval
from radcite.core.grounding import RuleJudge, certainty_of, check_claim
from radcite.core.sources import Passage

ABSENT = [
    "No pneumothorax is seen.",
    "There is no pleural effusion.",
    "Neither effusion nor pneumothorax is seen.",
    "The drug did not reduce mortality.",
    "Pulmonary embolism was ruled out.",
    "On the plain film, no fracture is visible.",
    "No fracture. No effusion.",
    "In similar case C-1 the report says: “No fracture is seen.”",
    "未见胸腔积液。",
    "胸部CT平扫，未见肿块。",
    "该药未降低死亡率。",
    "既无胸腔积液，也无气胸。",
    "已排除肺栓塞。",
    "相似病例 C-1 的报告写道：“未见骨折。”",
]
UNCERTAIN = [
    "Pneumonia is possible.",
    "The lesion is probably benign.",
    "Metastasis cannot be excluded.",
    "Pulmonary embolism is unlikely.",
    "Whether screening saves lives is unknown.",
    "There is no effusion, but the nodule may be malignant.",
    "考虑肺癌可能。",
    "不能除外转移。",
    "疑似骨折。",
    "病因尚不清楚。",
]
PRESENT = [
    "There is a small pleural effusion.",
    "No effusion is seen, but a nodule is present.",
    "The heart is of normal size.",
    "Biopsy is not required.",
    "Ibuprofen should not be given in pregnancy.",
    "In patients without diabetes, the drug reduced mortality.",
    "The drug reduced mortality in patients without diabetes.",
    "In similar case C-1 the report says: “A fracture is seen.”",
    "右侧少量胸腔积液。",
    "未见积液，可见结节。",
    "心影大小正常。",
    "无需活检。",
    "妊娠期禁用布洛芬。",
    "对无糖尿病者，该药降低死亡率。",
]


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        *((text, "absent") for text in ABSENT),
        *((text, "uncertain") for text in UNCERTAIN),
        *((text, "present") for text in PRESENT),
    ],
)
def test_certainty_is_read_from_the_statement(text: str, certainty: str) -> None:
    assert certainty_of(text) == certainty


@pytest.mark.parametrize("said", ["present", "absent", "uncertain"])
async def test_the_gate_sets_it_whatever_the_writer_said(said: str) -> None:
    text = "No pneumothorax is seen."
    source = Passage(document_id="d", text=text, start=0, end=len(text), language="en")
    found = Retrieval(tool="t", query="q", collection="c", encoder="e", score=0.5, rank=1)
    place = CharLocation(document_id="d", start=0, end=len(text))
    claim = Claim.model_validate(
        {
            "text": text,
            "about": "literature",
            "certainty": said,
            "support": "unsupported",
            "citations": (Citation(evidence="E1", quote=text, place=place),),
        }
    )
    evidence = [Evidence(key="E1", source=source, retrieval=found)]
    assert (await check_claim(claim, evidence, RuleJudge())).certainty == "absent"
