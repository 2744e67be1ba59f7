import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder

from radcite.core.errors import RadciteError
from radcite.ingestion.dicom.objects import is_dicom, open_dicom, read_dicom
from radcite.ingestion.dicom.pixels import decode
from radcite.ingestion.limits import Limits
from radcite.ingestion.worker import ParserPool

LIMITS = Limits()
SHIPPED = Path(str(pydicom.__file__)).parent / "data"
SHARED = Path(__file__).parents[2] / "../shared/data/dicom"
REFUSED = {
    "DICOM_TRUNCATED": {
        *("MR_truncated.dcm", "rtplan_truncated.dcm", "no_meta_group_length.dcm"),
        *("empty_charset_LEI.dcm", "DICOMDIR-nooffset"),
        *("chrJapMulti.dcm", "chrJapMultiExplicitIR6.dcm", "chrKoreanMulti.dcm"),
    },
    "DICOM_PIXEL_DECODE": {"badVR.dcm", "JPEG2000-embedded-sequence-delimiter.dcm"},
    "DICOM_MISSING_TAG": {
        *("UN_sequence.dcm", "meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm", "priv_SQ.dcm"),
        *("chrSQEncoding.dcm", "chrSQEncoding1.dcm"),
        *(path.name for path in (SHIPPED / "palettes").glob("*.dcm")),
    },
    "UNSUPPORTED_FILE": {
        *("DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-empty.dcm", "DICOMDIR-implicit"),
        *("DICOMDIR-nopatient", "DICOMDIR-reordered"),
    },
}
NOT_IMAGES = {
    *("rtstruct.dcm", "rtplan.dcm", "reportsi.dcm", "reportsi_with_empty_number_tags.dcm"),
    *("test-SR.dcm", "waveform_ecg.dcm", "ExplVR_BigEndNoMeta.dcm", "ExplVR_LitEndNoMeta.dcm"),
}


# Lossy codecs round differently: PS3.5 prescribes no reconstruction to the last bit.
LOSSY = {f"1.2.840.10008.1.2.4.{end}" for end in (50, 51)}


@pytest.fixture(autouse=True)
def _tolerant_of_odd_files() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pydicom")
        yield


def shipped_dicom() -> list[Path]:
    # The miniature series of one folder are alike and have no pixels: one of them stands for all.
    files = sorted(path for path in SHIPPED.rglob("*") if path.is_file() and is_dicom(path))
    return [path for path in files if path.parent.name != "SE000000" or path.name == "IM000000"]


def refusal(name: str) -> str | None:
    return next((code for code, names in REFUSED.items() if name in names), None)


def own_decoding(dataset: Dataset) -> Any:
    """What pydicom decodes with its own plugins alone; None where it cannot."""
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    if not decoder.is_encapsulated:
        return decoder.as_array(dataset)[0]
    for plugin in decoder.available_plugins:
        if plugin != "imagecodecs":
            try:
                return decoder.as_array(dataset, decoding_plugin=plugin)[0]
            except RuntimeError:
                continue
    return None


def difference(one: Any, other: Any) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(np.int64) - other.astype(np.int64)).max())


async def test_every_shipped_file_is_read_or_refused_with_its_code_and_no_worker_dies() -> None:
    outcomes: dict[str, str | None] = {}
    frames: dict[str, int] = {}
    async with ParserPool(jobs=2) as pool:
        for path in shipped_dicom():
            try:
                frames[path.name] = (await pool.run(read_dicom, path)).frames
                outcomes[path.name] = None
            except RadciteError as exc:
                outcomes[path.name] = exc.code

    expected = {name: refusal(name) for name in outcomes}
    expected["IM000000"] = "DICOM_TRUNCATED"
    # A picture of large letters across its middle.
    expected["GDCMJ2K_TextGBR.dcm"] = "PHI_REVIEW"
    assert len(outcomes) > 100
    assert outcomes == expected
    assert {name for name, count in frames.items() if count == 0} == NOT_IMAGES


@pytest.mark.parametrize(
    "path", [path for path in shipped_dicom() if path.suffix], ids=lambda p: p.name
)
def test_stored_values_equal_pydicoms_own_lossy_ones_within_three(path: Path) -> None:
    try:
        dataset = open_dicom(path, LIMITS)
        decoded = decode(dataset)
    except RadciteError as exc:
        assert exc.code in {*REFUSED, "DICOM_MISSING_TAG"}  # noqa: PT017 - no image, or refused above
        return
    own = own_decoding(dataset)
    if own is not None:
        assert decoded.dtype == own.dtype
        lossy = dataset.file_meta.TransferSyntaxUID in LOSSY
        assert difference(decoded, own) <= 3 * lossy


@pytest.mark.data
@pytest.mark.skipif(not SHARED.exists(), reason="measuring data")
def test_the_measuring_files_decode_as_their_index_says() -> None:
    rows = [json.loads(line) for line in (SHARED / "index.jsonl").read_text().splitlines()]
    compared = 0
    for row in rows:
        path = SHARED / row["file"]
        if not row.get("decodes"):
            continue
        dataset = open_dicom(path, LIMITS)
        decoded, own = decode(dataset), own_decoding(dataset)
        lossy = 3 * (row["transfer_syntax"] in LOSSY)
        assert list(decoded.shape) == row["shape"]
        assert decoded.dtype == np.dtype(row["dtype"])
        assert abs(float(decoded.min()) - row["min"]) <= lossy
        assert abs(float(decoded.max()) - row["max"]) <= lossy
        assert own is None or difference(decoded, own) <= lossy
        compared += 1
    assert compared > 80
