import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydicom.data import get_testdata_file

CT = str(get_testdata_file("CT_small.dcm", download=False))


def test_deid_shows_before_and_after_and_writes_nothing(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    before = Path(CT).read_bytes()
    document = json.loads(run("deid", CT, "--json").stdout)
    assert document["schema"] == "radcite.deid/1"
    [file] = document["files"]
    shown = {change["name"]: change for change in file["changes"]}
    assert shown["PatientName"]["before"] == "CompressedSamples^CT1"
    assert shown["PatientName"]["after"].startswith("P-")
    assert shown["StudyInstanceUID"]["after"].startswith("2.25.")
    assert not list(tmp_path.iterdir())
    assert Path(CT).read_bytes() == before


def test_deid_names_what_it_cannot_read_and_shows_the_rest(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("no DICOM")
    out = run("deid", str(note), CT, code=3).stdout
    assert "UNSUPPORTED_FILE" in out
    assert "private attributes removed" in out
