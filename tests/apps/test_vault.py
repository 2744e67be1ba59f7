"""The identity vault: off by default, sealed with a key that lies elsewhere, opened for signed exports alone."""

import base64
import json
import sqlite3
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pymupdf
import pytest
from pydicom.data import get_testdata_file

from radcite.apps.stores import vault_of
from radcite.backends.state.vault_key import VaultKey
from radcite.core.errors import RadciteError
from radcite.core.pseudonym import pseudonym
from radcite.core.vault import Original
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.limits import Limits

Run = Callable[..., Any]
PATIENT = "MRN-90417"


def presented(bundle: dict[str, Any]) -> str:
    """The text that the report of a bundle carries."""
    (report,) = (
        one["resource"]
        for one in bundle["entry"]
        if one["resource"]["resourceType"] == "DiagnosticReport"
    )
    (form,) = report["presentedForm"]
    return base64.b64decode(form["data"]).decode()


@pytest.fixture
def key_file(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "vault.key"
    run("vault", "init", str(path))
    monkeypatch.setenv("RADCITE_VAULT__KEY_FILE", str(path))
    return path


def signed(run: Run, tmp_path: Path) -> str:
    case = {"case_id": "c", "report": "Left pleural effusion.", "patient_id": "MRN-78"}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case), "utf-8")
    run("ingest", "cases.jsonl", "--json")
    asked = ("ask", "Left pleural effusion on a chest radiograph", "--task", "caption")
    report = json.loads(run(*asked, "--patient", PATIENT, "--json").stdout)["review"]["report_id"]
    run("report", "export", report, "--identified", code=2)
    run("report", "decide", report, "accept", "F1")
    run("report", "sign", report, "--signer", "Dr Ann Lee")
    return report


def test_a_signed_report_alone_names_its_patient_and_each_time_is_on_record(
    run: Run, tmp_path: Path, key_file: Path
) -> None:
    report = signed(run, tmp_path)
    assert json.loads(run("vault", "status", "--json").stdout) == {
        "schema": "radcite.vault/1",
        "on": True,
        "patients": 2,
    }
    assert "Pseudonymous" in run("report", "export", report).stdout
    named = run("report", "export", report, "--identified").stdout
    assert PATIENT in named
    assert "Pseudonymous" not in named
    bundle = json.loads(run("report", "export", report, "--identified", "--format", "fhir").stdout)
    assert PATIENT in json.dumps(bundle)
    assert "PSEUDED" not in json.dumps(bundle)
    r4 = json.loads(run("report", "export", report, "--identified", "--format", "fhir-r4").stdout)
    for made in (bundle, r4):
        assert presented(made).count(PATIENT) == 1
        assert "Pseudonym" not in presented(made) + json.dumps(made)
        assert "pseudonym" not in presented(made)
    run("report", "export", report, "--identified", "--format", "sr", code=2)
    out = tmp_path / "report.pdf"
    run("report", "export", report, "--identified", "--format", "pdf", "--out", str(out))
    with pymupdf.open(out) as document:
        assert PATIENT in document[0].get_text()
    told = [json.loads(line)["event"] for line in run("audit", "export").stdout.splitlines()]
    opened = [one["detail"] for one in told if str(one["detail"]).startswith("identity")]
    assert opened == [
        "identity md",
        "identity fhir",
        "identity fhir-r4",
        "identity sr",
        "identity pdf",
    ]
    assert PATIENT not in json.dumps(told)
    home = tmp_path / "home"
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert PATIENT.encode() not in kept
    assert key_file.read_text() not in kept.decode("latin-1")


def test_forgetting_a_patient_takes_the_row_out_even_when_the_vault_is_off(
    run: Run, tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_file.stat().st_mode & 0o777 == 0o600
    signed(run, tmp_path)
    monkeypatch.delenv("RADCITE_VAULT__KEY_FILE")
    assert "off" in run("vault", "status").stdout
    told = json.loads(run("ledger", "forget", "--patient", "MRN-78", "--json").stdout)
    assert told["identities"] == 1
    left = sqlite3.connect(tmp_path / "home/vault.sqlite").execute("SELECT count(*) FROM sealed")
    assert left.fetchone() == (1,)


def test_the_key_does_not_lie_in_the_data_folder(run: Run, tmp_path: Path) -> None:
    told = run("vault", "init", str(tmp_path / "home/vault.key"), code=2)
    assert "CONFIG_INVALID" in told.stderr


def test_without_a_vault_nothing_is_kept_and_no_export_names_anybody(
    run: Run, tmp_path: Path
) -> None:
    report = signed(run, tmp_path)
    assert "CONFIG_INVALID" in run("report", "export", report, "--identified", code=2).stderr
    assert json.loads(run("vault", "status", "--json").stdout)["patients"] == 0


def test_the_worker_seals_what_the_header_says_and_no_other_key_opens_it(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    dataset.PatientID, dataset.PatientName, dataset.PatientBirthDate = "Q1", "Roe^Jane", "19491231"
    content = BytesIO()
    dataset.save_as(content)
    path = tmp_path / "a.dcm"
    path.write_bytes(content.getvalue())
    key, secret = VaultKey(b"v" * 32), b"k" * 32
    one = read_dicom(path, Limits(), Gate(secret, vault_key=key))
    name = pseudonym(secret, "patient", "Q1")
    assert one.sealed is not None
    assert b"Roe" not in one.sealed
    told = key.opened(name, one.sealed)
    assert told == Original(patient_id="Q1", name="Roe^Jane", birth_date="19491231")
    for opener, owner in ((VaultKey(b"w" * 32), name), (key, "P-0000000000000000")):
        with pytest.raises(RadciteError, match="another key"):
            opener.opened(owner, one.sealed)
    assert read_dicom(path, Limits(), Gate(secret)).sealed is None


async def test_a_richer_identity_stays_and_a_removed_one_leaves_no_byte(tmp_path: Path) -> None:
    vault = vault_of(tmp_path)
    await vault.keep("P-1", b"rich", over=True)
    await vault.keep("P-1", b"poor", over=False)
    assert await vault.sealed("P-1") == b"rich"
    assert await vault.forget(["P-1", "P-2"]) == 1
    await vault.close()
    assert b"rich" not in (tmp_path / "vault.sqlite").read_bytes()
