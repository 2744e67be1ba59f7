"""Files to ingest, made by the suite, and a house of fakes to ingest them into."""

import json
import zipfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from radcite.backends.fakes import FlatImageEncoder, HashingTextEncoder
from radcite.backends.images.files import FileImages
from radcite.backends.images.viewing import FilePages
from radcite.backends.index.qdrant_edge import EdgeIndex
from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.tokens import Tokenizer
from radcite.ingestion.ingest import Ingestor
from radcite.ingestion.report import IngestReport
from radcite.ingestion.worker import ParserPool
from radcite.ingestion.writer import Encoders
from radcite.tools.cases import CaseSearch
from radcite.tools.hybrid import HybridSearch
from radcite.tools.literature import LiteratureSearch

__all__ = [
    "PATIENT_ID",
    "PATIENT_NAME",
    "SECRET",
    "Studio",
    "open_studio",
    "write_dicom",
    "write_everything",
    "write_jsonl",
    "write_pdf",
    "write_png",
]

PATIENT_NAME = "ZEBRAFISH^QUENTIN"
PATIENT_ID = "MRN-7391155"
SECRET = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Studio:
    home: Path
    ledger: SqliteLedger
    index: EdgeIndex
    text: HashingTextEncoder
    image: FlatImageEncoder
    sparse: Bm25Encoder
    images: FileImages
    ingestor: Ingestor

    async def take(self, *paths: Path) -> IngestReport:
        return await self.ingestor(paths, "default")

    @property
    def search(self) -> HybridSearch:
        return HybridSearch(self.index, self.ledger, self.sparse, self.text)

    @property
    def literature(self) -> LiteratureSearch:
        return LiteratureSearch(self.search, self.images, self.image)

    @property
    def cases(self) -> CaseSearch:
        return CaseSearch(self.search, self.index, self.images, self.image)


@asynccontextmanager
async def open_studio(
    home: Path, text: HashingTextEncoder | None = None, *, pages: bool = False
) -> AsyncGenerator[Studio]:
    home.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a scratch folder
    ledger = SqliteLedger(home / "ledger.sqlite")
    index = EdgeIndex(home / "index")
    sparse = Bm25Encoder(Tokenizer(["磨玻璃结节"]), ledger)
    text, image, images = (
        text or HashingTextEncoder(),
        FlatImageEncoder(),
        FileImages(home / "images"),
    )
    async with ParserPool() as pool:
        ingestor = Ingestor(
            ledger,
            index,
            Encoders(sparse, text, image),
            images,
            pool,
            SECRET,
            pages=FilePages(home / "pages") if pages else None,
        )
        yield Studio(home, ledger, index, text, image, sparse, images, ingestor)
    await index.close()
    await ledger.close()


def write_jsonl(path: Path, records: Sequence[Mapping[str, object] | str]) -> Path:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def write_png(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 20), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def write_dicom(path: Path, *, instance: int, study: int = 1, seed: int | None = None) -> Path:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    path.parent.mkdir(parents=True, exist_ok=True)
    dataset, meta = Dataset(), FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = (
        f"1.2.826.0.1.3680043.9.{study}.{instance}"
    )
    dataset.StudyInstanceUID = f"1.2.826.0.1.3680043.8.{study}"
    dataset.SeriesInstanceUID = f"1.2.826.0.1.3680043.7.{study}.{instance // 10}"
    dataset.PatientName, dataset.PatientID = PATIENT_NAME, PATIENT_ID
    dataset.PatientBirthDate, dataset.Modality = "19610203", "CT"
    dataset.InstanceNumber, dataset.BodyPartExamined = instance, "CHEST"
    dataset.ImagePositionPatient = [0, 0, instance]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 16, 12, 1
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    made = np.random.default_rng(instance if seed is None else seed)
    dataset.PixelData = made.integers(0, 4000, (16, 12), dtype=np.uint16).tobytes()
    dataset.file_meta = meta
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_pdf(path: Path, text: str) -> Path:
    import pymupdf

    with pymupdf.open() as document:
        document.new_page().insert_textbox((60, 60, 500, 700), text, fontsize=11)
        document.save(path)
    return path


def write_everything(folder: Path) -> Path:
    """One of each kind that is read."""
    folder.mkdir(parents=True)
    write_jsonl(
        folder / "passages.jsonl",
        [
            {"id": "1", "title": "Nodules", "text": "A solid nodule of 8 mm needs follow-up."},
            {"id": "2", "text": "磨玻璃结节应在三个月后复查。", "language": "zh"},
        ],
    )
    write_png(folder / "img" / "a.png", 1)
    write_jsonl(
        folder / "cases.jsonl",
        [
            {
                "case_id": "1",
                "patient_id": PATIENT_ID,
                "images": ["img/a.png", "img/a.png"],
                "report": "Small effusion.",
            },
            {
                "case_id": "c2",
                "report": "Cardiomegaly without effusion.",
                "diagnosis": "heart failure",
            },
        ],
    )
    write_pdf(
        folder / "guide.pdf", "Pleural effusion guideline.\n\nDrain an empyema without delay."
    )
    (folder / "copy.pdf").write_bytes((folder / "guide.pdf").read_bytes())
    (folder / "note.md").write_text(
        "# Pneumothorax\n\nA tension pneumothorax is decompressed at once.\n"
    )
    for instance in (10, 11, 12, 20):
        write_dicom(folder / "ct" / f"I{instance}", instance=instance)
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        for instance in (30, 31):
            part = write_dicom(
                folder.parent / "zipped" / f"{instance}.dcm", instance=instance, study=2
            )
            archive.write(part, f"{PATIENT_NAME}/{instance}.dcm")
    return folder
