"""DICOM files full of identifiers nobody has: whatever of them is found afterwards has survived the gate."""

import itertools
import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.dataset import Dataset, FileDataset

from radcite.ingestion.deid.profile import load_profile

__all__ = ["Planted", "burned_files", "planted_header", "survivors"]

_NAME, _ZH_NAME = "QUOKKA^VERBENA", "QUOKKA^VERBENA=鹌鹑^木兰"
_WORDS = {"LO", "SH", "ST", "LT", "UT", "UC", "AE", "PN", "UR"}
_NUMBERS = {"DS", "IS"}
_BYTES = {"OB", "OW", "UN"}
# A device of a standard table stays what it is: these are read by every viewer.
_CLEANED = (
    "StudyDescription",
    "SeriesDescription",
    "ImageComments",
    "ProtocolName",
    "AdditionalPatientHistory",
)


@dataclass(slots=True)
class Planted:
    """Marks by what they were planted in; each occurs nowhere else."""

    marks: dict[bytes, str] = field(default_factory=dict[bytes, str])

    def add(self, mark: str, place: str) -> str:
        self.marks[mark.encode()] = place
        return mark

    def __len__(self) -> int:
        return len(self.marks)


def planted_header() -> tuple[FileDataset, Planted]:
    """A CT image with an identifier in every attribute of the profile's table, nested, private, and around it."""
    with warnings.catch_warnings():
        # A mark is not always of its attribute's form.
        warnings.simplefilter("ignore")
        return _planted_header()


def _planted_header() -> tuple[FileDataset, Planted]:
    from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table

    dataset = dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    planted, numbers = Planted(), itertools.count(1)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = _ZH_NAME
    for mark in ("QUOKKA", "VERBENA", "鹌鹑", "木兰"):
        planted.add(mark, "PatientName")
    dataset.PatientID = planted.add("PID7391155", "PatientID")
    dataset.PatientBirthDate = planted.add("19310203", "PatientBirthDate")
    taken = {"PatientName", "PatientID", "PatientBirthDate", "SOPInstanceUID", *_CLEANED}
    nested: list[Dataset] = []
    for number, tag in enumerate(sorted({tag for tag in table.ALL_TAGS if len(tag) == 2})):
        where = tag[0] << 16 | tag[1]
        if not dictionary_has_tag(where) or keyword_for_tag(where) in taken or tag[0] in {0, 2, 4}:
            continue
        target = dataset
        if number % 5 == 0:
            target = Dataset()
            nested.append(target)
        _plant(target, where, next(numbers), planted)
    dataset.ReferencedSeriesSequence = nested
    _free_text(dataset, planted)
    _around(dataset, planted, numbers)
    return dataset, planted


def _plant(target: Dataset, tag: int, number: int, planted: Planted) -> None:
    vr, place = dictionary_VR(tag).split(" or ")[0], keyword_for_tag(tag)
    action = load_profile("default").actions.get(tag)
    if action == "keep" and vr != "SH":
        return
    # A text that stays carries an identifier that a label gives away.
    labelled = action == "clean" and vr in _WORDS
    mark = f"ZX{number:04}W" if labelled else _mark(vr, number)
    if mark is None:
        return
    planted.add(mark, place)
    value: object = mark
    if labelled:
        value = f"follow-up, MRN: {mark}, clear"
    elif vr == "SQ":
        item = Dataset()
        item.CodeMeaning, item.PersonName = f"QUOKKA {mark}", mark
        value = [item]
    elif vr in _BYTES:
        value = mark.encode()
    target.add_new(tag, vr, value)


def _mark(vr: str, number: int) -> str | None:
    day = f"{date(1921, 1, 1) + timedelta(days=37 * number):%Y%m%d}"
    forms = {"UI": f"1.2.826.0.77.{number:04}.9", "DA": day, "DT": day, "SQ": f"ZQS{number:04}"}
    forms |= dict.fromkeys(_WORDS, f"ZQX{number:04}") | dict.fromkeys(_NUMBERS, f"7{number:04}913")
    return (forms | dict.fromkeys(_BYTES, f"ZQB{number:05}")).get(vr)


def _free_text(dataset: Dataset, planted: Planted) -> None:
    """Identifiers that a label, a pattern or the header gives away, in texts that stay."""
    phone, mail, record = "13812345678", "quill@zqx.example.org", "ZX99817"
    dataset.StudyDescription = "CHEST of Verbena Quokka, PID7391155"
    dataset.SeriesDescription = f"Phone: {planted.add(phone, 'StudyDescription')}"
    dataset.ImageComments = f"born 03.02.1931, mail {planted.add(mail, 'ImageComments')}"
    planted.add("03.02.1931", "ImageComments")
    dataset.ProtocolName = f"MRN: {planted.add(record, 'ProtocolName')}"
    doctor = planted.add("颜如玉", "AdditionalPatientHistory")
    number = planted.add("11010519491231002X", "AdditionalPatientHistory")
    dataset.AdditionalPatientHistory = f"患者鹌鹑木兰，身份证{number}，报告医师：{doctor}"
    dataset.Manufacturer = "木兰 VERBENA systems"


def _around(dataset: FileDataset, planted: Planted, numbers: "Iterator[int]") -> None:
    dataset.preamble = planted.add("ZQP0000001", "preamble").encode().ljust(128, b"\0")
    meta = dataset.file_meta
    meta.SourceApplicationEntityTitle = planted.add("ZQMETA1", "file meta")
    meta.PrivateInformationCreatorUID = planted.add("1.2.826.0.78.1", "file meta")
    meta.PrivateInformation = planted.add("ZQMETA2!", "file meta").encode()
    meta.ImplementationVersionName = planted.add("ZQMETA3", "file meta")
    block = dataset.private_block(0x4711, "QUOKKA HOSPITAL", create=True)
    inner = Dataset()
    for place in range(60):
        mark = planted.add(f"ZQV{next(numbers):05}", "private")
        vr = ("LO", "UN", "ST", "OB", "PN", "UT")[place % 6]
        target = inner if place % 4 == 0 else None
        value: object = mark.encode() if vr in _BYTES else mark
        if target is None:
            block.add_new(place, vr, value)
        else:
            inner_block = inner.private_block(0x4713, "QUOKKA", create=True)
            inner_block.add_new(place, vr, value)
    block.add_new(0x80, "SQ", [inner])
    for group in range(0, 16, 2):
        dataset.add_new(0x60004000 | group << 16, "LT", planted.add(f"ZQO{group:04}", "overlay"))
        dataset.add_new(0x50002500 | group << 16, "LO", planted.add(f"ZQC{group:04}", "curve"))
    for tag, vr in ((0x00080003, "LO"), (0x00100999, "PN"), (0x0018FFF0, "UN")):
        mark = planted.add(f"ZQU{tag & 0xFFFF:05}", "unknown attribute")
        dataset.add_new(tag, vr, mark.encode() if vr == "UN" else mark)


_LATIN = (
    *("QUOKKA", "VERBENA", "ZEBULON", "OTTERBY", "MARMOSET", "PETREL", "WHIMBREL", "TANAGER"),
    *("KESTREL", "LINNET", "BUNTING", "PLOVER", "DUNLIN", "GODWIT", "AVOCET", "SISKIN"),
)
_CHINESE = (
    *("鹌鹑", "木兰", "慕容", "欧阳", "司徒", "诸葛", "上官", "令狐"),
    *("皇甫", "尉迟", "公孙", "轩辕", "东方", "南宫", "西门", "百里"),
)


def burned_files(folder: Path, pages: int) -> tuple[list[Path], list[str]]:
    """Ultrasound images with names and numbers burned in, in both languages; the words that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    words: list[str] = []
    for page in range(pages):
        number = 7391000 + 17 * page
        lines: list[str] = []
        for row in range(4):
            latin, chinese = _LATIN[(page + 4 * row) % 16], _CHINESE[(page + 4 * row) % 16]
            record, day = f"{number + row}"[::-1], f"19{40 + page % 50}-0{1 + row}-1{page % 10}"
            lines += [f"{latin} {number + row}", f"{chinese} 住院号 {record}", f"DOB {day}"]
            words += [latin, f"{number + row}", chinese, record, day]
        paths.append(_ultrasound(folder / f"{page}.dcm", page, tuple(lines)))
    return paths, words


def _ultrasound(path: Path, page: int, lines: tuple[str, ...]) -> Path:
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    dataset, meta = Dataset(), FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    dataset.SOPClassUID, dataset.Modality = "1.2.840.10008.5.1.4.1.1.6.1", "US"
    dataset.SOPInstanceUID = f"1.2.826.0.79.{page}.1"
    dataset.StudyInstanceUID = dataset.SeriesInstanceUID = f"1.2.826.0.79.{page}"
    picture = _lettered(lines, page)
    dataset.Rows, dataset.Columns = picture.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = picture.tobytes()
    dataset.save_as(path, enforce_file_format=True)
    return path


def _lettered(lines: tuple[str, ...], page: int) -> NDArray[np.uint8]:
    import pymupdf

    width, height = 640, 480
    # Corners, and sizes from 12 to 23 pixels.
    left, top, size = (8, 430)[page % 2], (24, 40)[page // 2 % 2], 14 + page % 4
    with pymupdf.open() as document:
        sheet = document.new_page(width=width, height=height)
        for row, text in enumerate(lines):
            font = "helv" if text.isascii() else "china-s"
            at = (left, top + row * (size + 6))
            sheet.insert_text(at, text, fontsize=size, fontname=font)
        drawn = sheet.get_pixmap(colorspace=pymupdf.csGRAY)
        letters = 255 - np.frombuffer(drawn.samples, np.uint8).reshape(height, width)
    noise = np.random.default_rng(page).integers(0, 60, (height, width), dtype=np.uint8)
    return np.maximum(letters, noise)


def survivors(content: bytes, planted: Planted) -> list[tuple[str, str]]:
    """Marks that stand in some bytes, plain or in a zlib stream, with where they had been planted."""
    # Engines reserve room in their files: runs of nothing hold nothing.
    haystack = re.sub(rb"\0{8,}", b"\0\0", content + _inflated(content))
    folded = haystack.lower()
    return [
        (mark.decode(), place)
        for mark, place in planted.marks.items()
        if mark.lower() in folded or mark.decode().encode("utf-16-le") in haystack
    ]


def _inflated(content: bytes) -> bytes:
    out: list[bytes] = []
    for start in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        at = content.find(start)
        while at >= 0:
            with suppress(zlib.error):
                out.append(zlib.decompressobj().decompress(content[at:], 64 << 20))
            at = content.find(start, at + 1)
    return b"".join(out)
