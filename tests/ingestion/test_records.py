import json
from pathlib import Path

import pytest

from radcite.core.errors import RadciteError
from radcite.ingestion.records import (
    MAX_LINE_BYTES,
    BadLine,
    CaseRecord,
    Line,
    PassageRecord,
    read_records,
    record_kind,
)


def written(folder: Path, *lines: object, name: str = "records.jsonl") -> Path:
    path = folder / name
    texts = (
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    )
    path.write_text("\n".join(texts), "utf-8")
    return path


def passages(path: Path) -> list[Line[PassageRecord] | BadLine]:
    return list(read_records(path, PassageRecord))


def refused(line: object) -> RadciteError:
    assert isinstance(line, BadLine)
    return line.error


def test_a_passage_keeps_its_text_exactly_and_its_source(tmp_path: Path) -> None:
    given = {"id": "d1", "text": " Lung\t清晰 \n", "year": 2020, "doi": "10.1/x", "extra": [1]}
    [line] = passages(written(tmp_path, given))
    assert isinstance(line, Line)
    document = line.record.document()
    assert (document.document_id, document.text) == ("d1", " Lung\t清晰 \n")
    assert (document.year, document.doi, document.title) == (2020, "10.1/x", "")


@pytest.mark.parametrize(
    ("text", "language"), [("The lung is clear.", "en"), ("双肺清晰，未见 CT 异常。", "zh")]
)
def test_a_language_that_is_not_recorded_is_read_from_the_words(text: str, language: str) -> None:
    assert PassageRecord(id="d", text=text).document().language == language
    assert CaseRecord(case_id="c", report=text).spoken() == language


def test_a_recorded_language_stands() -> None:
    assert PassageRecord(id="d", text="肺", language="en").document().language == "en"


def test_numbers_serve_as_ids_and_missing_fields_as_empty_ones() -> None:
    record = PassageRecord.model_validate({"id": 7, "pmid": 31, "text": "x", "title": None})
    assert (record.id, record.pmid, record.title) == ("7", "31", "")
    given = {"case_id": 7, "patient_id": 8, "report": None, "images": ["a.png"], "labels": None}
    case = CaseRecord.model_validate(given)
    assert (case.case_id, case.patient_id, case.report, case.labels) == ("7", "8", "", ())


def test_reading_goes_on_after_a_bad_line(tmp_path: Path) -> None:
    good = {"id": "d", "text": "x"}
    lines = passages(written(tmp_path, good, "{not json", {"id": "e"}, "", good))
    assert [line.number for line in lines] == [1, 2, 3, 5]
    assert [refused(line).code for line in lines[1:3]] == ["RECORD_INVALID"] * 2
    assert "line 3: text" in refused(lines[2]).detail
    assert "第 3 行" in refused(lines[2]).detail_zh


def test_a_refusal_names_the_field_and_never_what_stands_in_it(tmp_path: Path) -> None:
    given = {"case_id": "c", "patient_id": ["Zhang San"], "language": "Zhang San", "report": "r"}
    [line] = read_records(written(tmp_path, given), CaseRecord)
    error = refused(line)
    assert "patient_id" in error.detail
    assert "Zhang" not in error.detail + error.detail_zh + str(error)


@pytest.mark.parametrize("text", ["\udcff", "[1]", "null", '"id"'])
def test_a_line_that_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "passages.jsonl"
    path.write_bytes(text.encode(errors="surrogateescape") + b'\n{"id": "d", "text": "x"}\n')
    bad, good = passages(path)
    assert refused(bad).code == "RECORD_INVALID"
    assert isinstance(good, Line)


def test_a_line_beyond_the_limit_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "passages.jsonl"
    path.write_bytes(b"x" * (2 * MAX_LINE_BYTES + 5) + b'\n{"id": "d", "text": "x"}\n')
    bad, good = passages(path)
    assert refused(bad).code == "LIMIT_EXCEEDED"
    assert isinstance(good, Line)
    assert good.number == 2


def test_the_first_record_is_read_behind_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "passages.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "d", "text": "x"}\r\n{"id": "e", "text": "y"}\r\n')
    assert [isinstance(line, Line) for line in passages(path)] == [True, True]


def test_the_digest_is_that_of_the_bytes_without_the_line_end(tmp_path: Path) -> None:
    line = {"id": "d", "text": "x"}
    first, second, other = passages(written(tmp_path, line, line, {"id": "d", "text": "y"}))
    assert isinstance(first, Line)
    assert isinstance(second, Line)
    assert isinstance(other, Line)
    assert first.digest == second.digest != other.digest


@pytest.mark.parametrize("given", [{"case_id": "c"}, {"case_id": "c", "report": "  "}])
def test_a_case_has_images_or_a_report(tmp_path: Path, given: dict[str, str]) -> None:
    [line] = read_records(written(tmp_path, given), CaseRecord)
    assert "images or a report" in refused(line).detail


@pytest.mark.parametrize(
    ("name", "first", "kind"),
    [
        ("a.jsonl", {"id": "d", "text": "x"}, "passages"),
        ("a.jsonl", {"case_id": "c"}, "cases"),
        ("passages.jsonl", {"case_id": "c"}, "cases"),
        ("passages-2.jsonl", "{broken", "passages"),
        ("cases.jsonl", "", "cases"),
        ("a.jsonl", {"other": 1}, None),
        ("a.jsonl", "", None),
        ("a.jsonl", "[" * 100_000, None),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_first_record_then_its_name(
    tmp_path: Path, name: str, first: object, kind: str | None
) -> None:
    assert record_kind(written(tmp_path, first, name=name)) == kind
