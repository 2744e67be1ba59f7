"""`radcite train judge`: a cross-encoder that says whether a quote carries a claim."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.backends.minilm import quantised
from radcite.evals.datasets import Data
from radcite.evals.logistic import auroc
from radcite.training.claim_rows import LABELS, ClaimRow
from radcite.training.cross_data import batches, lesson_rows, written_part
from radcite.training.cross_scores import minilm_files, scores_of
from radcite.training.curves import write_curves
from radcite.training.extra import need
from radcite.training.fit import Lesson, Round, fit
from radcite.training.licences import used
from radcite.training.model_card import CardFacts, Figure, write_card
from radcite.training.trackers import TrackerKind, open_tracker

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    from radcite.training.cross_encoder import CrossEncoder
    from radcite.training.cross_words import Widened

__all__ = ["JudgePlan", "recall_at_precision", "train_judge"]

_NAME = "judge"


@dataclass(frozen=True, slots=True)
class JudgePlan:
    """How the judge is trained. The first round is over automatic rows, the others over written ones."""

    rounds: int = 3
    batch: int = 32
    max_tokens: int = 160
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    dropout: float = 0.1
    label_smoothing: float = 0.05
    patience: int = 0
    seed: int = 0
    bf16: bool = False


def train_judge(
    data: Data,
    out: Path,
    encoder: Path,
    *,
    plan: JudgePlan | None = None,
    trackers: Sequence[TrackerKind] = (),
    command: str = "radcite train judge",
    tell: Callable[[str], None] = print,
) -> Path:
    """Train the judge and write `model.onnx` (int8), `tokenizer.json`, `radcite.json` and its card to `out`.

    The card's file names no thresholds: they are chosen on development claims of the gate and written there by hand,
    with the figures that justify them; until then the model judges nothing.

    Args:
        data: The data folder.
        out: The run's folder; a run that was killed is gone on with.
        encoder: Folder of the static encoder, whose rows give Chinese characters their first meaning.
        plan: How; the defaults are those of the shipped model.
        trackers: Where figures go besides `figures.jsonl`.
        command: What the card names as its making.
        tell: Called with remarks.

    Raises:
        RadciteError: `MISSING_EXTRA` without torch, `NOT_FOUND` without MiniLM's weights or a data file.
    """
    need("torch")
    import torch

    from radcite.training.cross_encoder import CrossEncoder, cross_tokenizer
    from radcite.training.export_cross import cross_graph
    from radcite.training.torch_run import Run

    plan = plan or JudgePlan()
    out.mkdir(parents=True, exist_ok=True)
    automatic, written = lesson_rows(data, plan.seed, 1)
    dev = written_part(data, "dev")
    tell(f"{len(automatic)} automatic rows, {len(written)} written ones, {len(dev)} to choose by")
    torch.manual_seed(plan.seed)
    words, weights = _words(encoder, [*automatic, *written])
    model = CrossEncoder(words.rows, len(LABELS), plan.dropout)
    model.take(weights)
    tokenizer = cross_tokenizer(words.tokenizer, plan.max_tokens)

    def judged(rows: Sequence[ClaimRow]) -> NDArray[np.float64]:
        return _probabilities(model, tokenizer, rows, plan.batch)

    run = Run(
        folder=out,
        recipe=f"{_NAME} {json.dumps(asdict(plan))}",
        tracker=open_tracker(out, trackers),
        measure=lambda: _auroc(judged(dev), dev),
    )
    rounds = [_round(rows, plan.batch) for rows in (automatic, *[written] * plan.rounds)]
    fit(model, Lesson(rounds, _loss(model, tokenizer, plan), "dev_auroc"), plan, run, tell)
    run.tracker.close()
    write_curves(out)
    small = quantised(cross_graph(model), out / "scratch.onnx")
    (out / "scratch.onnx").unlink()
    (out / "model.onnx").write_bytes(small.SerializeToString())
    (out / "tokenizer.json").write_text(words.tokenizer, "utf-8")
    card = {"name": _NAME, "thresholds": {}, "max_tokens": plan.max_tokens}
    (out / "radcite.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    found = judged(dev)
    return write_card(out, _card(data, command, asdict(plan), _figures(found, dev)), _FILES)


_FILES = ("model.onnx", "tokenizer.json", "radcite.json")


def recall_at_precision(
    scores: NDArray[np.float64], labels: NDArray[np.bool_], precision: float
) -> float:
    """The largest share of true items found at a threshold that keeps at least this precision; 0 if none does."""
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(labels[order])
    kept = right / np.arange(1, len(order) + 1) >= precision
    return float(right[kept].max() / labels.sum()) if kept.any() and labels.any() else 0.0


def _words(
    encoder: Path, rows: Sequence[ClaimRow]
) -> "tuple[Widened, Mapping[str, NDArray[np.float32]]]":
    from radcite.training.cross_words import widened_words
    from radcite.training.static_rows import read_static_rows

    tokenizer, weights = minilm_files()
    chinese = {
        c for row in rows if row.language == "zh" for c in row.quote + row.claim if ord(c) > 0x2E7F
    }
    table = weights["embeddings.word_embeddings.weight"]
    return widened_words(tokenizer, table, chinese, read_static_rows(encoder)), weights


def _round(rows: Sequence[ClaimRow], size: int) -> Round[Sequence[ClaimRow]]:
    return Round(-(-len(rows) // size), lambda rng: batches(rows, size, rng))


def _loss(
    model: "CrossEncoder", tokenizer: "Tokenizer", plan: JudgePlan
) -> "Callable[[Sequence[ClaimRow]], torch.Tensor]":
    import torch

    from radcite.training.cross_encoder import batch_of

    numbers = {label: number for number, label in enumerate(LABELS)}

    def loss(batch: Sequence[ClaimRow]) -> torch.Tensor:
        scores = model(*batch_of(tokenizer, [(row.quote, row.claim) for row in batch]))
        wanted = torch.tensor([numbers[row.label] for row in batch], device=model.device)
        return torch.nn.functional.cross_entropy(
            scores, wanted, label_smoothing=plan.label_smoothing
        )

    return loss


def _probabilities(
    model: "CrossEncoder", tokenizer: "Tokenizer", rows: Sequence[ClaimRow], size: int
) -> NDArray[np.float64]:
    scores = scores_of(model, tokenizer, [(row.quote, row.claim) for row in rows], size)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (raised / raised.sum(axis=1, keepdims=True))[:, 0].astype(np.float64)


def _auroc(scores: NDArray[np.float64], rows: Sequence[ClaimRow]) -> float:
    return auroc(scores, np.array([float(row.label == "supports") for row in rows]))


def _figures(scores: NDArray[np.float64], rows: Sequence[ClaimRow]) -> tuple[Figure, ...]:
    figures: list[Figure] = []
    for language in ("en", "zh"):
        mine = [i for i, row in enumerate(rows) if row.language == language]
        if not mine:
            continue
        labels = np.array([rows[i].label == "supports" for i in mine])
        of = scores[mine]
        for name, value in (
            ("AUROC", auroc(of, labels.astype(float))),
            ("recall at 95 % precision", recall_at_precision(of, labels, 0.95)),
        ):
            figures.append(
                Figure(
                    name=f"{language}: {name}", value=value, on="written claims, dev", n=len(mine)
                )
            )
    return tuple(figures)


def _card(
    data: Data, command: str, plan: Mapping[str, int | float], figures: tuple[Figure, ...]
) -> CardFacts:
    return CardFacts(
        title="judge: whether a quote carries a claim",
        purpose="Asked by the claim gate where the rules object to a claim's wording only.",
        not_for="deciding alone: numbers, sides, denials and the like are kept by rules that it cannot overrule.",
        origin="Starts from all-MiniLM-L6-v2 (Apache-2.0, sha256 53aa51172d14…), with rows for Chinese characters.",
        command=command,
        plan=plan,
        data=used(data),
        split="by the quote's document, by the first byte of the SHA-256 of its id.",
        figures=figures,
    )
