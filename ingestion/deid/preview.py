"""What the privacy gate would do to a file, with the values before and after."""

import warnings
from dataclasses import dataclass
from pathlib import Path

from radcite.ingestion.deid.dataset import Change, clean_dataset
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.deid.profile import load_profile
from radcite.ingestion.dicom.objects import open_dicom
from radcite.ingestion.limits import Limits

__all__ = ["Preview", "preview_dicom"]


@dataclass(frozen=True, slots=True)
class Preview:
    """The profile's name, the codes of CID 7050 that a cleaned file declares, and every change."""

    profile: str
    codes: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]


def preview_dicom(path: Path, limits: Limits, gate: Gate) -> Preview:
    """The changes to one DICOM file, which is read and nothing else. Meant for a worker process.

    Raises:
        RadciteError: As `open_dicom` and `load_profile`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = open_dicom(path, limits)
        profile = load_profile(gate.settings.profile)
        return Preview(profile.name, profile.codes, clean_dataset(dataset, gate, tell=True).changes)
