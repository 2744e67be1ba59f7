"""An ingest of articles and DICOM files against its parts run bare: reading, decoding, encoding, writing.

Bare parts run in this process, one after the other, without workers, ledger, digests, checks and resumption. The one
worker of the ingest has imported everything before anything is measured, as in the middle of a long ingest.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import numpy as np

from bench.ingest import bare_shard, bare_upsert
from bench.parts import Store, built_in_encoder
from bench.timing import Row, Spent, Stopwatch, median_ratio
from radcite.backends.images.classical import ClassicalImageEncoder
from radcite.backends.images.files import FileImages
from radcite.backends.images.viewing import FilePages
from radcite.backends.text.onnx import OnnxTextEncoder
from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels
from radcite.ingestion.chunking import split_passages
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.ingest import Ingestor
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf
from radcite.ingestion.pictures.series_text import series_texts
from radcite.ingestion.worker import ParserPool
from radcite.ingestion.writer import Encoders

__all__ = ["files_rows"]

_DATA = Path(__file__).parents[1] / "../shared/data"
_ROUNDS = 3
_SECRET = bytes(32)
_GROUP = 1_024


def files_rows(folder: Path, scale: float) -> list[Row]:
    """Files and pages a second, as a share of the bare parts, and which part takes longest."""
    articles = sorted((_DATA / "pdf").glob("*.pdf"))[: max(1, round(5 * scale))]
    images = sorted((_DATA / "dicom" / "files").iterdir()) if articles else []
    images = [path for path in images if path.stat().st_size < 4 << 20][: round(30 * scale)]
    if not articles:
        return [Row("files", 0, note="the measuring data are not here")]
    text, image = built_in_encoder(), ClassicalImageEncoder()
    homes = (folder / f"home{number}" for number in count())
    bare: list[Stopwatch] = []
    pages = 0
    _bare(next(homes), articles[:1], images[:1], text, image)
    whole = asyncio.run(_rounds(homes, [*articles, *images], [articles[0], images[0]], text, image))
    for _ in range(_ROUNDS):
        watch, pages = _bare(next(homes), articles, images, text, image)
        bare.append(watch)
    return _rows(whole, bare, len(articles) + len(images), pages)


async def _rounds(
    homes: Iterator[Path],
    files: Sequence[Path],
    warming: Sequence[Path],
    text: OnnxTextEncoder,
    image: ClassicalImageEncoder,
) -> list[Spent]:
    spent: list[Spent] = []
    for _ in range(_ROUNDS):
        # A worker remembers what it read of a series, so each round has one of its own.
        async with ParserPool(jobs=1) as pool:
            await _ingested(next(homes), warming, text, image, pool)
            wall, cpu = time.perf_counter(), time.process_time() + _workers_cpu()
            await _ingested(next(homes), files, text, image, pool)
            took = time.perf_counter() - wall
            spent.append(Spent(took, time.process_time() + _workers_cpu() - cpu))
    return spent


def _workers_cpu() -> float:
    """CPU seconds of this process's living children; none where there is no /proc."""
    ticks, own = os.sysconf("SC_CLK_TCK"), str(os.getpid())
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[1] == own:
                total += int(fields[11]) + int(fields[12])
    return total / ticks


def _rows(whole: Sequence[Spent], bare: Sequence[Stopwatch], files: int, pages: int) -> list[Row]:
    walls = [one.wall_s for one in whole]
    parts = {
        name: statistics.median(watch.spent[name].cpu_s for watch in bare) for name in bare[0].spent
    }
    slowest = max(parts, key=lambda name: parts[name])
    cpu = median_ratio([one.total.cpu_s for one in bare], [one.cpu_s for one in whole])
    wall = median_ratio([one.total.wall_s for one in bare], walls)
    return [
        Row("files a second", files / statistics.median(walls), "1/s", note=f"{files} files"),
        Row("pages a second", pages / statistics.median(walls), "1/s", note=f"{pages} pages"),
        Row("bare parts / ingest, CPU", cpu, "x", ">= 0.7"),
        Row("bare parts / ingest, wall", wall, "x", ">= 0.7"),
        *(Row(f"bare {name}, CPU", spent, "s") for name, spent in parts.items()),
        Row("the slowest part's share", parts[slowest] / sum(parts.values()), note=slowest),
    ]


async def _ingested(
    home: Path,
    files: Sequence[Path],
    text: OnnxTextEncoder,
    image: ClassicalImageEncoder,
    pool: ParserPool,
) -> None:
    store = Store.open(home)
    ingest = Ingestor(
        ledger=store.ledger,
        index=store.index,
        encoders=Encoders(store.sparse, text, image),
        images=FileImages(home / "images"),
        pages=FilePages(home / "pages"),
        pool=pool,
        secret=_SECRET,
        jobs=1,
    )
    report = await ingest(list(files), "bench")
    await store.close()
    assert report.passages


def _bare(
    home: Path,
    articles: Sequence[Path],
    images: Sequence[Path],
    text: OnnxTextEncoder,
    image: ClassicalImageEncoder,
) -> tuple[Stopwatch, int]:
    home.mkdir(parents=True)
    limits, gate, watch = Limits(), Gate(_SECRET), Stopwatch()
    sparse = Store.open(home / "words").sparse
    series_texts.cache_clear()
    passages: list[str] = []
    pictures: list[Pixels] = []
    pages = 0
    for path in articles:
        with watch.part("read PDF"):
            pdf = read_pdf(path, limits)
        with watch.part("chunk"):
            for first, last in pdf.evidence or ((0, len(pdf.text)),):
                part = pdf.text[first:last]
                passages += [part[start:end] for start, end in split_passages(part)]
        pages += _pages(path)
    for path in images:
        with watch.part("decode DICOM"):
            try:
                pixels = read_dicom(path, limits, gate).pixels
            except RadciteError:
                pixels = None
        if pixels is not None:
            pictures.append(np.asarray(pixels))
    with watch.part("encode images"):
        asyncio.run(image.encode(pictures))
    shard = bare_shard(home / "index", text.dim)
    for start in range(0, len(passages), _GROUP):
        group = passages[start : start + _GROUP]
        with watch.part("encode texts"):
            dense, words = asyncio.run(text.encode(group)), sparse.encode(group)
        with watch.part("write"):
            bare_upsert(shard, start, zip(dense.tolist(), words, strict=True))
    shard.close()
    return watch, pages


def _pages(path: Path) -> int:
    import pymupdf

    with pymupdf.open(path) as document:
        return int(document.page_count)
