from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from radcite.core.errors import RadciteError
from radcite.ingestion.discovery import FoundFile, digest_of, find_files, kind_of


def touched(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(*paths: Path) -> list[str]:
    return [file.name for file in find_files(paths)]


def found(path: Path) -> FoundFile:
    return FoundFile(path, path.name)


def test_the_files_of_a_folder_come_in_a_stable_order_named_relative_to_it(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b.txt"):
        touched(tmp_path / name)
    assert names(tmp_path) == ["a/b.txt", "a/z.txt", "b.txt"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in (".a.txt", ".git/a.txt", "a/.b/c.txt", "d.txt"):
        touched(tmp_path / name)
    assert names(tmp_path) == ["d.txt"]


def test_a_folder_that_lies_in_a_hidden_one_is_read(tmp_path: Path) -> None:
    touched(tmp_path / ".store" / "in" / "a.txt")
    assert names(tmp_path / ".store" / "in") == ["a.txt"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = touched(tmp_path / "secret.txt")
    inside = touched(tmp_path / "in" / "a.txt")
    (inside.parent / "out.txt").symlink_to(outside)
    (inside.parent / "within.txt").symlink_to(inside)
    (inside.parent / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert names(inside.parent) == ["a.txt", "within.txt"]


def test_a_file_is_known_by_its_name_alone(tmp_path: Path) -> None:
    assert names(touched(tmp_path / "deep" / "a.txt")) == ["a.txt"]


def test_a_path_that_does_not_exist_is_not_found_and_its_folder_not_told(tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match=r"NOT_FOUND: a\.pdf") as caught:
        names(tmp_path / "a.pdf")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.bin", b"%PDF-1.7\n", "pdf"),
        ("a.txt", b"junk before " + b"%PDF-1.4", "pdf"),
        ("a", bytes(128) + b"DICM", "dicom"),
        ("a.txt", b"words", "text"),
        ("a.MD", b"# words", "text"),
        ("a.txt", b"", "text"),
        ("a.jsonl", b'{"id": "d", "text": "x"}', "passages"),
        ("a.jsonl", b'{"case_id": "c"}', "cases"),
    ],
)
def test_a_file_is_what_its_content_says_then_its_name(
    tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    assert kind_of(found(touched(tmp_path / name, content))) == kind


def test_an_image_is_known_whatever_its_name(tmp_path: Path) -> None:
    for form in ("PNG", "JPEG"):
        path = tmp_path / f"{form}.dat"
        Image.new("L", (8, 8)).save(path, format=form)
        assert kind_of(found(path)) == "image"


def test_an_archive_is_known_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    with ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "words")
    assert kind_of(found(path)) == "archive"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.pdf", "PDF_DAMAGED"),
        ("a.dcm", "DICOM_TRUNCATED"),
        ("a.jpeg", "IMAGE_DECODE"),
        ("a.jsonl", "UNSUPPORTED_FILE"),
        ("a.ZhangSan", "UNSUPPORTED_FILE"),
        ("a", "UNSUPPORTED_FILE"),
    ],
)
def test_a_file_that_is_not_what_it_is_called_is_refused(
    tmp_path: Path, name: str, code: str
) -> None:
    with pytest.raises(RadciteError, match=code) as caught:
        kind_of(found(touched(tmp_path / name, b"none of these")))
    assert "ZhangSan" not in str(caught.value) + caught.value.detail_zh


def test_a_digest_is_that_of_all_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    assert digest_of(touched(tmp_path / "a", content)) == sha256(content).digest()
