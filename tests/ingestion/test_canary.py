"""A small canary sweep: identifiers planted everywhere in a file, then every byte that was kept is searched."""

from pathlib import Path

import pydicom
import pytest

from bench.planted import planted_header, survivors
from radcite.ingestion.deid.dataset import clean_dataset
from radcite.ingestion.deid.keys import Gate
from tests.ingestion.studio import open_studio

# What is planted is not always of its attribute's form.
pytestmark = pytest.mark.filterwarnings("ignore")


async def test_none_of_six_hundred_planted_identifiers_is_kept(tmp_path: Path) -> None:
    dataset, planted = planted_header()
    source = tmp_path / "QUOKKA.dcm"
    dataset.save_as(source)
    assert len(planted) >= 600
    assert len(survivors(source.read_bytes(), planted)) == len(planted)
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(source)
        assert (report.cases, report.images, report.quarantined) == (1, 1, ())
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    found = [survivors(path.read_bytes() + path.name.encode(), planted) for path in kept]
    assert not any(found)

    clean_dataset(dataset, Gate(b"k" * 32))
    dataset.save_as(tmp_path / "clean.dcm")
    assert survivors((tmp_path / "clean.dcm").read_bytes(), planted) == []


def test_a_hundred_files_still_refer_to_each_other_after_cleaning(tmp_path: Path) -> None:
    shipped = sorted((Path(pydicom.__file__).parent / "data").rglob("*.dcm"))
    paths = [path for path in shipped if path.stat().st_size < 600_000]
    gate, before, after, cleaned = Gate(b"k" * 32), [], [], 0
    for path in paths:
        try:
            dataset = pydicom.dcmread(path)
            first = _uids(dataset)
            clean_dataset(dataset, gate)
            written = tmp_path / "a.dcm"
            dataset.save_as(written)
            second = _uids(pydicom.dcmread(written))
        except Exception:  # noqa: BLE001, S112 - files broken on purpose, which `open_dicom` refuses
            continue
        cleaned += 1
        before += first
        after += second
    assert cleaned >= 100
    mapping = dict(zip(before, after, strict=True))
    assert [mapping[uid] for uid in before] == after
    assert len(set(mapping.values())) == len(mapping)
    # The standard's own frames of reference are nobody's.
    assert all(uid.startswith(("2.25.", "1.2.840.10008.")) for uid in mapping.values())


def _uids(dataset: pydicom.Dataset) -> list[str]:
    """Identities and references that survive a cleaning, in order of a walk."""
    kept = {"SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"}
    kept |= {"ReferencedSOPInstanceUID"}
    top = [str(dataset[name].value) for name in sorted(kept) if dataset.get(name)]
    deep = [
        str(one.ReferencedSOPInstanceUID)
        for name in ("ReferencedImageSequence", "SourceImageSequence")
        for one in dataset.get(name) or ()
        if one.get("ReferencedSOPInstanceUID")
    ]
    return top + deep
