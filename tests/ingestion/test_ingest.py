import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pydicom
import pytest

from radcite.backends.fakes import HashingTextEncoder
from radcite.core.errors import DependencyDown, RadciteError
from radcite.ingestion.ingest import Ingestor
from radcite.ingestion.sync import rebuild_index
from radcite.tools.cases import CaseRequest
from radcite.tools.literature import LiteratureRequest
from tests.ingestion.studio import (
    PATIENT_ID,
    PATIENT_NAME,
    Studio,
    open_studio,
    write_dicom,
    write_everything,
    write_jsonl,
    write_png,
)

QUERIES = ("effusion", "nodule follow-up", "tension pneumothorax", "磨玻璃结节")


async def hits(studio: Studio) -> list[list[tuple[str, float]]]:
    found = []
    for query in QUERIES:
        literature = await studio.literature(LiteratureRequest(query=query))
        cases = await studio.cases(CaseRequest(query=query))
        found += [
            [(one.source.searched_text(), round(one.score, 6)) for one in hit]
            for hit in (literature, cases)
        ]
    return found


def point_ids(home: Path) -> list[str]:
    with sqlite3.connect(home / "ledger.sqlite") as db:
        ids = [row[0] for row in db.execute("SELECT id FROM points ORDER BY id")]
    db.close()
    return ids


async def test_every_kind_of_file_is_taken_and_a_second_run_adds_nothing(tmp_path: Path) -> None:
    folder = write_everything(tmp_path / "in")
    async with open_studio(tmp_path / "home") as studio:
        first = await studio.take(folder)
        assert first.quarantined == ()
        assert (first.documents, first.cases) == (4, 4)
        assert first.skipped == 1
        assert first.optimize_seconds is None
        before, encoded = point_ids(tmp_path / "home"), studio.text.encoded
        second = await studio.take(folder)
        assert (second.documents, second.passages, second.cases, second.images) == (0, 0, 0, 0)
        assert second.quarantined == ()
        assert point_ids(tmp_path / "home") == before
        assert studio.text.encoded == encoded
        assert await studio.index.count("default") == len(before)


async def test_a_picture_that_a_list_of_cases_names_is_no_case_of_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_png(folder / "images" / "a.png", 1)
    write_png(folder / "images" / "b.png", 2)
    record = {
        "case_id": "c1",
        "patient_id": "p1",
        "images": ["images/a.png"],
        "report": "Effusion.",
    }
    write_jsonl(folder / "cases.jsonl", [record])
    async with open_studio(tmp_path / "home") as studio:
        taken = await studio.take(folder)
        assert taken.quarantined == ()
        assert taken.cases == 2
        with sqlite3.connect(tmp_path / "home" / "ledger.sqlite") as db:
            ids = {row[0] for row in db.execute("SELECT id FROM cases")}
        db.close()
        assert "c1" in ids
        assert sum(each.startswith("image-") for each in ids) == 1


async def test_a_document_and_a_case_of_one_id_do_not_replace_each_other(tmp_path: Path) -> None:
    folder = write_everything(tmp_path / "in")
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(folder)
        assert await studio.ledger.document("default", "1") is not None
        assert await studio.ledger.case("default", "1") is not None


async def test_no_byte_of_the_home_names_the_patient(tmp_path: Path) -> None:
    from PIL import Image

    folder = write_everything(tmp_path / "in")
    odd = folder / f"scan.{PATIENT_NAME}"
    odd.write_bytes(b"\x01\x02neither")
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(folder)
        assert [one.code for one in report.quarantined] == ["UNSUPPORTED_FILE"]
    names = [PATIENT_NAME, PATIENT_ID, *PATIENT_NAME.split("^"), "19610203", "1.2.826.0.1.3680043"]
    needles = [coded for name in names for coded in (name.encode(), name.encode("utf-16-le"))]
    for path in (tmp_path / "home").rglob("*"):
        assert not any(name.encode() in str(path).encode() for name in names)
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".png":
                with Image.open(path) as image:
                    assert not image.info
                    content += image.tobytes()
            assert not any(needle in content for needle in needles), path


async def test_a_changed_document_supersedes_its_old_passages(tmp_path: Path) -> None:
    path = tmp_path / "passages.jsonl"
    async with open_studio(tmp_path / "home") as studio:
        write_jsonl(
            path, [{"id": "a", "text": "Old words about gout."}, {"id": "b", "text": "Asthma."}]
        )
        await studio.take(path)
        write_jsonl(
            path, [{"id": "a", "text": "New words about lupus."}, {"id": "b", "text": "Asthma."}]
        )
        report = await studio.take(path)
        assert (report.documents, report.skipped) == (1, 1)
        found = await studio.literature(LiteratureRequest(query="gout", mode="sparse"))
        assert [hit.source.searched_text() for hit in found] == []
        assert await studio.ledger.document_count("default") == 2
        assert await studio.index.count("default") == 2


async def test_a_nul_in_a_text_moves_no_place(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "passages.jsonl", [{"id": "a", "text": "Gout\0 is painful."}])
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(path)
        (hit,) = await studio.literature(LiteratureRequest(query="gout"))
        assert hit.source.searched_text() == "\nGout\ufffd is painful."


async def test_what_cannot_be_taken_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_png(folder / "ok.png", 3)
    write_png(tmp_path / "outside.png", 4)
    write_jsonl(
        folder / "passages.jsonl",
        [{"id": "a", "text": "Good."}, "{not json", {"id": "b"}, {"id": "c", "text": "Good too."}],
    )
    cases = [
        {"case_id": "gone", "images": ["missing.png"]},
        {"case_id": "escape", "images": ["../outside.png"]},
        {"case_id": "nul", "images": ["a\0b"]},
        {"case_id": "ok", "images": ["ok.png"]},
    ]
    write_jsonl(folder / "cases.jsonl", cases)
    (folder / "broken.png").write_bytes((folder / "ok.png").read_bytes()[:60])
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    (folder / "data.bin").write_bytes(b"\x00\x01\x02")
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(folder)
        codes = {one.file: one.code for one in report.quarantined}
        assert codes == {
            "broken.pdf": "PDF_DAMAGED",
            "broken.png": "IMAGE_DECODE",
            "data.bin": "UNSUPPORTED_FILE",
            "passages.jsonl:2": "RECORD_INVALID",
            "passages.jsonl:3": "RECORD_INVALID",
            "cases.jsonl:1": "NOT_FOUND",
            "cases.jsonl:2": "RECORD_INVALID",
            "cases.jsonl:3": "NOT_FOUND",
        }
        assert (report.documents, report.cases) == (2, 1)
        assert str(tmp_path) not in report.model_dump_json()


async def test_a_study_that_comes_in_two_runs_is_one_case(tmp_path: Path) -> None:
    folder = tmp_path / "ct"
    async with open_studio(tmp_path / "home") as studio:
        write_dicom(folder / "a", instance=10)
        assert (await studio.take(folder)).cases == 1
        write_dicom(folder / "b", instance=20)
        second = await studio.take(folder)
        assert (second.cases, second.images, second.skipped) == (0, 1, 1)
        assert await studio.ledger.counts("default") == {
            "documents": 0,
            "passages": 0,
            "cases": 1,
            "images": 2,
        }


async def test_another_content_under_a_known_instance_is_refused(tmp_path: Path) -> None:
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(write_dicom(tmp_path / "a", instance=10))
        report = await studio.take(write_dicom(tmp_path / "b", instance=10, seed=99))
        assert [one.code for one in report.quarantined] == ["INSTANCE_CONFLICT"]
        both = tmp_path / "both"
        write_dicom(both / "c", instance=40)
        write_dicom(both / "d", instance=40, seed=98)
        assert [one.code for one in (await studio.take(both)).quarantined] == ["INSTANCE_CONFLICT"]


async def test_one_object_in_two_transfer_syntaxes_is_one_object(tmp_path: Path) -> None:
    async with open_studio(tmp_path / "home") as studio:
        first = write_dicom(tmp_path / "a", instance=10)
        again = pydicom.dcmread(first)
        again.file_meta.ImplementationVersionName = "ANOTHER"
        again.save_as(tmp_path / "b")
        await studio.take(first)
        report = await studio.take(tmp_path / "b")
        assert (report.skipped, report.quarantined) == (1, ())


async def test_other_encoders_are_refused_for_writing_and_searching(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "passages.jsonl", [{"id": "a", "text": "Good."}])
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(path)
    async with open_studio(tmp_path / "home", HashingTextEncoder(dim=32)) as studio:
        with pytest.raises(RadciteError, match="INDEX_MODEL_MISMATCH"):
            await studio.take(path)
        with pytest.raises(RadciteError, match="INDEX_MODEL_MISMATCH"):
            await studio.literature(LiteratureRequest(query="good"))


async def test_a_rebuilt_index_gives_the_same_hits_and_encodes_nothing(tmp_path: Path) -> None:
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(write_everything(tmp_path / "in"))
        before = await hits(studio)
        encoded = (studio.text.encoded, studio.image.encoded)
        record = await studio.ledger.collection("default")
        assert record is not None
        written = await rebuild_index(studio.ledger, studio.index, record)
        assert written == len(point_ids(tmp_path / "home"))
        assert studio.image.encoded == encoded[1]
        assert await hits(studio) == before


async def test_an_index_of_an_earlier_form_is_written_anew_and_one_of_a_later_form_is_refused(
    tmp_path: Path,
) -> None:
    path = write_jsonl(tmp_path / "passages.jsonl", [{"id": "a", "text": "Gout is painful."}])
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(path)
        made = await studio.ledger.collection("default")
        assert made is not None
        await studio.ledger.put_collection(made.model_copy(update={"layout": 0}))
        with pytest.raises(DependencyDown, match="RETRIEVAL_UNAVAILABLE"):
            await studio.literature(LiteratureRequest(query="gout"))
        await studio.take(path)
        assert await studio.ledger.collection("default") == made
        assert await studio.literature(LiteratureRequest(query="gout"))
        later = made.model_copy(update={"layout": 99})
        await studio.ledger.put_collection(later)
        for refused in (studio.take(path), studio.literature(LiteratureRequest(query="gout"))):
            with pytest.raises(RadciteError, match="HOME_NEWER"):
                await refused
        assert await studio.ledger.collection("default") == later


async def test_a_lost_index_is_restored_by_the_next_ingest(tmp_path: Path) -> None:
    folder = write_everything(tmp_path / "in")
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(folder)
        before = await hits(studio)
        await studio.index.drop("default")
        await studio.take(folder)
        assert await hits(studio) == before


async def test_a_collection_above_the_bound_is_optimized_and_says_so(tmp_path: Path) -> None:
    async with open_studio(tmp_path / "home") as studio:
        parts = studio.ingestor
        ingestor = Ingestor(
            parts.ledger,
            parts.index,
            parts.encoders,
            parts.images,
            parts.pool,
            parts.secret,
            optimize_above=3,
        )
        report = await ingestor([write_everything(tmp_path / "in")], "default")
        assert report.optimize_seconds is not None


async def test_an_ingest_killed_at_any_moment_is_finished_by_the_next(tmp_path: Path) -> None:
    folder = write_everything(tmp_path / "in")
    draw = random.Random(11)
    more = [
        {"id": f"m{i}", "text": f"Sentence {i} about effusion {draw.random()}."}
        for i in range(1500)
    ]
    write_jsonl(folder / "more.jsonl", more)
    async with open_studio(tmp_path / "whole") as studio:
        await studio.take(folder)
        wanted, ids = await hits(studio), point_ids(tmp_path / "whole")
    for moment in range(5):
        home = tmp_path / f"home{moment}"
        await asyncio.to_thread(_killed_ingest, home, folder, draw.uniform(0, 1.5))
        async with open_studio(home) as studio:
            assert json.loads((await studio.take(folder)).model_dump_json())["quarantined"] == []
            assert point_ids(home) == ids
            assert await hits(studio) == wanted


def _killed_ingest(home: Path, folder: Path, after_s: float) -> None:
    command = [sys.executable, "-m", "tests.ingestion.child", str(home), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(after_s)
        child.kill()
