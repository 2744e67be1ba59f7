"""The text of a held file, in which a reviewer is shown the words that are in doubt."""

import warnings
from pathlib import Path

from radcite.ingestion.dicom.content import content_text
from radcite.ingestion.dicom.objects import is_dicom, open_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf

__all__ = ["held_text"]


def held_text(path: Path, limits: Limits) -> str:
    """The words of a PDF or a DICOM object, as the gate read them when it held the file.

    They may identify the patient and are for the reviewer's own eyes. Meant for a worker process.

    Raises:
        RadciteError: As `read_pdf` and `open_dicom`.
    """
    if not is_dicom(path):
        return read_pdf(path, limits, with_figures=False).text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return content_text(open_dicom(path, limits), limits)[: limits.text_bytes]
