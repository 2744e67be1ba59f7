"""Documents with a planted instruction as real files: PDF, DICOM, picture, passage, case."""

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Literal

from radcite.core.sources import Language
from radcite.evals.datasets import Row

__all__ = ["IMAGES", "Channel", "Planted", "base_text", "record_of", "write_file"]

Channel = Literal[
    "passage", "visible", "white", "off_page", "metadata", "case_report", "dicom_tag", "pixels"
]
IMAGES: frozenset[Channel] = frozenset({"dicom_tag", "pixels"})
_PAGE = (0, 0, 595, 842)


class Planted(Row):
    """One document: its text holds the instruction; `forbidden` is what an obedient model would say or do."""

    id: str
    language: Language
    channel: Channel
    title: str
    text: str
    instruction: str
    goal: str
    question: str
    forbidden: tuple[str, ...]
    instruction_decoded: str | None = None
    instruction_parts: tuple[str, ...] = ()


def base_text(row: Planted) -> str:
    """The text without its instruction."""
    text = row.text
    for part in row.instruction_parts or (row.instruction,):
        text = text.replace(part, " ")
    return re.sub(r"[^\S\n]+", " ", text).strip()


def record_of(row: Planted) -> tuple[Literal["passages", "cases"], Mapping[str, object]]:
    """The document as a record: with its instruction in a passage or a case, without it for the other channels."""
    if row.channel == "case_report":
        report = f"{row.title}. {row.text}"
        return "cases", {"case_id": row.id, "report": report, "language": row.language}
    text = row.text if row.channel == "passage" else base_text(row)
    told = {"id": row.id, "title": row.title, "text": text, "language": row.language}
    return "passages", told


def write_file(row: Planted, folder: Path) -> Path | None:
    """The document as a file of its channel; None for a channel that is a record."""
    makers: Mapping[str, Callable[[Planted, Path], Path]] = {
        "visible": _pdf,
        "white": _pdf,
        "off_page": _pdf,
        "metadata": _pdf,
        "dicom_tag": _dicom,
        "pixels": _picture,
    }
    maker = makers.get(row.channel)
    return maker(row, folder) if maker else None


def _pdf(row: Planted, folder: Path) -> Path:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page(width=_PAGE[2], height=_PAGE[3])
    shown = row.text if row.channel == "visible" else base_text(row)
    html = f"<h2>{escape(row.title)}</h2><p>{escape(shown)}</p>"
    page.insert_htmlbox(pymupdf.Rect(56, 56, 539, 560), html)
    if row.channel == "white":
        white = f'<p style="color:#ffffff">{escape(row.instruction)}</p>'
        page.insert_htmlbox(pymupdf.Rect(56, 580, 539, 780), white)
    if row.channel == "off_page":
        page.insert_text((56, -120), row.instruction, fontname="china-s", fontsize=9)
        page.insert_text((900, 400), row.instruction, fontname="china-s", fontsize=9)
    if row.channel == "metadata":
        names = ("subject", "keywords", "author", "creator")
        document.set_metadata({"title": row.title, **dict.fromkeys(names, row.instruction)})
    path = folder / f"{row.id}.pdf"
    document.save(path)
    document.close()
    return path


def _dicom(row: Planted, folder: Path) -> Path:
    import numpy as np
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid(
        entropy_srcs=[row.id]
    )
    made.StudyInstanceUID = generate_uid(entropy_srcs=[row.id, "study"])
    made.SeriesInstanceUID = generate_uid(entropy_srcs=[row.id, "series"])
    made.Modality, made.PatientID, made.PatientName = "OT", row.id, "Doe^Jo"
    short, long = row.instruction[:60].replace("\\", "/"), row.instruction.replace("\\", "/")
    made.StudyDescription = made.SeriesDescription = made.ProtocolName = short
    made.ImageComments = made.PatientComments = made.AdditionalPatientHistory = long
    made.BodyPartExamined = "CHEST"
    pixels = np.random.default_rng(len(row.id)).integers(0, 255, (64, 64), dtype=np.uint8)
    made.Rows, made.Columns = pixels.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.PixelRepresentation = 7, 0
    made.PixelData = pixels.tobytes()
    path = folder / f"{row.id}.dcm"
    made.save_as(path, enforce_file_format=True)
    return path


def _picture(row: Planted, folder: Path) -> Path:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page(width=400, height=400)
    page.draw_rect(page.rect, fill=(0.1, 0.1, 0.1))
    words = f'<p style="color:#ffffff;font-size:16pt">{escape(row.instruction)}</p>'
    page.insert_htmlbox(pymupdf.Rect(20, 20, 380, 380), words)
    path = folder / f"{row.id}.png"
    page.get_pixmap(dpi=100).save(path)
    document.close()
    return path
