"""How emergencies are worded: a linear reading of words that weighs with the safety rules."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radcite.agent.safety.red_flags import find_red_flags
from radcite.agent.safety.wording import WordingModel, grams
from radcite.core.sources import Language
from radcite.evals.datasets import Data, Row
from radcite.training.wording.linear import Floats, Traits, fitted

__all__ = ["Figures", "fit_wording", "write_models", "written_messages"]

_FOLDS = 5
_RIDGE = 0.1
_LEAST_MESSAGES = 2
_FALSE_ALARMS = 0.03
_RULE_WEIGHTS = tuple(np.arange(0.25, 6.01, 0.25).tolist())
_ALIKE = 0.005

_Flags = NDArray[np.bool_]
Source = Literal["messages", "first", "second"]


class _Message(Row):
    id: str
    language: Language
    text: str
    red_flag: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What folds of the messages of one kind say: of each message, a reading that has not seen it."""

    language: Language
    source: Source
    messages: int
    recall: float
    false_alarms: float
    rules_recall: float
    rules_false_alarms: float

    def __str__(self) -> str:
        both = f"{self.recall:.3f} of emergencies at {self.false_alarms:.3f} false alarms"
        rules = f"rules alone {self.rules_recall:.3f} at {self.rules_false_alarms:.3f}"
        return f"{self.source}: {both}; {rules} ({self.messages} messages, {_FOLDS} folds)"


def written_messages() -> Mapping[Source, list[_Message]]:
    """Messages written for training, and those of the opened halves of the task `red-flags`."""
    own = Data(Path(str(files("radcite.training").joinpath("data"))))
    opened = Data(Path(str(files("radcite.evals").joinpath("data/red_flags"))))
    return {
        "messages": own.rows("emergencies.jsonl", _Message),
        "first": opened.rows("dev.jsonl", _Message),
        "second": opened.rows("dev_2.jsonl", _Message),
    }


def fit_wording(language: Language, seed: int = 0) -> tuple[WordingModel, Sequence[Figures]]:
    """The reading for a language, and what folds say of it.

    The weight of a rule and the bias are chosen on folds of the messages that the rules were not made with:
    the most emergencies found at no more than 3 % false alarms. A rule knows what no message has taught, so of
    weights that find nearly as many the greatest is taken.
    """
    rows = [
        (source, row)
        for source, of_source in written_messages().items()
        for row in of_source
        if row.language == language
    ]
    said = [grams(row.text) for _, row in rows]
    counts = Counter(gram for each in said for gram in each)
    known = sorted(gram for gram, count in counts.items() if count >= _LEAST_MESSAGES)
    vectors = _vectors(said, counts, known)
    labels = np.array([row.red_flag for _, row in rows])
    ruled = np.array([bool(find_red_flags(row.text)) for _, row in rows])
    sources = np.array([source for source, _ in rows])
    held = _held_back(vectors, labels, seed)
    fresh = sources != "first"
    rule, bias = _chosen(held[fresh], ruled[fresh], labels[fresh])
    weights = _fitted(vectors, labels)
    model = WordingModel(
        language=language,
        messages=len(rows),
        bias=round(float(weights[-1]) + bias, 4),
        rule=rule,
        weights={
            gram: (counts[gram], round(float(weight), 3))
            for gram, weight in zip(known, weights, strict=False)
        },
    )
    alarms = held + bias + rule * ruled >= 0
    figures = [
        Figures(
            language,
            source,
            int((sources == source).sum()),
            *_rates(alarms[sources == source], labels[sources == source]),
            *_rates(ruled[sources == source], labels[sources == source]),
        )
        for source in written_messages()
    ]
    return model, figures


def write_models(models: Sequence[WordingModel], target: Path) -> None:
    """The readings as the package carries them."""
    dumped = [model.model_dump() for model in models]
    text = json.dumps(dumped, ensure_ascii=False, separators=(",", ":"))
    target.write_text(text + "\n", "utf-8")


def _vectors(said: Sequence[set[str]], counts: Mapping[str, int], known: Sequence[str]) -> Traits:
    """Rarities of the known grams, (messages, grams), over the length of all the message's grams."""
    place = {gram: at for at, gram in enumerate(known)}
    rarity = {gram: math.log(len(said) / count) for gram, count in counts.items()}
    lengths = [math.sqrt(sum(rarity[gram] ** 2 for gram in each)) or 1.0 for each in said]
    return Traits.of(
        [
            [(place[gram], rarity[gram] / length) for gram in each & place.keys()]
            for each, length in zip(said, lengths, strict=True)
        ],
        len(known),
    )


def _held_back(vectors: Traits, labels: _Flags, seed: int) -> Floats:
    """For each message the reading of a model that has not seen it."""
    order = np.random.default_rng(seed).permutation(len(labels))
    scores = np.zeros(len(labels))
    for fold in range(_FOLDS):
        away = np.zeros(len(labels), dtype=np.bool_)
        away[order[fold::_FOLDS]] = True
        weights = _fitted(vectors.only(~away), labels[~away])
        scores[away] = vectors.only(away).times(weights[:-1]) + weights[-1]
    return scores


def _fitted(vectors: Traits, labels: _Flags) -> Floats:
    return fitted(vectors, labels, np.ones(len(labels)), _RIDGE)


def _chosen(scores: Floats, ruled: _Flags, labels: _Flags) -> tuple[float, float]:
    """Weight of a rule and bias: of nearly as many emergencies found, the rule that weighs most."""
    allowed = int(_FALSE_ALARMS * (~labels).sum())
    choices: list[tuple[float, float, float]] = []
    for rule in _RULE_WEIGHTS:
        both = scores + rule * ruled
        least = float(np.sort(both[~labels])[::-1][allowed]) + 1e-6
        choices.append((float((both[labels] >= least).mean()), rule, -least))
    most = max(choices)[0]
    _, rule, bias = max((one for one in choices if one[0] >= most - _ALIKE), key=lambda one: one[1])
    return rule, bias


def _rates(alarms: _Flags, labels: _Flags) -> tuple[float, float]:
    return float(alarms[labels].mean()), float(alarms[~labels].mean())
