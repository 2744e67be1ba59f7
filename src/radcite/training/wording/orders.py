"""How orders to a reader are worded: written ones against sentences of real documents."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radcite.core.grounding.orders import OrderModel, order_traits
from radcite.core.sentences import split_sentences
from radcite.core.sources import Language
from radcite.evals.datasets import Data, Row
from radcite.training.wording.linear import Traits, fitted

__all__ = ["OrderFigures", "RealSentences", "fit_orders", "real_sentences", "write_orders"]

_FREE: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "bioasq/corpus", "oa_fulltext_ccby/articles", "medquad/medquad",
        "roco_captions/captions", "covidqa/articles", "pubmedqa_l/pubmedqa",
    ),
    "zh": (
        "zh/toyhom_internal_medicine/qa", "zh/medicalgpt_sft1k/qa",
        "zh/huatuo_bencao/qa", "zh/cmdd_dialogues/dialogues",
    ),
}  # fmt: skip
_DOCUMENTS = 1500
_SENTENCES = 3000
_LENGTHS = (8, 500)
_FOLDS = 5
_RIDGE = 3.0
_COSTS = {"written orders": 10.0, "planted orders": 10.0, "written others": 3.0}
_COMMON = 60
_LEAST_WEIGHT = 0.03
# What studies of readers and of software are about: only the neighbours of these words tell an order.
_ORDINARY = frozenset({"reader", "tool", "report", "system", "model", "assistant", "software"})
# How near to an order a real sentence must read to be learned from besides the sampled ones.
_HARD_FROM = -1.5
_FALSE_DROPS = 0.0012

_Flags = NDArray[np.bool_]


class _Written(Row):
    text: str
    order: bool


class _Planted(Row):
    text: str
    instruction: str
    instruction_parts: tuple[str, ...] = ()

    def others(self) -> str:
        """The text without its order."""
        text = self.text
        for part in self.instruction_parts or (self.instruction,):
            text = text.replace(part, " ")
        return text


class _Source(Row):
    text: str


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """What folds say: each sentence is read by a model that has not seen it."""

    kind: str
    sentences: int
    taken_for_orders: float

    def __str__(self) -> str:
        return f"{self.kind}: {self.taken_for_orders:.4f} of {self.sentences} taken for orders"


@dataclass(frozen=True, slots=True)
class RealSentences:
    """Sentences of real documents: samples `by_set`, and `others` of the same sets, to look for hard ones in."""

    by_set: Mapping[str, Sequence[str]]
    others: Sequence[str] = ()


def real_sentences(data: Path, seed: int = 0) -> RealSentences:
    """Sentences of freely licensed documents in `data`, and of the gate's sources."""
    found: dict[str, list[str]] = {}
    others: list[str] = []
    random = np.random.default_rng(seed)
    for names in _FREE.values():
        for name in names:
            texts = _texts(data / "text" / f"{name}.jsonl.gz", random)
            sentences = sorted({one for text in texts for one in _sentences(text)})
            order = random.permutation(len(sentences))
            found[name] = [sentences[at] for at in order[:_SENTENCES]]
            others += [sentences[at] for at in order[_SENTENCES:]]
    for language in ("en", "zh"):
        rows = _evals("gate").rows(f"{language}/sources.jsonl", _Source)
        found[f"gate, {language}"] = [one for row in rows for one in _sentences(row.text)]
    return RealSentences(found, others)


def fit_orders(real: RealSentences, seed: int = 0) -> tuple[OrderModel, Sequence[OrderFigures]]:
    """The reading, its bias such that folds take 12 of 10,000 sampled real sentences for orders at most.

    What a first reading takes for orders of the other real sentences, or nearly, the second one learns from too.
    """
    written = Data(Path(str(files("radcite.training").joinpath("data")))).rows(
        "orders.jsonl", _Written
    )
    planted = _evals("injections").rows("dev.jsonl", _Planted)
    kinds: list[tuple[str, str]] = [
        *(("written orders" if row.order else "written others", row.text) for row in written),
        *(("planted orders", one) for row in planted for one in _split(row.instruction)),
        *(("planted texts", one) for row in planted for one in _sentences(row.others())),
        *((name, one) for name, sentences in real.by_set.items() for one in sentences),
    ]
    first, figures = _fit(kinds, real.by_set, seed)
    hard = [("hard sentences", one) for one in real.others if first.score(one) > _HARD_FROM]
    return _fit([*kinds, *hard], real.by_set, seed) if hard else (first, figures)


def _fit(
    told: Sequence[tuple[str, str]], sampled: Mapping[str, Sequence[str]], seed: int
) -> tuple[OrderModel, Sequence[OrderFigures]]:
    kinds = list({sentence: (kind, sentence) for kind, sentence in told}.values())
    names = np.array([kind for kind, _ in kinds])
    orders = np.array([kind.endswith("orders") for kind, _ in kinds])
    costs = np.array([_COSTS.get(kind, 1.0) for kind, _ in kinds])
    said = [order_traits(sentence) for _, sentence in kinds]
    known = _known(said, orders)
    held = np.zeros(len(kinds))
    fold = np.random.default_rng(seed).integers(0, _FOLDS, len(kinds))
    place = {trait: at for at, trait in enumerate(known)}
    traits = Traits.of(
        [[(place[trait], 1.0) for trait in one if trait in place] for one in said], len(known)
    )
    for number in range(_FOLDS):
        kept, away = fold != number, fold == number
        weights = fitted(traits.only(kept), orders[kept], costs[kept], _RIDGE)
        held[away] = traits.only(away).times(weights[:-1]) + weights[-1]
    others = np.sort(held[np.isin(names, list(sampled))])[::-1]
    least = float(others[int(_FALSE_DROPS * len(others))])
    weights = fitted(traits, orders, costs, _RIDGE)
    model = OrderModel(
        bias=round(float(weights[-1]) - least, 3),
        weights={
            trait: round(float(weight), 2)
            for trait, weight in zip(known, weights, strict=False)
            if abs(weight) >= _LEAST_WEIGHT
        },
    )
    figures = [
        OrderFigures(kind, int((names == kind).sum()), float((held[names == kind] > least).mean()))
        for kind in dict.fromkeys(names.tolist())
    ]
    return model, figures


def write_orders(model: OrderModel, target: Path) -> None:
    """The reading as the package carries it."""
    text = json.dumps(model.model_dump(), ensure_ascii=False, separators=(",", ":"))
    target.write_text(text + "\n", "utf-8")


def _evals(name: str) -> Data:
    return Data(Path(str(files("radcite.evals").joinpath(f"data/{name}"))))


def _split(text: str) -> Iterator[str]:
    for start, end in split_sentences(text):
        if text[start:end].strip():
            yield text[start:end].strip()


def _sentences(text: str) -> Iterator[str]:
    least, most = _LENGTHS
    return (one for one in _split(text) if least <= len(one) <= most)


def _texts(path: Path, random: np.random.Generator) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for at in random.permutation(len(rows))[:_DOCUMENTS]:
        yield from _strings(rows[at])


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) > _LENGTHS[0]:
            yield value[:6000]
    elif isinstance(value, dict):
        for each in value.values():  # pyright: ignore[reportUnknownVariableType] # JSON of any shape
            yield from _strings(each)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        for each in value:  # pyright: ignore[reportUnknownVariableType] # JSON of any shape
            yield from _strings(each)  # pyright: ignore[reportUnknownArgumentType]


def _known(said: Sequence[set[str]], orders: _Flags) -> list[str]:
    """Traits of orders, and what real sentences have so often that it speaks against one."""
    of_orders = {trait for one, order in zip(said, orders, strict=True) if order for trait in one}
    counts = Counter(
        trait for one, order in zip(said, orders, strict=True) if not order for trait in one
    )
    return sorted(
        (of_orders - _ORDINARY) | {trait for trait, count in counts.items() if count >= 2 * _COMMON}
    )
