"""What reranking 15 passages costs with the carried model, as a ratio to encoding one question within the same run.

Question and passage are 128 tokens together.
"""

import asyncio
import statistics
from pathlib import Path

from bench.parts import built_in_encoder
from bench.timing import Row, interleaved, median_ratio
from radcite.backends.shipped_models import shipped_model
from radcite.backends.text.cross_encoder import OnnxPairs
from radcite.tools.rerank import RERANKED

__all__ = ["rerank_rows"]

_ENCODINGS = 20
_QUESTION = "How much pleural fluid is needed to blunt the costophrenic angle on an upright film?"
_SENTENCE = "On an upright frontal radiograph about 200 mL of fluid blunts the lateral angle. "


def rerank_rows(folder: Path, scale: float) -> list[Row]:
    """Rounds of one reranking and of as many encodings of the question take turns."""
    place = shipped_model("pairs-zh-en")
    if place is None:
        raise SystemExit("the carried model is not installed")
    model = OnnxPairs.from_folder(place)
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
