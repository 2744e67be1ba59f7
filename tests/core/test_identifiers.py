import pytest

from radcite.core.identifiers import Redactor


@pytest.mark.parametrize(
    ("text", "secret", "placeholder"),
    [
        ("Patient name: John Smith. Clear lungs.", "John Smith", "[NAME-1]"),
        ("姓名：王小明，双肺清晰", "王小明", "[姓名-1]"),
        ("MRN: A1234567", "A1234567", "[RECORD-1]"),
        ("住院号：00123456", "00123456", "[病历号-1]"),
        ("Call 415-555-0134.", "415-555-0134", "[PHONE-1]"),
        ("联系电话13800138000。", "13800138000", "[电话-1]"),
        ("身份证11010519491231002X", "11010519491231002X", "[身份证-1]"),
        ("DOB 1949-12-31", "1949-12-31", "[DOB-1]"),
        ("出生日期：1949年12月31日", "1949年12月31日", "[出生日期-1]"),
        ("Mail a.b@example.org", "a.b@example.org", "[EMAIL-1]"),
        ("住址：北京市朝阳区某路1号。肺炎", "北京市朝阳区", "[地址-1]"),
        ("Discussed with Dr. Jane Roe", "Jane Roe", "[DOCTOR-1]"),
        ("报告医师：李雷", "李雷", "[医师-1]"),
    ],
)
def test_an_identifier_gives_way_to_its_kind(text: str, secret: str, placeholder: str) -> None:
    out = Redactor()(text)
    assert secret not in out
    assert placeholder in out


@pytest.mark.parametrize(
    "text",
    [
        "Hodgkin lymphoma, Kerley B lines, Swan-Ganz catheter; 12 x 34 mm at L4-L5.",
        "患者双肺纹理增多，结节大小约12mm，随访2023年5月。",
        "110105194912310021 fails the checksum.",
        "The patient is stable; the record is complete.",
    ],
)
def test_medical_words_and_measures_stay(text: str) -> None:
    assert Redactor()(text) == text


def test_one_value_has_one_placeholder_in_all_texts_of_a_record() -> None:
    redact = Redactor(known=["PAT-778"])
    assert redact("Name: John Smith, PAT-778") == "Name: [NAME-1], [KNOWN-1]"
    assert redact("Name: Ann Lee; name: John Smith; pat-778") == (
        "Name: [NAME-2]; name: [NAME-1]; [KNOWN-1]"
    )
