"""`passages.jsonl` and `cases.jsonl`: one record a line, read as a stream."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from radcite.core.errors import RadciteError
from radcite.core.language import detect_language
from radcite.core.sources import Document, Language

__all__ = [
    "BadLine",
    "CaseRecord",
    "Line",
    "PassageRecord",
    "RecordT",
    "pictures_named",
    "read_records",
    "record_kind",
]

MAX_LINE_BYTES = 16 * 1024 * 1024


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_max_length=MAX_LINE_BYTES)


class PassageRecord(_Record):
    """One document of `passages.jsonl`."""

    id: str = Field(min_length=1, max_length=512)
    title: str = ""
    text: str = Field(min_length=1)
    language: Language | None = None
    licence: str | None = None
    source_url: str | None = None
    doi: str | None = None
    pmid: str | None = None
    year: int | None = None
    retracted: bool = False
    authors: tuple[str, ...] = ()

    @field_validator("title", mode="before")
    @classmethod
    def _missing_title(cls, title: object) -> object:
        return "" if title is None else title

    @field_validator("authors", mode="before")
    @classmethod
    def _missing_authors(cls, values: object) -> object:
        return () if values is None else values

    @field_validator("pmid", "id", mode="before")
    @classmethod
    def _number_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    def document(self) -> Document:
        """The document, its text exactly as recorded."""
        fields = self.model_dump(exclude={"id", "language"})
        language = self.language or detect_language(f"{self.title} {self.text[:2000]}")
        return Document(document_id=self.id, language=language, **fields)


class CaseRecord(_Record):
    """One case of `cases.jsonl`; image paths are relative to the file."""

    case_id: str = Field(min_length=1, max_length=512)
    patient_id: str | None = None
    images: tuple[str, ...] = ()
    report: str = ""
    findings: tuple[str, ...] = ()
    diagnosis: str | None = None
    labels: tuple[str, ...] = ()
    modality: str | None = None
    body_part: str | None = None
    view: str | None = None
    language: Language | None = None
    licence: str | None = None
    source: str | None = None

    @field_validator("report", mode="before")
    @classmethod
    def _missing_report(cls, report: object) -> object:
        return "" if report is None else report

    @field_validator("case_id", "patient_id", mode="before")
    @classmethod
    def _number_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("findings", "labels", "images", mode="before")
    @classmethod
    def _missing_list(cls, values: object) -> object:
        return () if values is None else values

    @model_validator(mode="after")
    def _has_something(self) -> "CaseRecord":
        if not self.images and not self.report.strip():
            raise ValueError("a case has images or a report")
        return self

    def spoken(self) -> Language:
        """The language of the case: as recorded, or that of its words."""
        words = " ".join((self.report, *self.findings, self.diagnosis or ""))
        return self.language or detect_language(words)


RecordT = TypeVar("RecordT", PassageRecord, CaseRecord)


@dataclass(frozen=True, slots=True)
class Line(Generic[RecordT]):
    """A record with its line number (from 1) and the digest of its bytes."""

    number: int
    digest: str
    record: RecordT


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no record, and the error to report."""

    number: int
    error: RadciteError


def pictures_named(path: Path) -> Iterator[Path]:
    """The picture files that a `cases.jsonl` names, resolved; nothing of a file that is no such list."""
    if record_kind(path) != "cases":
        return
    folder = path.parent.resolve()
    with path.open("rb") as lines:
        for line in iter(lambda: lines.readline(MAX_LINE_BYTES), b""):
            for name in _images_of(line):
                yield (folder / name).resolve()


def _images_of(line: bytes) -> list[str]:
    try:
        images = CaseRecord.model_validate_json(line.removeprefix(BOM_UTF8)).images
    except ValidationError:
        return []
    return [name for name in images if "\0" not in name]


def record_kind(path: Path) -> Literal["passages", "cases"] | None:
    """What the first record of a JSONL file is, by its fields; None when it is neither."""
    with path.open("rb") as lines:
        first = next(iter(lambda: lines.readline(MAX_LINE_BYTES), b""), b"")
    try:
        return _kind_of(json.loads(first)) or _named(path)
    except (ValueError, RecursionError):
        return _named(path)


def _named(path: Path) -> Literal["passages", "cases"] | None:
    if path.name.startswith("passages"):
        return "passages"
    return "cases" if path.name.startswith("cases") else None


def _kind_of(first: object) -> Literal["passages", "cases"] | None:
    if isinstance(first, dict):
        if "case_id" in first:
            return "cases"
        if "id" in first and "text" in first:
            return "passages"
    return None


def read_records(path: Path, kind: type[RecordT]) -> Iterator[Line[RecordT] | BadLine]:
    """The records of a file in order; a bad line comes as `BadLine` and reading goes on."""
    with path.open("rb") as lines:
        number = 0
        while raw := lines.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                raw = raw.removeprefix(BOM_UTF8)
            if len(raw) > MAX_LINE_BYTES:
                while raw and not raw.endswith(b"\n"):
                    raw = lines.readline(MAX_LINE_BYTES)
                limit = f"line {number} is longer than {MAX_LINE_BYTES >> 20} MiB"
                yield BadLine(number, RadciteError("LIMIT_EXCEEDED", limit))
            elif raw.strip():
                yield _line(number, raw, kind)


def _line(number: int, raw: bytes, kind: type[RecordT]) -> Line[RecordT] | BadLine:
    try:
        record = kind.model_validate_json(raw)
    except ValidationError as exc:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'line'}: {fault['msg']}"
            for fault in exc.errors(include_input=False, include_url=False)[:3]
        )
        detail = f"line {number}: {faults}"
        return BadLine(number, RadciteError("RECORD_INVALID", detail, f"第 {number} 行：{faults}"))
    return Line(number, sha256(raw.strip()).hexdigest(), record)
