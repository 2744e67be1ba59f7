"""Pictures with lettering, in both languages, made without any font of the system."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

__all__ = ["lettered", "write_ultrasound"]


def lettered(
    *lines: tuple[float, float, float, str], width: int = 640, height: int = 480, seed: int = 1
) -> NDArray[np.uint8]:
    """Light lettering on dark noise: each line is x, y, size in pixels and its text."""
    import pymupdf

    with pymupdf.open() as document:
        page = document.new_page(width=width, height=height)
        for x, y, size, text in lines:
            font = "helv" if text.isascii() else "china-s"
            page.insert_text((x, y), text, fontsize=size, fontname=font)
        drawn = page.get_pixmap(colorspace=pymupdf.csGRAY)
        letters = 255 - np.frombuffer(drawn.samples, np.uint8).reshape(height, width)
    noise = np.random.default_rng(seed).integers(0, 40, (height, width), dtype=np.uint8)
    return np.maximum(letters, noise)


def write_ultrasound(path: Path, *frames: NDArray[np.uint8], modality: str = "US") -> Path:
    """Grey frames of sixteen bits with a rescale, so that shown and stored values differ."""
    dataset, meta = Dataset(), FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.6.1"
    dataset.SOPInstanceUID, dataset.StudyInstanceUID = "1.2.3.4.5", "1.2.3.4"
    dataset.SeriesInstanceUID, dataset.Modality = "1.2.3.4.1", modality
    dataset.PatientID = "MRN-1"
    dataset.Rows, dataset.Columns = frames[0].shape
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.RescaleSlope, dataset.RescaleIntercept = 2, -10
    dataset.PixelData = (np.stack(frames).astype(np.uint16) * 8 + 100).tobytes()
    dataset.save_as(path, enforce_file_format=True)
    return path
