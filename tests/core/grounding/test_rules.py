"""What the rules let through and what they hold back, one made-up sentence each."""

import time

import pytest

from radcite.core.claims import CharLocation, Citation, Claim
from radcite.core.grounding import RuleJudge

_TWO_ARMS = "Bleeding occurred in 4% after stenting and 9% after surgery."
CARRIED = [
    ("Smoking was associated with emphysema.", "Emphysema was linked to smoking."),
    ("The nodule measured 10 mm.", "The nodule measures 1 cm."),
    ("Each tablet contains 500 mg.", "Each tablet contains 0.5 g."),
    ("The mass has not changed since 2019.", "The mass has been unchanged since 2019."),
    ("No pleural effusion is seen.", "There is no pleural fluid."),
    ("CT detected 40% of the stones.", "Computed tomography found 40% of the stones."),
    ("Mortality was lower with drug A than with drug B.", "Mortality was higher with drug B than with drug A."),
    (_TWO_ARMS, "Bleeding was more common after surgery than after stenting."),
    ("About half of the lesions regressed (51%).", "About half of the lesions regressed."),
    ("A recurrence cannot be excluded.", "A recurrence is possible."),
    ("Biopsy is not required.", "Biopsy is unnecessary."),
    ("Patients with a pacemaker were excluded.", "Patients with a pacemaker were not eligible."),
    ("Pain lasted 72 hours.", "Pain lasted three days."),
    ("The lesion lies in the left lower lobe.", "The lesion is located in the left lower lobe."),
    ("病灶直径10 mm。", "病灶直径约1 cm。".replace("约", "")),
    ("治疗后血压明显下降。", "治疗后血压显著降低。"),
    ("未见胸腔积液。", "没有看到胸水。"),
    ("三分之一的患者出现发热。", "三分之一的病人有发烧。"),
    ("A组死亡率高于B组。", "B组死亡率低于A组。"),
    ("不能除外转移。", "转移不能排除。"),
    ("妊娠女性未纳入。", "孕妇被排除在外。".replace("在外", "")),
    ("建议3个月后复查。", "推荐3个月后随访。"),
]  # fmt: skip

HELD_BACK = [
    ("The nodule measured 10 mm.", "The nodule measured 10 cm."),
    ("Recall fell from 8% to 5%.", "Recall fell from 5% to 8%."),
    (_TWO_ARMS, "Bleeding occurred in 9% after stenting and 4% after surgery."),
    (_TWO_ARMS, "Bleeding was more common after stenting than after surgery."),
    ("Nodules larger than 8 mm need a biopsy.", "Nodules smaller than 8 mm need a biopsy."),
    ("At least 25% growth is true growth.", "At most 25% growth is true growth."),
    ("About a third of patients improved (34%).", "Two thirds of patients improved."),
    ("There is no fracture.", "There is a fracture."),
    ("A fracture is seen.", "No fracture is seen."),
    ("Steroids reduced pain but did not reduce swelling.", "Steroids reduced swelling."),
    ("Steroids reduced pain but did not reduce swelling.", "Steroids did not reduce pain."),
    ("Metastasis cannot be excluded.", "Metastasis is excluded."),
    ("The findings may represent pneumonia.", "The findings represent pneumonia."),
    ("The lesion is probably benign.", "The lesion is definitely benign."),
    ("Follow-up may be considered.", "Follow-up must be performed."),
    ("The cyst lies in the left kidney.", "The cyst lies in the right kidney."),
    ("A cyst in the left kidney and a stone in the right kidney.", "A stone in the left kidney."),
    ("Disc herniation at L4-L5.", "Disc herniation at L5-S1."),
    ("The rate of stroke decreased.", "The rate of stroke increased."),
    ("Drug A was superior to drug B.", "Drug B was superior to drug A."),
    ("Survival was longer with A than with B.", "Survival was longer with B than with A."),
    ("Obesity was associated with asthma.", "Obesity causes asthma."),
    ("Aspirin was replaced with clopidogrel.", "Clopidogrel was replaced with aspirin."),
    ("Biopsy confirmed lymphoma in three of the ten patients.", "Biopsy confirmed lymphoma in the patients."),
    ("Smoking led to cancer. Alcohol was linked to stroke.", "Smoking was linked to stroke."),
    ("Brain bleeding was halved, but gastric bleeding was more frequent.", "Gastric bleeding was halved."),
    ("Bleeding was caused by the catheter.", "The catheter was caused by bleeding."),
    ("We aimed to assess whether MRI improves survival.", "MRI improves survival."),
    ("Whether screening saves lives is unknown.", "Screening saves lives."),
    ("In children under 5 years, ultrasound was accurate.", "Ultrasound was accurate."),
    ("In the subgroup with diabetes, the drug was effective.", "The drug was effective."),
    ("Surgery is advised if the cyst grows.", "Surgery is advised."),
    ("Some lesions were malignant.", "All lesions were malignant."),
    ("Such lesions are rarely malignant.", "Such lesions are malignant."),
    ("History of breast cancer.", "The scan shows breast cancer."),
    ("The report mentions a small effusion.", "The report mentions a small effusion and a rib fracture."),
    ("Metformin lowered glucose.", "Insulin lowered glucose."),
    ("A high-risk lesion and a low-dose scan.", "A low-risk lesion and a low-dose scan."),
    ("结节直径10 mm。", "结节直径10 cm。"),
    ("未见骨折。", "可见骨折。"),
    ("左肺上叶结节。", "右肺上叶结节。"),
    ("左肺上叶结节，右肺下叶索条影。", "左肺下叶结节。"),
    ("两者相关。", "吸烟导致肺癌。"),
    ("吸烟与肺癌相关。", "吸烟导致肺癌。"),
    ("考虑肺癌可能。", "已证实为肺癌。"),
    ("不能除外转移。", "已除外转移。"),
    ("A组死亡率为5%，B组为9%。", "A组死亡率为9%，B组为5%。"),
    ("A组死亡率为5%，B组为9%。", "A组死亡率高于B组。"),
    ("儿童患者中，该药有效。", "该药有效。"),
    ("部分患者出现皮疹。", "所有患者均出现皮疹。"),
    ("本研究旨在评价该药能否降低死亡率。", "该药能降低死亡率。"),
    ("奥瑞珠单抗组复发率为0.16。", "那他珠单抗组复发率为0.16。"),
    ("三分之一的患者出现发热。", "三分之二的患者出现发热。"),
    ("既往有乳腺癌手术史。", "目前患有乳腺癌。"),
    ("不可切除肝癌患者接受治疗。", "可切除肝癌患者接受治疗。"),
    ("血压由150降至130 mmHg。", "血压由130降至150 mmHg。"),
    ("无须活检。", "必须活检。"),
]  # fmt: skip


def _claim(text: str, quote: str) -> Claim:
    place = CharLocation(document_id="d", start=0, end=len(quote))
    citation = Citation(evidence="E1", quote=quote, place=place)
    return Claim(text=text, about="literature", support="unsupported", citations=(citation,))


async def _support(quote: str, text: str) -> str:
    return (await RuleJudge().judge(_claim(text, quote), [quote], [])).support


@pytest.mark.parametrize(("quote", "claim"), CARRIED)
async def test_a_true_paraphrase_is_supported(quote: str, claim: str) -> None:
    assert await _support(quote, claim) == "supported"


@pytest.mark.parametrize(("quote", "claim"), HELD_BACK)
async def test_an_altered_statement_is_not_supported(quote: str, claim: str) -> None:
    assert await _support(quote, claim) != "supported"


@pytest.mark.parametrize("quote", sorted({quote for quote, _ in CARRIED + HELD_BACK}))
async def test_a_sentence_carries_itself(quote: str) -> None:
    assert await _support(quote, quote) == "supported"


async def test_words_not_fully_covered_are_weak() -> None:
    quote = "Ultrasound detected most gallstones in the emergency department."
    assert await _support(quote, "Ultrasound detected most large gallstones.") == "weak"


async def test_a_claim_in_another_language_than_its_quote_is_weak() -> None:
    assert await _support("No fracture is seen.", "未见骨折。") == "weak"


async def test_every_sentence_of_a_claim_needs_a_quote() -> None:
    quote = "Ultrasound found the stone. Surgery was not needed."
    assert (
        await _support(quote, "Ultrasound found the stone. Surgery was not needed.") == "supported"
    )
    assert (
        await _support(quote, "Ultrasound found the stone. Dialysis was not needed.") != "supported"
    )


async def test_hostile_text_takes_no_longer_than_its_length() -> None:
    quote = "no " * 1500 + "1,1,1,1" * 500 + "(" * 1000
    begin = time.perf_counter()
    await _support(quote, "There is no fracture of 1,1 mm or or or more " + "not " * 200)
    assert time.perf_counter() - begin < 5
