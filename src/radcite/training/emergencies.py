"""How emergencies are worded: a linear reading of text vectors that weighs with the safety rules."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radcite.agent.safety.red_flags import find_red_flags
from radcite.agent.safety.wording import WordingModel
from radcite.core.ports import TextEncoder
from radcite.core.sources import Language
from radcite.evals.datasets import Data, Row

__all__ = ["Figures", "fit_wording", "write_models", "written_messages"]

_FOLDS = 5
_RIDGE = 0.3
_STEPS = 40
_FALSE_ALARMS = 0.03
_RULE_WEIGHTS = tuple(np.arange(0.0, 6.01, 0.25).tolist())

_Floats = NDArray[np.float64]


class _Message(Row):
    id: str
    language: Language
    text: str
    red_flag: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What folds of the written messages say; the rules were not made with these in view."""

    language: Language
    messages: int
    recall: float
    false_alarms: float
    rules_recall: float
    rules_false_alarms: float

    def __str__(self) -> str:
        both = f"{self.recall:.3f} of emergencies at {self.false_alarms:.3f} false alarms"
        rules = f"rules alone {self.rules_recall:.3f} at {self.rules_false_alarms:.3f}"
        return f"{both}; {rules} ({self.messages} messages, {_FOLDS} folds)"


def written_messages(name: str = "emergencies.jsonl") -> list[_Message]:
    """Messages written for training, and those of the development half, which the rules were made with."""
    own = Data(Path(str(files("radcite.training").joinpath("data"))))
    opened = Data(Path(str(files("radcite.evals").joinpath("data/red_flags"))))
    return [*own.rows(name, _Message), *opened.rows("dev.jsonl", _Message)]


async def fit_wording(
    encoder: TextEncoder, language: Language, seed: int = 0
) -> tuple[WordingModel, Figures]:
    """The reading for an encoder and a language.

    The weight of a rule and the bias are chosen on folds of the messages that the rules were not made with:
    the most emergencies found at no more than 3 % false alarms.
    """
    rows = [row for row in written_messages() if row.language == language]
    vectors = np.asarray(await encoder.encode([row.text for row in rows]), dtype=np.float64)
    labels = np.array([row.red_flag for row in rows])
    ruled = np.array([bool(find_red_flags(row.text)) for row in rows])
    fresh = np.array([not row.id.startswith("dev-") for row in rows])
    held = _held_back(vectors, labels, seed)
    rule, bias = _chosen(held[fresh], ruled[fresh], labels[fresh])
    weights = _logistic(vectors, labels)
    model = WordingModel(
        encoder=encoder.fingerprint,
        language=language,
        weights=tuple(np.round(weights[:-1], 4).tolist()),
        bias=round(float(weights[-1]) + bias, 4),
        rule=rule,
    )
    alarms = held + bias + rule * ruled >= 0
    figures = Figures(
        language,
        int(fresh.sum()),
        *_rates(alarms[fresh], labels[fresh]),
        *_rates(ruled[fresh], labels[fresh]),
    )
    return model, figures


def write_models(models: Sequence[WordingModel], target: Path) -> None:
    """The readings as the package carries them."""
    target.write_text(json.dumps([model.model_dump() for model in models]) + "\n", "utf-8")


def _held_back(vectors: _Floats, labels: NDArray[np.bool_], seed: int) -> _Floats:
    """For each message the reading of a model that has not seen it."""
    order = np.random.default_rng(seed).permutation(len(labels))
    scores = np.zeros(len(labels))
    for fold in range(_FOLDS):
        away = order[fold::_FOLDS]
        kept = np.setdiff1d(order, away)
        weights = _logistic(vectors[kept], labels[kept])
        scores[away] = vectors[away] @ weights[:-1] + weights[-1]
    return scores


def _chosen(
    scores: _Floats, ruled: NDArray[np.bool_], labels: NDArray[np.bool_]
) -> tuple[float, float]:
    best = (-1.0, 0.0, 0.0)
    allowed = int(_FALSE_ALARMS * (~labels).sum())
    for rule in _RULE_WEIGHTS:
        both = scores + rule * ruled
        least = float(np.sort(both[~labels])[::-1][allowed]) + 1e-6
        found = float((both[labels] >= least).mean())
        best = max(best, (found, -rule, -least))
    return -best[1], best[2]


def _rates(alarms: NDArray[np.bool_], labels: NDArray[np.bool_]) -> tuple[float, float]:
    return float(alarms[labels].mean()), float(alarms[~labels].mean())


def _logistic(vectors: _Floats, labels: NDArray[np.bool_]) -> _Floats:
    """Weights and, last, the bias, by Newton's method with a ridge on the weights."""
    design = np.column_stack([vectors, np.ones(len(vectors))])
    ridge = np.diag([_RIDGE] * vectors.shape[1] + [1e-6])
    weights = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (chance - labels) + ridge @ weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + ridge
        step = np.linalg.solve(bend, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights
