"""A file with new content takes the place of what stood there before; states and links say so."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from radcite.backends.fakes import HashingTextEncoder
from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.core.errors import RadciteError
from radcite.core.ledger import FileLink
from radcite.core.pseudonym import content_key
from radcite.core.vectors import Vectors
from radcite.ingestion.discovery import digest_of
from radcite.tools.literature import LiteratureRequest
from tests.ingestion.studio import (
    SECRET,
    Studio,
    open_studio,
    write_dicom,
    write_everything,
    write_jsonl,
    write_pdf,
    write_png,
)


def key_of(path: Path) -> str:
    return content_key(SECRET, digest_of(path))


def pictures(studio: Studio) -> list[str]:
    return sorted(path.name.split(".")[0] for path in studio.home.rglob("*.png"))


def pages(studio: Studio) -> list[str]:
    return sorted(path.name for path in (studio.home / "pages").rglob("*") if path.is_file())


async def test_every_file_taken_is_indexed_and_linked_to_what_it_gave(tmp_path: Path) -> None:
    folder = write_everything(tmp_path / "in")
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(folder)
        counted = await studio.ledger.count_files("default")
        assert set(counted) == {"indexed"}
        pdf, dicom, cases = (
            key_of(folder / name) for name in ("guide.pdf", "ct/I10", "cases.jsonl")
        )
        links = await studio.ledger.links("default", [pdf, dicom, cases])
        digest = digest_of(folder / "guide.pdf").hex()
        assert links[pdf] == [FileLink(kind="document", id=f"sha256:{digest}")]
        assert {link.kind for link in links[dicom]} == {"case", "image"}
        assert FileLink(kind="case", id="c2") in links[cases]
        for name in ("1", "2"):
            given = await studio.ledger.givers("default", [FileLink(kind="document", id=name)])
            assert list(given.values()) == [{key_of(folder / "passages.jsonl")}]


async def test_a_changed_note_and_a_changed_pdf_leave_nothing_of_the_old_ones(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    note = folder / "note.md"
    note.write_text("# Gout\n\nColchicine eases gout.\n")
    pdf = write_pdf(folder / "guide.pdf", "Sarcoidosis of the lung has hilar nodes.")
    async with open_studio(tmp_path / "home", pages=True) as studio:
        await studio.take(folder)
        old = digest_of(pdf).hex()
        assert pages(studio) == [old]
        note.write_text("# Lupus\n\nHydroxychloroquine eases lupus.\n")
        write_pdf(pdf, "Silicosis of the lung has egg-shell nodes.")
        report = await studio.take(folder)
        assert (report.documents, report.skipped) == (2, 0)
        for word in ("gout", "sarcoidosis"):
            found = await studio.literature(LiteratureRequest(query=word, mode="sparse"))
            assert found == []
        assert await studio.ledger.counts("default") == {
            "documents": 2,
            "passages": 2,
            "cases": 0,
            "images": 0,
        }
        assert await studio.index.count("default") == 2
        assert await studio.ledger.document("default", f"sha256:{old}") is None
        assert pages(studio) == [digest_of(pdf).hex()]
        assert await studio.ledger.count_files("default") == {"indexed": 2}


async def test_a_changed_picture_takes_the_old_one_out_of_the_store(tmp_path: Path) -> None:
    path = write_png(tmp_path / "in" / "a.png", 1)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        assert pictures(studio) == [digest_of(path).hex()]
        write_png(path, 2)
        await studio.take(tmp_path / "in")
        assert pictures(studio) == [digest_of(path).hex()]
        assert (await studio.ledger.counts("default"))["images"] == 1
        assert await studio.index.count("default") == 1


async def test_content_that_still_stands_elsewhere_stays(tmp_path: Path) -> None:
    first, second = write_png(tmp_path / "in" / "a.png", 1), tmp_path / "in" / "b.png"
    second.write_bytes(first.read_bytes())
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "in")
        write_png(first, 2)
        await studio.take(first)
        assert pictures(studio) == sorted(digest_of(path).hex() for path in (first, second))
        assert (await studio.ledger.counts("default"))["cases"] == 2


async def test_a_file_that_became_unreadable_leaves_the_old_content_in_place(
    tmp_path: Path,
) -> None:
    path = write_png(tmp_path / "a.png", 1)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(path)
        path.write_bytes(path.read_bytes()[:60])
        report = await studio.take(path)
        assert [one.code for one in report.quarantined] == ["IMAGE_DECODE"]
        assert (await studio.ledger.counts("default"))["cases"] == 1
        assert await studio.ledger.count_files("default") == {"indexed": 1, "quarantined": 1}


async def test_a_dicom_file_replaced_by_another_object_takes_its_image_out_of_the_study(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "ct"
    async with open_studio(tmp_path / "home") as studio:
        for instance in (10, 20):
            write_dicom(folder / str(instance), instance=instance)
        await studio.take(folder)
        kept = digest_of(folder / "10").hex()
        write_dicom(folder / "20", instance=30)
        await studio.take(folder)
        counts = await studio.ledger.counts("default")
        assert (counts["cases"], counts["images"]) == (1, 2)
        new = digest_of(folder / "20").hex()
        assert pictures(studio) == sorted((kept, new))
        worded = await studio.ledger.document_count("default")
        assert await studio.index.count("default") == 2 + worded


async def test_a_member_that_left_an_archive_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    archive = tmp_path / "more.zip"
    first, second = (write_png(tmp_path / "in" / f"{seed}.png", seed) for seed in (1, 2))
    async with open_studio(tmp_path / "home") as studio:
        _zipped(archive, first, second)
        await studio.take(archive)
        await studio.take(archive)
        assert (await studio.ledger.counts("default"))["cases"] == 2
        _zipped(archive, first)
        await studio.take(archive)
        assert pictures(studio) == [digest_of(first).hex()]
        assert await studio.ledger.count_files("default") == {"indexed": 2}


def _zipped(path: Path, *members: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.write(member, member.name)


async def test_records_that_a_changed_list_does_not_name_stay(tmp_path: Path) -> None:
    path = tmp_path / "passages.jsonl"
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(
            write_jsonl(path, [{"id": "a", "text": "Old."}, {"id": "b", "text": "B."}])
        )
        await studio.take(write_jsonl(path, [{"id": "a", "text": "New."}]))
        assert (await studio.ledger.counts("default"))["documents"] == 2
        links = await studio.ledger.links("default", [key_of(path)])
        assert links == {key_of(path): [FileLink(kind="document", id=name) for name in "ab"]}
        assert await studio.ledger.count_files("default") == {"indexed": 1}


class _StopsBeforeRemoving(SqliteLedger):
    async def links(self, collection: str, keys: Sequence[str]) -> Mapping[str, list[FileLink]]:
        raise RadciteError("INTERNAL", "stopped here")


async def test_a_run_stopped_before_the_old_content_went_is_finished_by_the_next(
    tmp_path: Path,
) -> None:
    path = write_png(tmp_path / "a.png", 1)
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(path)
        old = digest_of(path).hex()
        write_png(path, 2)
        stopping = _StopsBeforeRemoving(studio.home / "ledger.sqlite")
        with pytest.raises(RadciteError, match="stopped here"):
            await replace(studio.ingestor, ledger=stopping)([path], "default")
        await stopping.close()
        assert old in pictures(studio)
        assert (await studio.take(path)).skipped == 1
        assert pictures(studio) == [digest_of(path).hex()]
        assert (await studio.ledger.counts("default"))["cases"] == 1


class _Broken(HashingTextEncoder):
    async def encode(self, texts: Sequence[str]) -> Vectors:
        raise RadciteError("EMBEDDING_INVALID", "zero")


async def test_a_run_that_cannot_go_on_says_which_files_it_did_not_finish(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Some words.")
    async with open_studio(tmp_path / "home", text=_Broken()) as studio:
        with pytest.raises(RadciteError, match="EMBEDDING_INVALID"):
            await studio.take(folder)
        (record,) = await studio.ledger.files("default", ["failed"], limit=9)
        assert (record.code, record.kind) == ("EMBEDDING_INVALID", "text")
    async with open_studio(tmp_path / "home") as studio:
        assert (await studio.take(folder)).documents == 1
        assert await studio.ledger.count_files("default") == {"indexed": 1}


def paper(name: str, text: str) -> dict[str, object]:
    return {"schema": "radcite.passage/1", "id": name, "text": text, "language": "en"}


def case(name: str, patient: str, report: str) -> dict[str, object]:
    base = {"schema": "radcite.case/1", "language": "en"}
    return {**base, "case_id": name, "patient_id": patient, "report": report}


async def test_two_lines_of_one_id_are_not_both_taken(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    twice = [paper("1", "A nodule is round."), paper("1", "An effusion is fluid.")]
    write_jsonl(tmp_path / "in" / "passages.jsonl", twice)
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(tmp_path / "in")
        assert (report.documents, [one.file for one in report.quarantined]) == (
            1,
            ["passages.jsonl:2"],
        )
        kept = await studio.ledger.document("default", "1")
        assert kept is not None
        assert kept.text == "A nodule is round."


async def test_a_list_does_not_take_the_place_of_another_patients_case(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    write_jsonl(tmp_path / "one" / "cases.jsonl", [case("1", "H1-77", "A nodule.")])
    write_jsonl(tmp_path / "two" / "cases.jsonl", [case("1", "H2-12", "An effusion.")])
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(tmp_path / "one")
        report = await studio.take(tmp_path / "two")
        assert [one.code for one in report.quarantined] == ["RECORD_INVALID"]
        kept = await studio.ledger.case("default", "1")
        assert kept is not None
        assert kept.report == "A nodule."
        # The list itself may put right whose case it is.
        write_jsonl(tmp_path / "one" / "cases.jsonl", [case("1", "H1-78", "A nodule.")])
        assert (await studio.take(tmp_path / "one")).quarantined == ()
        changed = await studio.ledger.case("default", "1")
        assert changed is not None
        assert changed.patient != kept.patient


async def test_a_record_in_the_place_of_another_lists_is_told(tmp_path: Path) -> None:
    for folder, text in (("one", "A nodule is round."), ("two", "An effusion is fluid.")):
        (tmp_path / folder).mkdir()
        write_jsonl(tmp_path / folder / "passages.jsonl", [paper("1", text)])
    async with open_studio(tmp_path / "home") as studio:
        assert (await studio.take(tmp_path / "one")).warnings == ()
        report = await studio.take(tmp_path / "two")
        assert [one.code for one in report.warnings] == ["RECORD_REPLACED"]


async def test_a_list_read_again_still_takes_the_first_of_two_lines(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    lines = [case("1", "P1", "A nodule."), case("1", "P1", "An effusion."), case("2", "P2", "x")]
    write_jsonl(tmp_path / "in" / "cases.jsonl", [*lines, lines[2]])
    async with open_studio(tmp_path / "home") as studio:
        for _ in range(3):
            report = await studio.take(tmp_path / "in")
            assert [one.file for one in report.quarantined] == ["cases.jsonl:2"]
            kept = await studio.ledger.case("default", "1")
            assert kept is not None
            assert kept.report == "A nodule."


async def test_lists_of_one_run_do_not_take_each_others_places(tmp_path: Path) -> None:
    for folder, patient in (("one", "H1-77"), ("two", "H2-12")):
        (tmp_path / folder).mkdir()
        listed = {**case("1", patient, f"Of {folder}."), "images": ["a.png"]}
        write_png(tmp_path / folder / "a.png", 40 if folder == "one" else 200)
        write_jsonl(tmp_path / folder / "cases.jsonl", [listed])
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(tmp_path / "one", tmp_path / "two")
        assert [one.code for one in report.quarantined] == ["RECORD_INVALID"]
        kept = await studio.ledger.case("default", "1")
        assert kept is not None
        assert kept.report == "Of one."
        # Of a refused case no picture stays, which nothing would lead to.
        assert pictures(studio) == [kept.images[0].digest]
