"""The queue of held images on the command line: listed, decided about by name, on record."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pymupdf
from pydicom.data import get_testdata_file

from radcite.apps.configuration import load_settings
from radcite.apps.stores import phi_reviews_of
from radcite.core.phi_review import HeldImage, HeldPlace

KEY = "ab" * 32
DOUBTFUL = "Film on Thursday. Nadia in cardiac physiology has the card."


def _hold(home: Path) -> None:
    async def hold() -> None:
        reviews = phi_reviews_of(load_settings({"home": home}))
        place = HeldPlace(frame=0, box=(1, 2, 30, 40), score=0.3, verdict="hold")
        await reviews.hold(HeldImage(key=KEY, places=(place,), held_at="2026-01-01T00:00:00"))
        await reviews.close()

    asyncio.run(hold())


def test_a_decision_needs_a_reason_is_kept_with_its_name_and_on_record(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    _hold(tmp_path / "home")
    [waiting] = json.loads(run("review", "phi", "ls", "--json").stdout)["images"]
    assert waiting["key"] == KEY
    run("review", "phi", "release", KEY[:12], "--by", "lin", "--reason", " ", code=2)
    told = json.loads(
        run(
            "review", "phi", "release", KEY[:12], "--by", "lin", "--reason", "seen", "--json"
        ).stdout
    )
    assert (told["decision"], told["user"], told["reason"]) == ("masked", "lin", "seen")
    assert json.loads(run("review", "phi", "ls", "--json").stdout)["images"] == []
    assert "[1, 2, 30, 40]" in run("review", "phi", "show", KEY).stdout
    assert "phi masked" in run("audit", "export").stdout


def test_an_unknown_key_is_not_found(run: Callable[..., Any]) -> None:
    assert (
        "NOT_FOUND"
        in run("review", "phi", "reject", "x", "--by", "a", "--reason", "b", code=2).stderr
    )


def test_a_held_pdf_shows_its_words_and_is_let_in_as_it_is_alone(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    told = "Radiology report\nPatient name: Jane Roe\nMRN: 7391155\nDate of birth: 03/04/1961"
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), told, fontsize=11)
        document.save(tmp_path / "report.pdf")
    run("ingest", "report.pdf", code=3)
    [waiting] = json.loads(run("review", "phi", "ls", "--json").stdout)["images"]
    key = waiting["key"][:12]
    assert "Patient name: [Jane Roe" in run("review", "phi", "show", key, "report.pdf").stdout
    decided = ("review", "phi", "release", key, "--by", "lin", "--reason", "published")
    refused = run(*decided, code=2).stderr
    assert "nothing is masked in a PDF" in refused
    assert "PDF 不能遮盖" in refused
    assert "phi masked" not in run("audit", "export").stdout
    run(*decided, "--as-it-is")
    assert json.loads(run("ingest", "report.pdf", "--json").stdout)["documents"] == 1


def test_a_held_dicom_object_shows_the_words_in_doubt(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(str(get_testdata_file("reportsi.dcm", download=False)))
    item = pydicom.Dataset()
    item.ValueType, item.TextValue, item.RelationshipType = "TEXT", DOUBTFUL, "CONTAINS"
    dataset.ContentSequence.append(item)
    dataset.save_as(tmp_path / "report.dcm")
    run("ingest", "report.dcm", code=3)
    [waiting] = json.loads(run("review", "phi", "ls", "--json").stdout)["images"]
    word = waiting["words"][0]
    assert word["field"] == "text"
    shown = run("review", "phi", "show", waiting["key"], "report.dcm").stdout
    assert "Film on Thursday. [Nadia] in cardiac physiology" in shown
    (tmp_path / "other.dcm").write_bytes((tmp_path / "report.dcm").read_bytes() + b"\0\0")
    other = run("review", "phi", "show", waiting["key"], "other.dcm", code=2).stderr
    assert "another file" in other
