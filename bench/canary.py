"""The canary sweep: planted identifiers are taken in by the command line, then looked for in all that was kept.

Every byte of the data folder and of what the command printed is searched, compressed streams inflated; stored
images and the viewer's values are decoded and read by OCR.
"""

import asyncio
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np

from bench.planted import Planted, burned_files, planted_header, survivors
from bench.timing import Row
from radcite.core.vectors import Pixels

__all__ = ["canary_rows"]


def canary_rows(folder: Path, pages: int) -> list[Row]:
    """Survivors of each kind; the goal of all is none."""
    source, home = folder / "source", folder / "home"
    dataset, planted = planted_header()
    source.mkdir(parents=True)
    dataset.save_as(source / "header.dcm")
    images, words = burned_files(source / "us", pages)
    before = _read(_pictures_of(images))
    legible = [word for word in words if word in before]
    printed = _ingest(source, home)
    left = asyncio.run(_viewed(home, images)) + _read(_stored_pictures(home))
    burned = [word for word in words if word in left]
    swept = _swept(home, printed, planted)
    cleaned = _cleaned(source / "header.dcm", planted)
    note = f"{len(planted)} planted; {sum(one.stat().st_size for one in _files(home)):,} bytes searched"
    return [
        Row("planted identifiers", len(planted) + len(words), "", ">= 600"),
        Row("survivors in the data folder and what was printed", len(swept), "", "<= 0", note),
        Row("survivors in a cleaned header written out", len(cleaned), "", "<= 0", _named(cleaned)),
        Row(
            "burned-in words read by OCR from stored images and viewer's values",
            len(burned),
            "",
            "<= 0",
            f"of {len(words)} planted, {len(legible)} of which OCR read before; {len(images)} images",
        ),
        Row("images held for a person", float(printed.count(b"PHI_REVIEW"))),
    ]


def _named(found: list[tuple[str, str]]) -> str:
    return ", ".join(sorted({place for _, place in found})[:6])


def _ingest(source: Path, home: Path) -> bytes:
    command = (Path(sys.executable).with_name("radcite"), "ingest", str(source), "--json")
    done = subprocess.run(
        command,
        env=os.environ | {"RADCITE_HOME": str(home)},
        capture_output=True,
        check=False,
    )
    assert done.returncode in {0, 3}, done.stderr[-500:]
    return done.stdout + done.stderr


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def _swept(home: Path, printed: bytes, planted: Planted) -> list[tuple[str, str]]:
    found = survivors(printed, planted)
    for path in _files(home):
        found += survivors(path.read_bytes() + str(path).encode(), planted)
    return found


def _cleaned(path: Path, planted: Planted) -> list[tuple[str, str]]:
    from radcite.ingestion.deid.dataset import clean_dataset
    from radcite.ingestion.deid.keys import Gate
    from radcite.ingestion.dicom.objects import open_dicom
    from radcite.ingestion.limits import Limits

    dataset, out = open_dicom(path, Limits()), BytesIO()
    clean_dataset(dataset, Gate())
    dataset.save_as(out)
    return survivors(out.getvalue(), planted)


def _pictures_of(paths: list[Path]) -> Iterator[Pixels]:
    from pydicom import dcmread

    for path in paths:
        yield dcmread(path).pixel_array


def _stored_pictures(home: Path) -> Iterator[Pixels]:
    from PIL import Image

    for path in _files(home / "images"):
        yield np.asarray(Image.open(path).convert("RGB"))


async def _viewed(home: Path, images: list[Path]) -> str:
    """What OCR reads from the values that the chat's viewer would get of the images."""
    from radcite.backends.images.files import FileImages
    from radcite.backends.images.viewing import FileFrames
    from radcite.ingestion.deid.keys import Gate
    from radcite.ingestion.discovery import FoundFile
    from radcite.ingestion.door import Door
    from radcite.ingestion.query_studies import StudyTaker
    from radcite.ingestion.worker import ParserPool

    frames = FileFrames(home / "frames")
    async with ParserPool(jobs=1) as pool:
        take = StudyTaker(Door(pool, Gate()), FileImages(home / "images"), frames)
        study = await take([FoundFile(path, path.name) for path in images])
    pictures: list[Pixels] = []
    for image in (image for series in study.series for image in series.images):
        values = np.frombuffer(zlib.decompress(await frames.frame(image.digest, 0)), image.kind)
        pictures.append(values.reshape(image.rows, image.columns).astype(np.uint8))
    return _read(iter(pictures))


def _read(pictures: Iterator[Pixels]) -> str:
    from radcite.ingestion.pictures.ocr import words_in

    return re.sub(
        r"[^\S\n]", " ", "\n".join(word.text for one in pictures for word in words_in(one))
    )
