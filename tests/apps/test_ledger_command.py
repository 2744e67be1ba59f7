"""`radcite ledger` and `radcite collections`, as they are typed."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from radcite.apps.configuration import load_settings, site_secret
from radcite.apps.upkeep.forgetting import Forgotten
from radcite.apps.upkeep.retention import expire
from radcite.apps.wiring import open_house
from radcite.core.pseudonym import pseudonym
from tests.ingestion.studio import PATIENT_ID, write_dicom, write_jsonl, write_pdf, write_png

Run = Callable[..., Any]
WORDS = ("xylographic", "quokkaform", "zymurgical")
"""One that only the case says, one of the document, one of the question."""


@pytest.fixture
def stocked(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Two patients' cases with pictures, one series, a document and a PDF; a question that cites all."""
    monkeypatch.setenv("RADCITE_ENCODERS__TEXT", "static")
    monkeypatch.setenv("RADCITE_ENCODERS__IMAGE", "classical")
    folder = tmp_path / "in"
    write_png(folder / "a.png", 1)
    write_png(folder / "b.png", 2)
    write_jsonl(
        folder / "cases.jsonl",
        [
            {
                "case_id": "case-gone",
                "patient_id": PATIENT_ID,
                "images": ["a.png"],
                "report": f"A {WORDS[0]} pleural effusion on the left.",
            },
            {"case_id": "case-kept", "images": ["b.png"], "report": "Pneumothorax on the right."},
        ],
    )
    write_jsonl(
        folder / "passages.jsonl",
        [
            {"id": "doc-gone", "text": f"A {WORDS[1]} effusion blunts the costophrenic angle."},
            {"id": "doc-kept", "text": "A pneumothorax shows a pleural line."},
        ],
    )
    for instance in (10, 11, 12):
        write_dicom(folder / "ct" / str(instance), instance=instance)
    write_pdf(folder / "guide.pdf", "Drain an empyema without delay, says the guideline.")
    run("ingest", "in")
    return run


def told(run: Run, *arguments: str, code: int = 0) -> dict[str, Any]:
    return json.loads(run(*arguments, "--json", code=code).stdout)


def swept(home: Path, *needles: str) -> list[str]:
    """Files of the home in whose name or bytes a needle stands; the audit record keeps keyed names."""
    found: list[str] = []
    for path in sorted(home.rglob("*")):
        content = path.read_bytes() if path.is_file() and "audit" not in path.name else b""
        found += [
            f"{needle} in {path.name}"
            for needle in needles
            if needle in path.name or needle.encode() in content
        ]
    return found


def hits(run: Run, query: str) -> list[str]:
    found = told(run, "search", "literature", query, "--mode", "sparse")
    return [hit["source"]["document_id"] for hit in found["hits"]]


def test_status_counts_files_and_names_those_that_are_not_indexed(
    stocked: Run, tmp_path: Path
) -> None:
    (tmp_path / "in" / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    stocked("ingest", "in", code=3)
    (one,) = told(stocked, "ledger", "status")["collections"]
    assert one["files"] == {"indexed": 6, "quarantined": 1}
    assert [(file["code"], file["kind"]) for file in one["unfinished"]] == [("PDF_DAMAGED", "pdf")]
    rows = told(stocked, "ledger", "status", "in/guide.pdf", "in/broken.pdf")["files"]
    assert [(row["file"], row["state"], row["gave"]) for row in rows] == [
        ("guide.pdf", "indexed", "1 documents"),
        ("broken.pdf", "quarantined", ""),
    ]
    shown = stocked("ledger", "status").stdout
    assert "PDF_DAMAGED" in shown


def test_a_quarantined_file_gives_nothing_until_it_is_released(stocked: Run) -> None:
    assert told(stocked, "ledger", "quarantine", "in/guide.pdf")["documents"] == 1
    report = told(stocked, "ingest", "in", code=3)
    assert [one["code"] for one in report["quarantined"]] == ["QUARANTINED"]
    assert [one["code"] for one in told(stocked, "ledger", "quarantine")["files"]] == [
        "QUARANTINED"
    ]
    again = told(stocked, "ledger", "retry", "in")
    assert (again["released"], again["report"]["documents"]) == (1, 1)


def test_forgetting_a_patient_leaves_no_byte_and_tells_what_went(
    stocked: Run, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    secret = site_secret(home)
    patient = pseudonym(secret, "patient", PATIENT_ID)
    study = pseudonym(secret, "study", "1.2.826.0.1.3680043.8.1")
    stocked("ingest", "in/a.png")
    stocked(
        "ask", f"{WORDS[2]} pleural effusion on the left?", "--patient", "other", "--thread", "t"
    )
    assert swept(home, WORDS[0], patient, study, "case-gone")
    planned = told(stocked, "ledger", "forget", "--patient", PATIENT_ID, "--dry-run")
    # The case, the study, and the picture that was also taken by itself.
    assert (planned["cases"], planned["dry_run"]) == (3, True)
    done = told(stocked, "ledger", "forget", "--patient", PATIENT_ID)
    assert {**planned, "dry_run": False} == done
    # The picture and the three slices of the series.
    assert (done["images"], done["files"]) == (4, 4)
    assert swept(home, WORDS[0], patient, study, "case-gone") == []
    found = told(stocked, "search", "cases", "pneumothorax")
    assert "case-kept" in [hit["source"]["case_id"] for hit in found["hits"]]
    assert told(stocked, "ledger", "forget", "--patient", PATIENT_ID, code=2)["code"] == "NOT_FOUND"


def test_forgetting_a_document_takes_the_answers_that_cite_it(stocked: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    stocked("ask", f"Which angle does a {WORDS[1]} effusion blunt?", "--thread", "t")
    assert swept(home, WORDS[1])
    done = told(stocked, "ledger", "forget", "--document", "doc-gone")
    assert (done["documents"], done["points"]) == (1, 1)
    assert swept(home, WORDS[1], "doc-gone") == []
    assert hits(stocked, "pneumothorax pleural line") == ["doc-kept"]
    (stats,) = told(stocked, "index", "stats")["collections"]
    assert (stats["documents"], stats["waiting"]) == (2, False)


def test_forgetting_a_pdf_takes_its_pages(stocked: Run, tmp_path: Path) -> None:
    pages = tmp_path / "home" / "pages"
    (page,) = [path for path in pages.rglob("*") if path.is_file()]
    done = told(stocked, "ledger", "forget", "--document", f"sha256:{page.name}")
    assert (done["pages"], done["files"]) == (1, 1)
    assert swept(tmp_path / "home", page.name) == []


def test_a_collection_is_listed_and_removed_whole(stocked: Run, tmp_path: Path) -> None:
    stocked("ingest", "in/passages.jsonl", "--collection", "other")
    names = [one["name"] for one in told(stocked, "collections", "ls")["collections"]]
    assert names == ["default", "other"]
    planned = told(stocked, "collections", "rm", "default", "--dry-run")
    assert planned["cases"] == 3
    done = told(stocked, "collections", "rm", "default")
    assert done["collections"] == ["default"]
    home = tmp_path / "home"
    assert swept(home, WORDS[0], "case-kept", "case-gone") == []
    assert list((home / "images").rglob("*.png")) == []
    names = [one["name"] for one in told(stocked, "collections", "ls")["collections"]]
    assert names == ["other"]
    told(stocked, "collections", "rm", "default", code=2)


def test_what_is_older_than_the_configuration_allows_expires(
    stocked: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(stocked, "ledger", "expire")["cases"] == 0
    with sqlite3.connect(tmp_path / "home" / "ledger.sqlite") as db:
        db.execute("UPDATE cases SET stored = '2001-01-01T00:00:00+00:00' WHERE id = 'case-gone'")
    db.close()
    monkeypatch.setenv("RADCITE_RETENTION__CASES_DAYS", "30")
    assert told(stocked, "ledger", "expire", "--dry-run")["cases"] == 1
    assert told(stocked, "ledger", "expire")["cases"] == 1
    assert swept(tmp_path / "home", "case-gone", WORDS[0]) == []


def test_a_target_must_be_named(run: Run) -> None:
    assert told(run, "ledger", "forget", code=2)["code"] == "VALIDATION"


def stored(home: Path, path: Path) -> bool:
    """Whether the pixels of a file lie in the data folder."""
    return any((home / "images").rglob(f"{sha256(path.read_bytes()).hexdigest()}.*"))


def write_like(path: Path, copy: Path) -> None:
    """Another file of the same look."""
    with Image.open(path) as image:
        image.save(copy, compress_level=0)
    assert copy.read_bytes() != path.read_bytes()


def test_the_pixels_of_an_asked_image_go_with_the_last_that_asked_about_it(
    stocked: Run, tmp_path: Path
) -> None:
    home, asked, case = tmp_path / "home", tmp_path / "asked.png", tmp_path / "in" / "b.png"
    write_like(tmp_path / "in" / "a.png", asked)
    stocked("search", "cases", "--image", "asked.png")
    assert not stored(home, asked)
    for patient in ("Q-1", "Q-2"):
        stocked("ask", "--image", "asked.png", "--image", "in/b.png", "--patient", patient)
        assert stored(home, asked)
    planned = told(stocked, "ledger", "forget", "--patient", "Q-1", "--dry-run")
    done = told(stocked, "ledger", "forget", "--patient", "Q-1")
    assert {**planned, "dry_run": False} == done
    assert (done["threads"], done["images"]) == (1, 0)
    assert stored(home, asked)
    assert told(stocked, "ledger", "forget", "--patient", "Q-2")["images"] == 1
    assert not stored(home, asked)
    assert stored(home, case)
    assert told(stocked, "ledger", "forget", "--patient", "Q-2", code=2)["code"] == "NOT_FOUND"


def test_a_conversation_is_forgotten_by_its_id_and_expires_with_its_images(
    stocked: Run, tmp_path: Path
) -> None:
    home, asked = tmp_path / "home", tmp_path / "asked.png"
    write_like(tmp_path / "in" / "a.png", asked)
    stocked("ask", "--image", "asked.png", "--thread", "t")
    assert stored(home, asked)
    assert told(stocked, "ledger", "forget", "--thread", "t")["images"] == 1
    assert not stored(home, asked)
    stocked("ask", "--image", "asked.png")

    async def at(days: int) -> Forgotten:
        settings = load_settings({"home": home, "retention": {"threads_days": 30}})
        async with open_house(settings) as house:
            return await expire(house, at=datetime.now(UTC) + timedelta(days=days))

    assert asyncio.run(at(29)).nothing
    assert stored(home, asked)
    expired = asyncio.run(at(31))
    assert (expired.threads, expired.images) == (1, 1)
    assert not stored(home, asked)
