"""Names in running text, and the words of medicine that are not among them."""

from time import process_time

import pytest

from radcite.core.identifiers import Redactor

ENGLISH = [
    ("Chest film of Aleksander Zielinski shows a small effusion.", "Aleksander Zielinski"),
    ("Discussed by phone with Adaobi, his daughter.", "Adaobi"),
    ("Reported by: T. Vandenberghe", "T. Vandenberghe"),
    ("Seen with her husband Priyesh today.", "Priyesh"),
    ("MBEKI, SIPHO THEMBA admitted via ED", "MBEKI, SIPHO THEMBA"),
    ("The patient, Ms Ruiz-Ferrer, tolerated the procedure.", "Ruiz-Ferrer"),
    ("his brother tunde rang the ward", "tunde"),
    ("spoke with tomasz at the bedside, bringing tablets", "tomasz"),
    ("pt maciej wrona c/o chest pain", "maciej wrona"),
    ("The family of Abiodun were told.", "Abiodun"),
    ("OYELARAN, FUNMILAYO  chest film clear", "OYELARAN, FUNMILAYO"),
    ("Interrogated by Folasade, battery good.", "Folasade"),
    ("Haldis says the pain is worse at night.", "Haldis"),
    ("Dear Prof. van der Berg,", "van der Berg"),
    ("Images sent by Zhang Xiaowen on request.", "Zhang Xiaowen"),
    ("CT reviewed with radiology registrar Oisin Kelleher.", "Oisin Kelleher"),
]
CHINESE = [
    ("患者赵丽颖因咳嗽就诊。", "赵丽颖"),
    ("已电话告知陶建华，其表示理解。", "陶建华"),
    ("由家属孙玉梅陪同来院，诉腹痛。", "孙玉梅"),
    ("术者：欧阳明远，助手：吕志强", "吕志强"),
    ("与上官婉仪核对后签字。", "上官婉仪"),
    ("患者热娜古丽·艾合买提，女，33岁", "热娜古丽·艾合买提"),
    ("今日随访高某，无不适。", "高"),
    ("请何主任会诊。", "何"),
    ("管床医师 邹凯", "邹凯"),
    ("工友小邓送来。", "小邓"),
    ("伊万·彼得罗夫，旅游途中腹痛。", "伊万·彼得罗夫"),
    ("跟曲院长汇报过了。", "曲"),
    ("今日由古丽巴哈尔陪同就诊。", "古丽巴哈尔"),
    ("次仁卓玛，藏族，42岁，头痛三天。", "次仁卓玛"),
]
KEPT = [
    "Graves disease, Parkinson disease, Crohn ileitis; Kerley B lines and a Swan-Ganz catheter.",
    "Baker's cyst. Hill-Sachs lesion with Bankart fragment. Circle of Willis and foramen of Monro.",
    "Will review in May. March fracture. Rose bengal staining, Brown-Séquard, Wilson disease.",
    "Gleason 3+4, Breslow 1.2 mm, Ann Arbor IIA, Bosniak III, BI-RADS 4, Child-Pugh B, T2aN2M0.",
    "IMPRESSION: NO ACUTE CARDIOPULMONARY DISEASE. HEART SIZE NORMAL.",
    "Vancomycin 1 g, Tazocin 4.5 g, platelets 250000, viral load 1250000 copies/ml.",
    "高血压病史十年，白细胞12.3，黄疸，于右肺上叶见结节，时有胸闷，马尾神经走行自然。",
    "双侧胸腔积液，石膏外固定，金属伪影，方案讨论后决定，左心室增大，全身骨显像。",
    "克罗恩病、格雷夫斯病与帕金森病鉴别，孟鲁司特口服，万古霉素静滴。",
    "Given Augmentin and Clexane; CD20, CD3 and CA19-9 negative; T11-L3 fused; M8500/3; 120 kV.",
    "第4组淋巴结肿大，L4/5椎间盘突出，左肺上叶尖后段，宫颈及双附件未见异常。",
]


@pytest.mark.parametrize(("text", "name"), [*ENGLISH, *CHINESE])
def test_a_name_in_a_sentence_gives_way(text: str, name: str) -> None:
    assert name not in Redactor()(text)


@pytest.mark.parametrize("text", KEPT)
def test_words_of_medicine_stay(text: str) -> None:
    redact = Redactor(days_back=10)
    assert redact(text) == text
    assert redact.doubts(text) == ()


def test_a_name_that_was_found_goes_wherever_the_text_repeats_it() -> None:
    out = Redactor()(
        "Mr Kwabena Ofosu was admitted. Ofosu tolerated the scan. 患者陶建华好转，陶建华出院。"
    )
    assert "Ofosu" not in out
    assert "陶建华" not in out


def test_what_may_be_a_name_is_told_and_goes_where_a_person_said_so() -> None:
    text = "Repeat film on Thursday. Nadia in cardiac physiology has the device card."
    redact = Redactor()
    [doubt] = redact.doubts(text)
    assert text[doubt.start : doubt.end] == "Nadia"
    assert "Nadia" in redact(text)
    strict = Redactor(doubtful=True)
    assert "Nadia" not in strict(text)
    assert strict.doubts(text) == ()


def test_a_text_that_went_through_goes_through_again_as_it_is() -> None:
    once = Redactor(key=b"k", days_back=3)(
        "姓名：陶建华，2024年3月5日就诊，电话13800138000。Seen by Dr. Jane Roe."
    )
    assert Redactor()(once) == once


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Aged 93, lives alone.", "93"),
        ("患者，男，95岁，摔伤。", "95岁"),
        ("Now ninety-one years old.", "ninety-one"),
        ("Tel +44 20 7946 0958 after five.", "+44 20 7946 0958"),
        ("单位电话010-62345678转801。", "62345678"),
        ("Lives at 14 Harbour Road, Kinsale.", "14 Harbour Road"),
        ("家住杭州市西湖区文三路259号3幢2单元501室。", "文三路259号3幢2单元501室"),
        ("Portal https://portal.example.org/p/8812 was opened.", "portal.example.org"),
        ("Transferred from Dunmore District Hospital on 4 May 2021.", "Dunmore District Hospital"),
        ("由临江市第二人民医院转入。", "临江市第二人民医院"),
        ("Accession RX-5521-9034.", "RX-5521-9034"),
        ("NHS number 943 476 5919.", "943 476 5919"),
        ("复查时间：二〇二三年五月十日。", "二〇二三年五月十日"),
        ("6月3日电话随访。", "6月3日"),
        ("Letter dictated 16 Dec, typed Jan 2nd.", "16 Dec"),
        ("Biopsy on the fourth of May was benign.", "fourth of May"),
        ("Seen Tues 3rd, again in March 2019.", "March 2019"),
        ("Sputum of the 12th grew nothing.", "12th"),
        ("复查定于12日。", "12日"),
        ("去年12月咳血，二〇二四年三月手术。", "二〇二四年三月"),
        ("Sample H2203-117 haemolysed.", "H2203-117"),
        ("Cage, lot 7Q118-A.", "7Q118-A"),
        ("Nursed in bed C14.", "C14"),
        ("序列号PKX118830，植入顺利。", "PKX118830"),
        ("Lives in Larkspur Close with her cat.", "Larkspur Close"),
        ("A retired farmer from Cwmdare fell.", "Cwmdare"),
        ("家住石桥村，独居。", "石桥村"),
        ("住3栋1单元502室。", "3栋1单元502"),
        ("Transferred from St Brannoc's overnight.", "Brannoc"),
        ("No answer on 555-0182.", "555-0182"),
    ],
)
def test_of_a_record_ages_places_codes_and_days_give_way(text: str, secret: str) -> None:
    assert secret not in Redactor(days_back=10)(text)


def test_a_question_keeps_what_alone_names_nobody() -> None:
    for text in (
        "Does LY294002 inhibit PI3K in patients over 90 years old at the Mayo Clinic?",
        "2023年5月3日以后哪家医院可以做PET？",
    ):
        assert Redactor()(text) == text


@pytest.mark.parametrize("character", "王孙路某号区麦小")
def test_a_long_run_of_one_character_takes_its_length(character: str) -> None:
    started = process_time()
    Redactor(days_back=10).find(character * 2_000)
    short = process_time() - started
    started = process_time()
    Redactor(days_back=10).find(character * 20_000)
    assert process_time() - started < 50 * max(short, 0.02)
