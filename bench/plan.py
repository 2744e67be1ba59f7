"""Every measurement by its name, with the size of its input."""

import asyncio
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.timing import Row, interleaved, median_ratio

__all__ = ["PLAN", "Measurement"]

_PDF = Path(__file__).parents[1] / "../shared/data/pdf"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a name stands for.

    Args:
        about: One line for `--help`.
        take: Rows of a measurement in an empty folder; the factor scales the input. Named options are its own.
        quick: Whether it ends within two minutes, and so is taken unasked.
    """

    about: str
    take: Callable[..., list[Row]]
    quick: bool = True


def _ingest(folder: Path, scale: float) -> list[Row]:
    from bench.ingest import ingest_rows

    return ingest_rows(folder, round(800 * scale))


def _files(folder: Path, scale: float) -> list[Row]:
    from bench.files import files_rows

    return files_rows(folder, scale)


def _reingest(folder: Path, scale: float) -> list[Row]:
    from bench.ingest import reingest_rows

    return reingest_rows(folder, round(800 * scale))


def _memory(folder: Path, scale: float) -> list[Row]:
    from bench.memory import memory_rows

    return memory_rows(folder, round(2_500 * scale))


def _cold(folder: Path, _: float) -> list[Row]:
    from bench.cold import cold_rows

    return cold_rows(folder)


def _faults(folder: Path, scale: float) -> list[Row]:
    from bench.faults import faults_rows

    return asyncio.run(faults_rows(folder, round(100 * scale)))


def _damage(folder: Path, scale: float) -> list[Row]:
    from bench.damage import damage_rows

    return damage_rows(folder, round(3_000 * scale))


def _retrieval(folder: Path, scale: float) -> list[Row]:
    from bench.retrieval import retrieval_rows

    return asyncio.run(retrieval_rows(folder, round(100_000 * scale), 300))


def _encode(folder: Path, scale: float) -> list[Row]:
    from bench.corpus import read_abstracts
    from bench.encode import encode_plainly
    from bench.parts import built_in_encoder
    from radcite.backends.text.minilm import build_minilm
    from radcite.backends.text.onnx import open_session

    texts = read_abstracts(round(300 * scale))
    session = open_session(build_minilm(folder, precision="fp32"))
    encoder = built_in_encoder()
    encode_plainly(session, texts[:32])
    asyncio.run(encoder.encode(texts[:32]))
    spent = interleaved(
        {
            "plain": lambda: encode_plainly(session, texts),
            "whole": lambda: asyncio.run(encoder.encode(texts)),
        },
        rounds=3,
    )
    wall = {name: [s.wall_s for s in rounds] for name, rounds in spent.items()}
    cpu = {name: [s.cpu_s for s in rounds] for name, rounds in spent.items()}
    return [
        Row("fp32 in batches of 32 / encoder, CPU", median_ratio(cpu["plain"], cpu["whole"]), "x"),
        Row(
            "fp32 in batches of 32 / encoder, wall", median_ratio(wall["plain"], wall["whole"]), "x"
        ),
        Row("documents a second", len(texts) / statistics.median(wall["whole"]), "1/s"),
    ]


def _pdf(_: Path, __: float) -> list[Row]:
    from bench.pdf import measure

    paths = sorted(_PDF.glob("*.pdf"))
    if not paths:
        return [Row("articles", 0, note="the measuring data are not here")]
    measure(paths[0], rounds=1)
    measured = [measure(path, rounds=3) for path in paths]
    total = {name: sum(each[name] for each in measured) for name in measured[0]}
    return [
        Row("articles", len(paths)),
        Row("pages a CPU second", total["pages"] / total["seconds"], "1/s"),
        Row(
            "text with its boxes / PyMuPDF's bare dict, CPU",
            total["seconds"] / total["bare_seconds"],
            "x",
            "<= 2",
        ),
    ]


def _fuzz(
    folder: Path,
    scale: float,
    mutants: int | None = None,
    seed: int = 7,
    *,
    bare: bool = False,
    journal: Path | None = None,
    jobs: int = 2,
) -> list[Row]:
    from bench.fuzz.bare import bare_rows
    from bench.fuzz.reading import fuzz_rows

    count = round(2_000 * scale) if mutants is None else mutants
    return bare_rows(folder, count, seed) if bare else fuzz_rows(folder, count, seed, journal, jobs)


def _burned_in(_: Path, scale: float) -> list[Row]:
    from bench.burned_in import IMAGES, burned_in_rows
    from bench.cine_text import cine_text_rows
    from bench.series_text import series_text_rows

    count = max(1, round(8 * scale))
    return [
        *burned_in_rows(count),
        *series_text_rows(IMAGES, 25 * count),
        *cine_text_rows(5 * count),
    ]


def _dicom(folder: Path, scale: float) -> list[Row]:
    from bench.dicom import dicom_rows

    return dicom_rows(folder, scale)


def _serve(folder: Path, scale: float) -> list[Row]:
    from bench.serve import serve_rows

    return serve_rows(folder, round(10_000 * scale), 120 * scale)


def _batch(folder: Path, scale: float) -> list[Row]:
    from bench.batch import client_rows, kill_rows, memory_rows

    return [
        *kill_rows(folder / "kills", round(20 * scale)),
        *memory_rows(folder / "memory", round(400 * scale)),
        *asyncio.run(client_rows(round(2_560 * scale))),
    ]


def _batch_model(folder: Path, scale: float) -> list[Row]:
    from bench.batch import model_rows

    return asyncio.run(model_rows(folder, round(600 * scale)))


def _batch_embedded(folder: Path, scale: float) -> list[Row]:
    from bench.batch import embedded_rows

    return asyncio.run(embedded_rows(folder, round(9_350 * scale), round(1_000 * scale)))


def _images(_: Path, scale: float) -> list[Row]:
    from bench.images import image_rows

    return image_rows(round(24 * scale))


def _canary(folder: Path, scale: float) -> list[Row]:
    from bench.canary import canary_rows
    from bench.canary_traffic import traffic_rows

    return [*canary_rows(folder / "files", round(40 * scale)), *traffic_rows(folder / "service")]


def _graph(folder: Path, scale: float) -> list[Row]:
    from bench.graph import graph_rows

    return asyncio.run(graph_rows(folder, round(60 * scale)))


def _prefix(folder: Path, scale: float) -> list[Row]:
    from bench.prefix import prefix_rows

    return asyncio.run(prefix_rows(folder, round(120 * scale)))


def _rerank(folder: Path, scale: float) -> list[Row]:
    from bench.rerank import rerank_rows

    return rerank_rows(folder, scale)


PLAN: Mapping[str, Measurement] = {
    "ingest": Measurement("an ingest of abstracts against its bare parts", _ingest),
    "files": Measurement("an ingest of articles and DICOM files against its bare parts", _files),
    "reingest": Measurement("the same files again", _reingest),
    "memory": Measurement("peak memory of ten times the input", _memory),
    "cold": Measurement("--help, and what a first question imports", _cold),
    "encode": Measurement("the text encoder against its plain use", _encode),
    "images": Measurement("images a second of the built-in image encoder", _images),
    "graph": Measurement("what graph and persistence add to a turn; a long thread", _graph),
    "prefix": Measurement("what a server's prefix cache finds again in a batch", _prefix),
    "rerank": Measurement("reranking against encoding a question", _rerank),
    "pdf": Measurement("PDF reading against bare extraction", _pdf),
    "dicom": Measurement("DICOM decoding against bare codecs and the plain way", _dicom),
    "burned-in": Measurement("the reading of burned-in text in pictures", _burned_in, quick=False),
    "faults": Measurement("kill -9 at 100 moments of an ingest", _faults, quick=False),
    "damage": Measurement(
        "a full disk, a damaged index, two processes at once", _damage, quick=False
    ),
    "retrieval": Measurement("a retrieval at 100,000 passages", _retrieval, quick=False),
    "batch": Measurement(
        "kill -9 at 20 moments, memory, and the model's client alone", _batch, quick=False
    ),
    "batch-model": Measurement("a whole batch against a model of 2 s", _batch_model, quick=False),
    "batch-embedded": Measurement(
        "1,000 questions over 10,000 passages", _batch_embedded, quick=False
    ),
    "serve": Measurement("the web service: first claim, 50 users at once", _serve, quick=False),
    "canary": Measurement(
        "planted identifiers looked for in everything kept, logged, sent and exported",
        _canary,
        quick=False,
    ),
    "fuzz": Measurement(
        "2,000 broken and hostile files (--mutants, --seed, --bare)", _fuzz, quick=False
    ),
}
