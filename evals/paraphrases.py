"""Chinese medical questions in pairs: do vectors of the text encoder tell the same question from another?"""

from collections.abc import Sequence

import numpy as np

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Row
from radcite.evals.metrics.probabilities import Floats, auprc, auroc, rarer, row_of_statistic
from radcite.evals.task import Context, Measured

__all__ = ["cmedqq"]

_PAIRS = "text/zh/cmedqq/dev.jsonl.gz"


class _Pair(Row):
    label: int
    q1: str
    q2: str


async def cmedqq(context: Context) -> Measured:
    """Pairs by the cosine of their vectors, beside the share of character bigrams they have in common."""
    encoder = context.subject.text
    if encoder is None or "zh" not in encoder.languages:
        raise RadciteError("NOT_FOUND", "a text encoder for Chinese", "中文文本编码器")
    rows = context.limited(context.data.rows(_PAIRS, _Pair))
    first = np.asarray(await encoder.encode([row.q1 for row in rows]), dtype=np.float64)
    second = np.asarray(await encoder.encode([row.q2 for row in rows]), dtype=np.float64)
    labels = np.array([float(row.label) for row in rows])
    scores = {
        "text encoder": (first * second).sum(axis=1),
        "shared bigrams": np.array([_shared(row.q1, row.q2) for row in rows]),
    }
    units = [row.q1 for row in rows]
    found = [
        row
        for system, values in scores.items()
        for row in _rows(system, values, labels, units, context.seed)
    ]
    notes = (f"{len(rows)} pairs, {int(labels.sum())} of one meaning; a unit is a first question.",)
    return Measured((), notes, rows=found)


def _rows(system: str, values: Floats, labels: Floats, units: Sequence[str], seed: int):
    for name, statistic in (("AUROC", auroc), ("AUPRC", auprc)):
        row = row_of_statistic(
            system,
            name,
            lambda p, of=statistic: of(values[p], labels[p]),
            units,
            seed=seed,
            telling=rarer(labels, units),
        )
        if row is not None:
            yield row


def _shared(one: str, other: str) -> float:
    first, second = _bigrams(one), _bigrams(other)
    return len(first & second) / len(first | second) if first | second else 0.0


def _bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
