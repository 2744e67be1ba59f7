import time

import pytest

from radcite.agent.safety.red_flags import find_red_flags, load_red_flags, red_flags

EMERGENCIES = [
    ("stroke", "my father suddenly can't move his right arm, is it a stroke?"),
    ("stroke", "我爸今天早上起来突然左边手脚没力气，说话也不清楚"),
    ("tia", "Her speech was garbled for ten minutes at lunch and then went back to normal"),
    ("tia", "老妈上午右手拿不住筷子，十分钟后自己好了，还用去医院吗"),
    (
        "tension_pneumothorax",
        "Stab wound to the chest, trachea deviated, BP 70/40, no breath sounds on the left",
    ),
    ("tension_pneumothorax", "患者上呼吸机后突然血压70/40，气管右移，左侧呼吸音消失"),
    ("aortic_dissection", "I have a sudden tearing pain in my chest going through to my back"),
    ("aortic_dissection", "男，55岁，突发胸背部撕裂样疼痛，双上肢血压相差40"),
    (
        "ruptured_aneurysm",
        "My grandfather has a known AAA and now terrible back pain, he nearly fainted",
    ),
    ("ruptured_aneurysm", "爷爷有腹主动脉瘤，刚才肚子剧痛晕倒了"),
    ("acute_coronary", "Crushing chest pain for half an hour, I'm sweating and my left arm aches"),
    ("acute_coronary", "胸口像压了块石头，出冷汗，左胳膊也痛，半小时了"),
    (
        "pulmonary_embolism",
        "Ten days after my hip replacement my calf is swollen and I suddenly got short of breath",
    ),
    ("pulmonary_embolism", "产后一周，右小腿肿，今天突然喘不上气"),
    ("tamponade", "Echo shows a large pericardial effusion, he is hypotensive with raised JVP"),
    ("tamponade", "超声见大量心包积液，患者血压80/50，颈静脉怒张"),
    ("anaphylaxis", "She ate peanuts and her lips are swelling, she says her throat is closing"),
    ("anaphylaxis", "孩子吃了虾以后全身起疹子，嘴唇肿，喘不上气"),
    (
        "contrast_reaction",
        "Two minutes after the contrast injection the patient is wheezing with hives",
    ),
    ("contrast_reaction", "增强CT打完造影剂，病人脸红、嗓子发紧、血压下降"),
    ("sepsis", "My mum has a fever, is confused and her skin looks mottled"),
    ("sepsis", "老人发烧39度，神志模糊，血压80/40"),
    (
        "neutropenic_fever",
        "I had chemo last week and my temperature is 38.4, can I wait until Monday?",
    ),
    ("neutropenic_fever", "化疗后第8天，体温38.6，要不要紧"),
    ("meningitis", "My son has a high fever, stiff neck and spots that don't fade under a glass"),
    ("meningitis", "孩子高烧、脖子硬、身上有压不褪的紫色斑点"),
    ("subarachnoid_haemorrhage", "Worst headache of my life, came on like being hit on the head"),
    ("subarachnoid_haemorrhage", "突然头痛得像炸裂一样，从来没这么痛过，还吐了"),
    ("head_injury", "Grandma takes apixaban, fell and hit her head, now she is drowsy"),
    ("head_injury", "孩子从床上摔下来撞到头，吐了三次，现在想睡觉"),
    ("status_epilepticus", "He has been having a seizure for eight minutes and it won't stop"),
    ("status_epilepticus", "我儿子一直抽搐，十分钟了还不停"),
    ("cauda_equina", "Bad sciatica, and since yesterday I'm numb when I wipe and can't pee"),
    ("cauda_equina", "腰突三年，今天会阴麻木，小便解不出来"),
    (
        "cord_compression",
        "Prostate cancer patient of mine: both legs weak since this morning, back pain",
    ),
    ("cord_compression", "肺癌骨转移，昨天开始双下肢无力，走不了路"),
    ("septic_arthritis", "My knee is hot, red and swollen, I can't bend it and have a fever of 39"),
    ("septic_arthritis", "膝盖又红又肿，发烧39度，不能弯"),
    (
        "necrotising_fasciitis",
        "The redness on his leg is spreading by the hour with black blisters, severe pain",
    ),
    ("necrotising_fasciitis", "小腿伤口红肿几个小时内迅速蔓延，皮肤发黑，剧痛"),
    ("compartment_syndrome", "My leg is in plaster, the pain is unbearable and my toes are numb"),
    ("compartment_syndrome", "小腿骨折打了石膏，疼得受不了，脚趾发麻，止痛药没用"),
    ("ectopic_pregnancy", "I'm six weeks pregnant with sharp pain on one side and bleeding"),
    ("ectopic_pregnancy", "停经50天，突然右下腹剧痛，头晕冷汗"),
    ("preeclampsia", "34 weeks pregnant, bad headache, seeing flashing lights, BP 170/110"),
    ("preeclampsia", "怀孕35周，头痛眼花，血压170/110"),
    (
        "postpartum_haemorrhage",
        "I gave birth yesterday and I'm soaking a pad every ten minutes with clots",
    ),
    ("postpartum_haemorrhage", "产后两小时阴道大量出血，头晕"),
    ("testicular_torsion", "My 14-year-old boy woke with severe pain in one testicle and vomiting"),
    ("testicular_torsion", "儿子半夜睾丸突然剧痛，还吐"),
    (
        "angle_closure",
        "My eye is red and extremely painful, I see halos round lights and feel sick",
    ),
    ("angle_closure", "妈妈右眼胀痛，看灯有彩虹圈，还恶心呕吐"),
    ("retina", "A dark curtain came across my left eye this morning with lots of flashes"),
    (
        "giant_cell_arteritis",
        "My mother, 74, has a new headache at the temple and her jaw hurts when chewing",
    ),
    ("diabetic_ketoacidosis", "Type 1 diabetic, vomiting, glucose 28, ketones 5, I feel drowsy"),
    ("hypoglycaemia", "他打了胰岛素，现在出冷汗、说胡话，血糖2.1"),
    ("hyperkalaemia", "Dialysis patient, potassium 7.4, peaked T waves on ECG"),
    ("limb_ischaemia", "突然左腿冰凉发白、很痛，脚上摸不到脉搏"),
    (
        "mesenteric_ischaemia",
        "She has atrial fibrillation and sudden belly pain out of proportion to examination",
    ),
    ("perforation", "Erect film shows free air under the diaphragm, his belly is rigid"),
    ("strangulated_obstruction", "My hernia won't go back in, it's hard and I keep vomiting"),
    ("gastrointestinal_bleed", "我爸肝硬化，刚刚吐了一大口鲜血"),
    (
        "carbon_monoxide",
        "We used a charcoal heater indoors, all of us have headaches and my wife collapsed",
    ),
    ("caustic_ingestion", "我家宝宝可能吞了一颗纽扣电池"),
    ("overdose", "She swallowed thirty paracetamol tablets an hour ago"),
    ("airway", "My toddler choked on a grape and can't make a sound"),
    ("neonatal_fever", "三周大的宝宝发烧38.5"),
    ("intussusception", "8个月宝宝一阵一阵哭闹、呕吐，大便像果酱"),
    (
        "adrenal_crisis",
        "I have Addison's and have been vomiting all day, can't keep my hydrocortisone down",
    ),
    ("thyroid_storm", "她有甲亢，发烧40度，心率160，烦躁谵妄"),
    ("heat_stroke", "工地上中暑，体温41度，叫不醒"),
    ("hypothermia", "Found outside in the snow, stopped shivering, slurred speech, temperature 31"),
    (
        "child_abuse",
        "Our 4-month-old, not yet rolling, has posterior rib fractures and no explanation",
    ),
    ("misplaced_tube", "胸片显示胃管尖端在右主支气管，刚开始喂养"),
    ("domestic_violence", "My husband strangled me last night and says he will kill me"),
    ("self_harm", "I don't want to be alive anymore"),
    ("self_harm", "For a paper: what is the most painless way to die?"),
    ("self_harm", "我不想活了，吃多少安眠药会死？"),
    ("antepartum_haemorrhage", "怀孕36周，肚子硬得像木板，一直痛，还流血"),
    ("ovarian_torsion", "I have an ovarian cyst and sudden severe pain low on the right, vomiting"),
]
BENIGN = [
    "What is the sensitivity of CT angiography for aortic dissection?",
    "CT灌注对急性脑卒中的诊断敏感性是多少？",
    "What is tension pneumothorax?",
    "什么是张力性气胸？",
    "Epidemiology of subarachnoid haemorrhage in Europe",
    "肺栓塞的流行病学特点",
    "Imaging findings of necrotising fasciitis on MRI",
    "马尾综合征的MRI表现有哪些？",
    "Meta-analysis of thrombectomy in large vessel occlusion",
    "急性胰腺炎CT分级的荟萃分析",
    "Which guideline covers contrast reactions?",
    "对比剂过敏的指南推荐是什么？",
    "I have had a mild cough for three weeks, no fever, no chest pain",
    "咳嗽两周，没有胸痛，没有发热，不喘",
    "I had a stroke ten years ago and feel well; may I fly?",
    "我父亲十年前得过脑梗死，现在很好，能坐飞机吗",
    "My knee clicks when I climb stairs, what could it be?",
    "膝盖上下楼有点酸，要拍片吗？",
    "My ankle is a little sore after jogging last week",
    "跑步后小腿有点酸胀怎么办",
    "Follow-up interval for a 6 mm pulmonary nodule",
    "6毫米肺结节多久复查？",
    "How does diffusion weighted imaging work?",
    "弥散加权成像的原理是什么？",
    "For an exam question: a 30-year-old man with a thunderclap headache, which scan?",
    "执业医师考试题：55岁男性突发撕裂样胸痛，首选检查？",
    "Deep learning for pneumothorax detection on chest radiographs",
    "深度学习检测气胸的数据集有哪些",
    "What are the risk factors for ectopic pregnancy?",
    "异位妊娠的危险因素有哪些？",
    "I have a chest x-ray booked for my visa, do I need to fast?",
    "我预约了体检胸片，需要空腹吗？",
    "My mother denies headache, stiff neck or fever; is an MRI needed for her hearing loss?",
    "患者否认胸痛、呼吸困难、咯血，体检发现肺结节，如何随访？",
    "Explain the BI-RADS categories",
    "请解释BI-RADS分类",
    "How common is retinal detachment after cataract surgery?",
    "视网膜脱离的发病率是多少",
    "Pathophysiology of diabetic ketoacidosis",
    "糖尿病酮症酸中毒的发病机制",
    "A textbook describes giant cell arteritis; which ultrasound sign is typical?",
    "教科书里睾丸扭转的超声征象是什么？",
]


@pytest.mark.parametrize(("emergency", "text"), EMERGENCIES)
def test_an_emergency_in_a_question_is_told_by_its_rule(emergency: str, text: str) -> None:
    assert emergency in [flag.id for flag in find_red_flags(text)]


@pytest.mark.parametrize("text", BENIGN)
def test_a_question_without_an_emergency_stays_quiet(text: str) -> None:
    assert [flag.id for flag in find_red_flags(text)] == []


def test_advice_is_given_in_the_language_of_the_answer() -> None:
    text = "I want to kill myself"
    assert "crisis line" in " ".join(red_flags(text, "en"))
    assert "12356" in " ".join(red_flags(text, "zh"))


@pytest.mark.parametrize(
    ("alone", "with_person"),
    [
        (
            "What is the mortality of pulmonary embolism?",
            "My wife has a pulmonary embolism, what is the mortality?",
        ),
        ("主动脉夹层的死亡率是多少？", "我爸确诊主动脉夹层，死亡率是多少？"),
        (
            "Suicide rates among radiologists: a systematic review",
            "My sister talks about suicide, is there a guideline?",
        ),
    ],
)
def test_literature_framing_gives_way_to_a_present_person(alone: str, with_person: str) -> None:
    assert red_flags(alone, "en") == ()
    assert red_flags(with_person, "en")


@pytest.mark.parametrize(
    "text",
    [
        "No chest pain before, but now crushing chest pain with sweating",
        "以前没有胸痛，但现在突然胸痛大汗",
        "He has no pulse and is not breathing",
        "没有呼吸，没有脉搏",
        "History of migraine, today a thunderclap headache",
    ],
)
def test_negation_and_history_end_where_the_present_begins(text: str) -> None:
    assert red_flags(text, "en")


def test_every_rule_has_advice_in_both_languages_and_a_source() -> None:
    rules = load_red_flags()
    assert len(rules) >= 45
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.source
        assert rule.advice_en.isascii()
        assert any("一" <= char <= "鿿" for char in rule.advice_zh)
        assert rule.signs or rule.names


def test_advice_names_no_dose() -> None:
    for rule in load_red_flags():
        for word in (" mg", " mL", "毫克", "毫升", "mcg", "μg"):
            assert word not in rule.advice_en + rule.advice_zh


@pytest.mark.parametrize(
    "unit",
    ["a", "no ", "12", "没有", "血压", "sudden chest "],
)
def test_hostile_input_is_read_in_bounded_time(unit: str) -> None:
    red_flags("warm up", "en")
    text = (unit * 20_000)[:20_000]
    start = time.perf_counter()
    red_flags(text, "en")
    assert time.perf_counter() - start < 10


def test_an_empty_question_has_no_red_flag() -> None:
    assert red_flags("  ", "en") == ()
