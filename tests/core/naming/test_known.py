"""What a header tells goes from its texts; the words of medicine that it also is stay."""

import pytest

from radcite.core.identifiers import Redactor

# Names and values of a header, a text, what has to go, what has to stay.
TOLD: list[tuple[tuple[str, ...], tuple[str, ...], str, tuple[str, ...], tuple[str, ...]]] = [
    (
        ("RIGHT^TECH",),
        (),
        "Right lower lobe mass. RIGHT pleural effusion.",
        (),
        ("Right lower lobe", "RIGHT pleural"),
    ),
    (
        ("White^Mary",),
        (),
        "White matter lesions. Mary White was seen; WHITE, MARY.",
        ("Mary White", "WHITE, MARY"),
        ("White matter lesions",),
    ),
    (
        ("CHEST^RADIOLOGY",),
        (),
        "Chest radiograph. CHEST: clear.",
        (),
        ("Chest radiograph", "CHEST: clear"),
    ),
    (
        ("Long^Stone",),
        (),
        "Long stone in the duct; stone size 8 mm.",
        (),
        ("Long stone in the duct; stone size 8 mm",),
    ),
    (
        ("Baker^John",),
        (),
        "Baker's cyst, 3 cm. John Baker attended. Mr Baker agrees.",
        ("John Baker", "Mr Baker"),
        ("Baker's cyst",),
    ),
    (
        ("Parkinson^Mary Anne",),
        (),
        "Parkinson disease is unlikely. Spoke to Parkinson by phone.",
        ("to Parkinson",),
        ("Parkinson disease",),
    ),
    (
        ("Young^April",),
        (),
        "Young patient, scanned in April. Ms Young; April Young, F.",
        ("Ms Young", "April Young"),
        ("Young patient", "in April"),
    ),
    (
        ("Small^Grace",),
        (),
        "Small bowel loops. Grace Small, 55F",
        ("Grace Small",),
        ("Small bowel loops",),
    ),
    (
        ("Bone^Lance",),
        (),
        "Bone windows. Reported by Lance Bone.",
        ("Lance Bone",),
        ("Bone windows",),
    ),
    (
        ("Hill^Rose",),
        (),
        "Hill-Sachs lesion. Rose bengal test. Patient: Rose Hill",
        ("Rose Hill",),
        ("Hill-Sachs lesion", "Rose bengal"),
    ),
    (
        ("Marlowe^Philip",),
        (),
        "follow-up of philip marlowe, MARLOWE_LUNG plan",
        ("philip", "marlowe", "MARLOWE"),
        ("follow-up",),
    ),
    (("Doe^Jo",), (), "Jo Doe; DOE. Doe denies. DOE on exertion? doe", ("Jo Doe",), ()),
    (
        ("Left^Patient",),
        (),
        "Left kidney normal, left ureter",
        (),
        ("Left kidney normal, left ureter",),
    ),
    (
        ("张^力",),
        (),
        "右侧张力性气胸，患者张力因胸痛就诊，张 力 男 45岁",
        ("张力因", "张 力"),
        ("张力性气胸",),
    ),
    (("高^峰",), (), "流速高峰值增高。姓名：高峰", ("：高峰",), ("流速高峰值增高",)),
    (
        ("Wang^XiaoDong=王^小东",),
        (),
        "王小东，双肺清晰。王 小 东 男。小东诉胸痛，wang xiaodong",
        ("王小东", "王 小 东", "小东", "wang xiaodong"),
        ("双肺清晰",),
    ),
    (("安^静",), (), "安静状态下扫描。患者安静，配合可。", (), ("安静状态下扫描", "配合可")),
    (("李^健康",), (), "健康宣教。患者李健康复查", ("李健康",), ("健康宣教",)),
    (("张^口",), (), "张口受限，张口度2指", (), ("张口受限，张口度2指",)),
    (("黄^疸",), (), "黄疸三天，皮肤黄疸", (), ("黄疸三天，皮肤黄疸",)),
    (("高^热",), (), "高热三天，体温39.5", (), ("高热三天",)),
    (("石^英",), (), "石英粉尘接触史。患者：石英，男", ("石英，男",), ("石英粉尘",)),
    (("白^芳",), (), "白芳诉腹痛，复查白芳", ("白芳",), ()),
    (("周^围",), (), "周围型肺癌，病灶周围见毛刺", (), ("周围型肺癌，病灶周围见毛刺",)),
    (("方^向",), (), "纵隔向对侧方向移位。医师：方向", ("：方向",), ("方向移位",)),
    (("易^感",), (), "易感人群", (), ("易感人群",)),
    (("Chen^Jing=陈^静",), (), "陈静复查，陈　静", ("陈静", "陈　静"), ("复查",)),
    (
        (),
        ("1200", "1000"),
        "Bladder volume 1200 mL, b = 1000. Study ID 1200, accession 1000, 检查号：1200",
        ("ID 1200", "accession 1000", "：1200"),
        ("volume 1200 mL", "b = 1000"),
    ),
    ((), ("C7T1",), "lesion in C7T1. Station C7T1", ("Station C7T1",), ("lesion in C7T1",)),
    ((), ("CA125", "CT01"), "CA125 raised 35 U/mL. CT01 scanner", (), ("CA125 raised",)),
    ((), ("Left",), "Left lower lobe. left hilum", (), ("Left lower lobe. left hilum",)),
    ((), ("12345",), "MRN 12345; volume 12345 mm3; 12345", ("MRN 12345",), ("volume 12345",)),
    (
        (),
        ("2500",),
        "Patient 2500; b-value 2500; 病历号2500；约2500ml",
        ("Patient 2500", "病历号2500"),
        ("b-value 2500", "约2500ml"),
    ),
    ((), ("P00423",), "seen before as P00423, p00423", ("P00423", "p00423"), ()),
    ((), ("MRN-4711",), "mrn-4711, nodule", ("4711",), ("nodule",)),
    ((), ("门诊",), "门诊复查", (), ("门诊复查",)),
    ((), ("胸部",), "胸部CT平扫", (), ("胸部CT平扫",)),
    ((), ("华山",), "曾在华山就诊", ("华山",), ()),
    (
        (),
        ("Chest Clinic",),
        "chest clinic visit. Chest Clinic letter",
        ("Chest Clinic",),
        ("chest clinic visit",),
    ),
    ((), ("北京协和医院",), "北京协和医院放射科", ("协和",), ("放射科",)),
    ((), ("400",), "T2 400 ms", (), ("400 ms",)),
    ((), ("3000",), "TR 3000 ms, TE 80; ID:3000", ("ID:3000",), ("TR 3000 ms",)),
    ((), ("L4L5",), "L4L5 disc bulge", (), ("L4L5 disc bulge",)),
    ((), ("T790M",), "T790M mutation", (), ("T790M",)),
    ((), ("CT",), "CT chest", (), ("CT chest",)),
    ((), ("Ward",), "Ward round", (), ("Ward round",)),
    ((), ("Right Wing 3",), "right wing 3; right lung", ("wing 3",), ("right lung",)),
]


@pytest.mark.parametrize(("names", "values", "text", "gone", "kept"), TOLD)
def test_what_is_known_goes_where_it_names_somebody(
    names: tuple[str, ...],
    values: tuple[str, ...],
    text: str,
    gone: tuple[str, ...],
    kept: tuple[str, ...],
) -> None:
    out = Redactor(values, names, b"k", 100)(text)
    assert [value for value in gone if value in out] == []
    assert [value for value in kept if value not in out] == []
