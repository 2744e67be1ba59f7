"""Documents a second of the built-in text encoder, as ratios to MiniLM within one run.

MiniLM is measured in the plain way (fp32, 32 documents at a time in the order given, padded to the longest) and as
radcite runs it (int8, batches of like length). Rounds of the three alternate, so that a busy machine slows all.
"""

import argparse
import asyncio
import gzip
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.parts import built_in_encoder
from radcite.backends.text.minilm import MiniLmEncoder, build_minilm
from radcite.backends.text.onnx import OnnxSession, open_session
from radcite.core.vectors import Vectors, unit_rows

_CORPUS = Path(__file__).parents[1] / "../shared/data/text/bioasq/corpus.jsonl.gz"
_PLAIN_BATCH = 32
_OURS = "built in"


@dataclass(frozen=True, slots=True)
class Spent:
    wall_s: float
    cpu_s: float


def read_documents(corpus: Path, limit: int) -> list[str]:
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line, _ in zip(lines, range(limit), strict=False)]
    return [" ".join(passage["text"] for passage in record["passages"]) for record in records]


def encode_plainly(session: OnnxSession, texts: list[str]) -> Vectors:
    from tokenizers import Tokenizer

    carried = session.get_modelmeta().custom_metadata_map
    tokenizer = Tokenizer.from_str(carried["radcite.tokenizer"])
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    rows = []
    for start in range(0, len(texts), _PLAIN_BATCH):
        batch = tokenizer.encode_batch(texts[start : start + _PLAIN_BATCH])
        feed = {
            "input_ids": np.array([each.ids for each in batch], dtype=np.int64),
            "attention_mask": np.array([each.attention_mask for each in batch], dtype=np.int64),
        }
        rows.append(session.run(["embedding"], feed)[0])
    return unit_rows(np.concatenate(rows))


def measure(work: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=_CORPUS, help="JSONL.gz with passages")
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=None)
    options = parser.parse_args()
    texts = read_documents(options.corpus, options.documents)
    with tempfile.TemporaryDirectory() as scratch:
        session = open_session(build_minilm(Path(scratch), precision="fp32"), options.threads)
        minilm = MiniLmEncoder(build_minilm(Path(scratch)), threads=options.threads)
        encoder = built_in_encoder(options.threads)
        ways: dict[str, Callable[[], Vectors]] = {
            "MiniLM, plain": lambda: encode_plainly(session, texts),
            "MiniLM, int8": lambda: asyncio.run(minilm.encode(texts)),
            _OURS: lambda: asyncio.run(encoder.encode(texts)),
        }
        for work in ways.values():
            work()
        spent: dict[str, list[Spent]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, work in ways.items():
                spent[name].append(measure(work))
    print(f"{len(texts)} documents, {options.rounds} alternating rounds, medians")
    for name, rounds in spent.items():
        wall = statistics.median(each.wall_s for each in rounds)
        cpu = statistics.median(each.cpu_s for each in rounds)
        print(
            f"{name:14} {len(texts) / wall:8.1f} documents/s"
            f" {1000 * cpu / len(texts):8.2f} CPU ms each"
        )
    for name in ("MiniLM, plain", "MiniLM, int8"):
        pairs = list(zip(spent[name], spent[_OURS], strict=True))
        wall = statistics.median(a.wall_s / b.wall_s for a, b in pairs)
        cpu = statistics.median(a.cpu_s / b.cpu_s for a, b in pairs)
        print(f"{name} / {_OURS}: wall {wall:.1f}, CPU {cpu:.1f}")


if __name__ == "__main__":
    main()
