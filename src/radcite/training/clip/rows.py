"""Images with the words that were written of them, out of `cases.jsonl`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from radcite.core.errors import RadciteError
from radcite.core.sentences import split_sentences
from radcite.core.vectors import Pixels
from radcite.ingestion.records import BadLine, CaseRecord, read_records

__all__ = ["ClipRow", "pixels_of", "read_clip_rows"]

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class ClipRow:
    """An image file, what was said of it, and what it may not be set against.

    `unit` is its patient, or its case where none is named. `label` is what it shows, empty if that is not known.
    `mirrored`: left and right may change places.
    """

    image: Path
    texts: tuple[str, ...]
    label: str
    unit: str
    mirrored: bool


def read_clip_rows(path: Path) -> list[ClipRow]:
    """One row for each image of a case that has words; cases without are passed over.

    Words are the report's and the findings' sentences, the diagnosis and the labels. The label is the diagnosis, else
    all labels together, else body part and modality.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` naming the line; `UNSUPPORTED_FILE` for anything but PNG and JPEG
            (`radcite deid` and `ingest` make such of DICOM).
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    rows: list[ClipRow] = []
    for line in read_records(path, CaseRecord):
        if isinstance(line, BadLine):
            raise line.error
        case = line.record
        texts = tuple(dict.fromkeys(_texts(case)))
        for name in case.images if texts else ():
            image = path.parent / name
            _check(image, line.number)
            rows.append(
                ClipRow(
                    image=image,
                    texts=texts,
                    label=_label(case),
                    unit=case.patient_id or case.case_id,
                    # A heart on the other side is another finding; a head has few that lie on one alone.
                    mirrored=case.body_part == "HEAD" and not _names_side(texts),
                )
            )
    if not rows:
        raise RadciteError(
            "RECORD_INVALID",
            f"{path.name} holds no case with images and words",
            f"{path.name} 中没有同时带图像与文字的病例",
        )
    return rows


def _texts(case: CaseRecord) -> Iterator[str]:
    for start, end in split_sentences(case.report):
        yield case.report[start:end].strip()[:_LONGEST]
    yield from (words[:_LONGEST] for words in case.findings if words.strip())
    told = [word for word in (case.modality, case.body_part, case.view) if word]
    for words in (case.diagnosis, ", ".join(case.labels)):
        if words:
            yield ", ".join([*told, words])[:_LONGEST]


def _label(case: CaseRecord) -> str:
    told = case.diagnosis or " | ".join(sorted(case.labels))
    return told.casefold() or " ".join(filter(None, (case.body_part, case.modality)))


def _names_side(texts: Sequence[str]) -> bool:
    words = " ".join(texts).casefold()
    return any(side in words for side in ("left", "right", "左", "右"))


def _check(image: Path, line: int) -> None:
    if image.suffix.lower() not in _SUFFIXES:
        raise RadciteError(
            "UNSUPPORTED_FILE",
            f"line {line}: PNG or JPEG is read",
            f"第 {line} 行：仅支持 PNG 或 JPEG",
        )
    if not image.is_file():
        raise RadciteError("NOT_FOUND", f"line {line}: its image", f"第 {line} 行的图像")


def pixels_of(image: Path, side: int) -> Pixels:
    """The middle square of an image, grey, (side, side), as open_clip crops it.

    Raises:
        RadciteError: `IMAGE_DECODE`.
    """
    try:
        with Image.open(image) as opened:
            grey = opened.convert("L")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as exc:
        raise RadciteError("IMAGE_DECODE", "an image cannot be read", "图像无法读取") from exc
    scale = side / min(grey.size)
    width, height = (max(side, round(length * scale)) for length in grey.size)
    resized = grey.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - side) // 2, (height - side) // 2
    return np.asarray(resized.crop((left, top, left + side, top + side)))
