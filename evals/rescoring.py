"""Prediction files of MIRAGE's form, scored again.

The benchmark is one JSON object, `{dataset: {id: {"question", "options": {letter: text}, "answer": letter}}}`. The
predictions of a dataset lie in a folder of its name, one file a question, `test_<id>.json` or `<id>.json`: a list whose
first entry is the model's reply, a text that holds an object with `"answer_choice": "B"`, or that object itself. A file
that is missing or tells no letter of the options is wrong.
"""

import json
import re
from collections.abc import Mapping
from math import sqrt
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.evals.statistics import interval_of_mean

__all__ = ["DatasetScore", "Rescored", "chosen_letter", "rescore"]

_LETTER = re.compile(r"""["']?answer_choice["']?\s*:\s*["']?\s*\(?([A-Z])\b""")


class _Question(BaseModel):
    model_config = ConfigDict(extra="ignore")

    options: Mapping[str, str]
    answer: str


_BENCHMARK = TypeAdapter(Mapping[str, Mapping[str, _Question]])


class DatasetScore(Frozen):
    """Accuracy of one dataset: `right` of `n`, standard error sqrt(p (1 - p) / n), bootstrap 95 % interval."""

    dataset: str
    n: int
    right: int
    missing: int
    unreadable: int
    accuracy: float
    standard_error: float
    low: float
    high: float


class Rescored(Frozen):
    """All datasets and the mean of their accuracies, each counting alike."""

    datasets: tuple[DatasetScore, ...]
    mean_accuracy: float


def rescore(benchmark: Path, predictions: Path, seed: int = 0) -> Rescored:
    """Score every dataset of the benchmark that has a folder of predictions.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file or when no dataset has predictions; `RECORD_INVALID` for another
            form.
    """
    if not benchmark.is_file():
        raise RadciteError("NOT_FOUND", benchmark.name)
    try:
        datasets = _BENCHMARK.validate_json(benchmark.read_bytes())
    except ValidationError as exc:
        raise RadciteError("RECORD_INVALID", f"{benchmark.name}: not a benchmark") from exc
    scored = tuple(
        _scored(name, questions, predictions / name, seed)
        for name, questions in datasets.items()
        if (predictions / name).is_dir() and questions
    )
    if not scored:
        raise RadciteError("NOT_FOUND", "a folder of predictions named like a dataset")
    return Rescored(datasets=scored, mean_accuracy=sum(s.accuracy for s in scored) / len(scored))


def chosen_letter(reply: Any) -> str | None:
    """The letter that a prediction's content chooses; None where it tells none."""
    first = reply[0] if isinstance(reply, list) and reply else reply  # pyright: ignore[reportUnknownVariableType]
    text = first if isinstance(first, str) else json.dumps(first)
    found = _LETTER.findall(text)
    return found[-1] if found else None


def _scored(name: str, questions: Mapping[str, _Question], folder: Path, seed: int) -> DatasetScore:
    values: list[float] = []
    missing = unreadable = 0
    for question_id, question in questions.items():
        reply = _reply(folder, question_id)
        letter = chosen_letter(reply) if reply is not None else None
        missing += reply is None
        unreadable += reply is not None and letter not in question.options
        values.append(float(letter == question.answer))
    share = sum(values) / len(values)
    found = interval_of_mean(values, list(range(len(values))), seed)
    return DatasetScore(
        dataset=name,
        n=len(values),
        right=int(sum(values)),
        missing=missing,
        unreadable=unreadable,
        accuracy=share,
        standard_error=sqrt(share * (1 - share) / len(values)),
        low=found.low,
        high=found.high,
    )


def _reply(folder: Path, question_id: str) -> Any:
    if not re.fullmatch(r"[\w.-]+", question_id) or question_id.startswith("."):
        return None
    for name in (f"test_{question_id}.json", f"{question_id}.json"):
        if (folder / name).is_file():
            text = (folder / name).read_text("utf-8")
            try:
                return json.loads(text)
            except ValueError:
                return text
    return None
