from pathlib import Path

from tests.ingestion.studio import open_studio, write_jsonl

ENGLISH = (
    "John Quillfeather",
    "MR7754321",
    "415-555-0134",
    "1949-12-31",
    "PAT-90417",
    "Roe Vantongeren",
)
CHINESE = ("欧阳小明", "00987654", "13800138000", "11010519491231002X", "李雷雷")


async def test_no_byte_of_the_home_holds_a_planted_identifier(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    english = {
        "case_id": "c-1",
        "patient_id": ENGLISH[4],
        "report": f"Name: {ENGLISH[0]}\nMRN: {ENGLISH[1]}\nDOB: {ENGLISH[3]}\nSmall effusion in {ENGLISH[4]}.",
        "findings": [f"Effusion. Call {ENGLISH[2]}."],
        "diagnosis": f"Effusion, read by Dr. {ENGLISH[5]}",
    }
    chinese = {
        "case_id": "c-2",
        "report": f"姓名：{CHINESE[0]}，住院号：{CHINESE[1]}，电话：{CHINESE[2]}，"
        f"身份证{CHINESE[3]}。双肺清晰。报告医师：{CHINESE[4]}",
    }
    write_jsonl(folder / "cases.jsonl", [english, chinese])
    async with open_studio(tmp_path / "home") as studio:
        taken = await studio.take(folder)
        assert (taken.cases, taken.quarantined) == (2, ())
    kept = [path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert any("双肺清晰".encode() in held for held in kept)
    for value in (*ENGLISH, *CHINESE):
        assert not any(value.encode() in held for held in kept), value


async def test_labels_and_the_short_fields_of_a_case_are_cleaned_as_its_report_is(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    case = {
        "case_id": "c-3",
        "report": "Small effusion.",
        "labels": ["姓名：张伟", "Pneumothorax"],
        "body_part": "chest Zhang Wei 13900001111",
        "view": "PA, Dr. Roe Vantongeren",
        "modality": "CR 13900001111",
        "source": "sent by Dr. Roe Vantongeren, doi 10.1000/xyz",
    }
    doubtful = {"case_id": "c-4", "report": "Small effusion.", "labels": ["病例1：张伟，患者"]}
    write_jsonl(folder / "cases.jsonl", [case, doubtful])
    async with open_studio(tmp_path / "home") as studio:
        taken = await studio.take(folder)
        assert (taken.cases, [one.code for one in taken.quarantined]) == (1, ["PHI_REVIEW"])
        kept = await studio.ledger.case("default", "c-3")
    assert kept is not None
    said = kept.model_dump_json()
    for value in ("张伟", "Zhang", "13900001111", "Vantongeren"):
        assert value not in said, value
    for value in ("Pneumothorax", "chest", "PA", "CR", "10.1000/xyz"):
        assert value in said, value
