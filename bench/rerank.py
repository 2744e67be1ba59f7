"""What reranking 15 passages costs, as a ratio to encoding one question within the same run.

The model has MiniLM's weights and a head of random ones, in int8: what it says means nothing, what it costs is what
a trained one costs. Question and passage are 128 tokens together.
"""

import asyncio
import json
import statistics
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from bench.parts import built_in_encoder
from bench.timing import Row, interleaved, median_ratio
from radcite.backends.minilm import find_minilm_weights, quantised
from radcite.backends.minilm_graph import cross_encoder_graph
from radcite.backends.onnx_reranker import OnnxReranker
from radcite.tools.rerank import RERANKED

__all__ = ["rerank_rows"]

_ENCODINGS = 20
_QUESTION = "How much pleural fluid is needed to blunt the costophrenic angle on an upright film?"
_SENTENCE = "On an upright frontal radiograph about 200 mL of fluid blunts the lateral angle. "


def write_model(folder: Path) -> Path:
    """A cross-encoder of MiniLM's size in `folder`."""
    source = find_minilm_weights()
    if source is None:
        raise SystemExit("MiniLM's weights are not installed")
    random = np.random.default_rng(0)
    weights = load_file(source / "model.safetensors")
    width = weights["embeddings.LayerNorm.weight"].shape[0]
    for name, shape in (("dense", (width, 2 * width)), ("classes", (1, width))):
        weights[f"{name}.weight"] = (0.02 * random.standard_normal(shape)).astype(np.float32)
        weights[f"{name}.bias"] = np.zeros(shape[0], dtype=np.float32)
    small = quantised(cross_encoder_graph(weights), folder / "scratch.onnx")
    (folder / "model.onnx").write_bytes(small.SerializeToString())
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), "utf-8")
    card = {"name": "size", "shares": {"en": 0.5}, "max_tokens": 128}
    (folder / "radcite.json").write_text(json.dumps(card))
    return folder


def rerank_rows(folder: Path, scale: float) -> list[Row]:
    """Rounds of one reranking and of as many encodings of the question take turns."""
    model = OnnxReranker.from_folder(write_model(folder))
    encoder = built_in_encoder()
    pairs = [(_QUESTION, _SENTENCE * 12)] * RERANKED

    def encoded() -> None:
        for _ in range(_ENCODINGS):
            asyncio.run(encoder.encode_query(_QUESTION))

    model.scores(pairs)
    encoded()
    spent = interleaved(
        {"ranked": lambda: model.scores(pairs), "asked": encoded}, rounds=round(30 * scale)
    )
    cpu = {name: [each.cpu_s for each in rounds] for name, rounds in spent.items()}
    walls = sorted(1e3 * each.wall_s for each in spent["ranked"])
    ratio = _ENCODINGS * median_ratio(cpu["ranked"], cpu["asked"])
    name = f"reranking {RERANKED} passages of 128 tokens"
    return [
        Row(f"{name} / encoding a question, CPU", ratio, "x"),
        Row(f"{name}, CPU", 1e3 * statistics.median(cpu["ranked"]), "ms"),
        Row(f"{name}, p95", walls[int(0.95 * (len(walls) - 1))], "ms", note="on idle cores only"),
    ]
