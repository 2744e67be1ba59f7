"""Which files there are to read, and what each is, by its content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from radcite.core.errors import RadciteError
from radcite.ingestion.archive import is_archive
from radcite.ingestion.articles.markup import markup_of
from radcite.ingestion.dicom.objects import is_dicom
from radcite.ingestion.pictures.images import is_image
from radcite.ingestion.pictures.nifti import is_nifti
from radcite.ingestion.pictures.slides import is_slide
from radcite.ingestion.records import pictures_named, record_kind

__all__ = ["FileKind", "FoundFile", "digest_of", "find_files", "kind_of", "without_listed"]

FileKind = Literal[
    "passages", "cases", "pdf", "text", "image", "dicom", "archive", "article", "slide", "volume"
]
_TEXT_SUFFIXES = frozenset({".txt", ".md", ".markdown"})
_PDF_MARK_WITHIN = 1024
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file and the name under which reports speak of it: relative to what was asked for.

    `origin` is the place whose content it is, kept only as a keyed digest: another content there supersedes it.
    None for what has no lasting place, as a file that was sent in.
    """

    path: Path
    name: str
    origin: str | None = None


def find_files(paths: Sequence[Path]) -> Iterator[FoundFile]:
    """Files and the files of folders, in a stable order; hidden ones and links out are passed over.

    Raises:
        RadciteError: `NOT_FOUND` for a path that does not exist.
    """
    for path in paths:
        if path.is_dir():
            root = path.resolve()
            for file in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
                if file.is_file() and not hidden and file.resolve().is_relative_to(root):
                    yield FoundFile(file, str(file.relative_to(path)), str(file.resolve()))
        elif path.is_file():
            yield FoundFile(path, path.name, str(path.resolve()))
        else:
            raise RadciteError("NOT_FOUND", f"{path.name or path}")


def without_listed(files: Sequence[FoundFile]) -> list[FoundFile]:
    """The files less those that a `cases.jsonl` among them names: pictures of its cases, not cases of nobody."""
    lists = [file for file in files if file.path.suffix.lower() == ".jsonl"]
    if not lists or len(lists) == len(files):
        return list(files)
    named = {picture for file in lists for picture in pictures_named(file.path)}
    return [file for file in files if file.path.resolve() not in named]


def kind_of(file: FoundFile) -> FileKind:
    """What a file is.

    Raises:
        RadciteError: `UNSUPPORTED_FILE`.
    """
    path = file.path
    with path.open("rb") as content:
        head = content.read(_PDF_MARK_WITHIN)
    if b"%PDF-" in head:
        return "pdf"
    if is_dicom(path):
        return "dicom"
    if is_image(path):
        return "image"
    if is_archive(path):
        return "archive"
    if is_slide(path):
        return "slide"
    if is_nifti(path):
        return "volume"
    if markup_of(path):
        return "article"
    return _by_name(path)


def _by_name(path: Path) -> FileKind:
    suffix = path.suffix.lower()
    if suffix == ".jsonl" and (kind := record_kind(path)):
        return kind
    if suffix in _TEXT_SUFFIXES:
        return "text"
    if suffix == ".pdf":
        raise RadciteError("PDF_DAMAGED", "the file does not begin as a PDF", "文件开头不是 PDF")
    if suffix == ".dcm":
        raise RadciteError(
            "DICOM_TRUNCATED", "the file does not begin as DICOM", "文件开头不是 DICOM"
        )
    if suffix in {".png", ".jpg", ".jpeg"}:
        raise RadciteError(
            "IMAGE_DECODE", "the content is neither PNG nor JPEG", "内容不是 PNG 或 JPEG"
        )
    # A suffix can be a piece of a patient's name, and the ledger keeps what is said here.
    raise RadciteError("UNSUPPORTED_FILE", "neither content nor name says what it is", "无法识别")


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file's bytes, read in blocks."""
    digest = sha256()
    with path.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.digest()
