"""`radcite train reranker`: a cross-encoder that orders what a search found, for questions in both languages."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from radcite.backends.minilm import quantised
from radcite.backends.onnx_reranker import OnnxReranker, RerankerCard
from radcite.core.ports import TextEncoder
from radcite.core.sources import Language
from radcite.evals.datasets import Data
from radcite.evals.retrieval import TOYHOM, ToyhomRow
from radcite.evals.statistics import paired_difference
from radcite.training.cross_scores import minilm_files, scores_of
from radcite.training.curves import write_curves
from radcite.training.extra import need
from radcite.training.fit import Lesson, Round, fit
from radcite.training.licences import used
from radcite.training.model_card import CardFacts, Figure, write_card
from radcite.training.reranker_rows import (
    Group,
    Searched,
    first_groups,
    gain,
    taught_groups,
)
from radcite.training.text_pairs import read_text_pairs
from radcite.training.trackers import TrackerKind, open_tracker
from radcite.training.units import Part, check_disjoint, part_of

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    from radcite.training.cross_encoder import CrossEncoder

__all__ = ["RerankerPlan", "train_reranker"]

_Gain = Callable[[float, Language], list[tuple[float, float]]]
_NAME = "reranker"
_FIRST_SETS = frozenset(
    {"bioasq-title", "pubmedqa", "medquad", "medquad-zh", "cmedqq", "qa-zh", "toyhom"}
)
_SHARES = tuple(step / 10 for step in range(11))
_LEAST_SEEN = 5
_PIECES = 4
_MEASURED = 40


@dataclass(frozen=True, slots=True)
class RerankerPlan:
    """How the reranker is trained: first over pairs of all sets, then over what the search finds."""

    first: int = 4_000
    rounds: int = 2
    group: int = 5
    batch: int = 8
    max_tokens: int = 128
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    dropout: float = 0.1
    label_smoothing: float = 0.05
    patience: int = 0
    seed: int = 0
    bf16: bool = False


def train_reranker(
    data: Data,
    rows: Sequence[Searched],
    out: Path,
    encoder: Path,
    static: TextEncoder,
    *,
    plan: RerankerPlan | None = None,
    trackers: Sequence[TrackerKind] = (),
    minutes: float | None = None,
    command: str = "radcite train reranker",
    tell: Callable[[str], None] = print,
) -> Path:
    """Train the reranker and write `model.onnx` (int8), `tokenizer.json`, `radcite.json` and its card to `out`.

    How much it counts beside the search is chosen for each language on the development questions, and is 0 where it
    brings nothing there. The card reports nDCG@10 with and without it on questions that nothing was chosen on.

    Args:
        data: The data folder.
        rows: Questions with the hits that are put in order, from `searched`.
        out: The run's folder; a run that was killed is gone on with.
        encoder: Folder of the static encoder, whose rows give Chinese words their first meaning.
        static: That encoder.
        plan: How; the defaults are those of the measured model.
        trackers: Where figures go besides `figures.jsonl`.
        minutes: After which no round is begun; what was learned until then is written.
        command: What the card names as its making.
        tell: Called with remarks.

    Raises:
        RadciteError: `MISSING_EXTRA` without torch, `NOT_FOUND` without MiniLM's weights or a data file,
            `VALIDATION` when training data holds units that figures are reported on.
    """
    need("torch")
    import torch

    from radcite.training.cross_encoder import CrossEncoder, cross_tokenizer
    from radcite.training.export_cross import cross_graph
    from radcite.training.torch_run import Run

    plan = plan or RerankerPlan()
    out.mkdir(parents=True, exist_ok=True)
    early, late = asyncio.run(_groups(data, rows, static, plan))
    tell(f"{len(early)} groups to begin with, {len(late)} from the search")
    torch.manual_seed(plan.seed)
    words, weights = _words(encoder, [*early, *late])
    model = CrossEncoder(words.rows, 1, plan.dropout)
    model.take(weights)
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = cross_tokenizer(words.tokenizer, plan.max_tokens)
    few = [row for language in ("en", "zh") for row in _few(rows, language)]

    def score(pairs: Sequence[tuple[str, str]]) -> list[float]:
        return scores_of(model, tokenizer, pairs, 64, bf16=plan.bf16)[:, 0].tolist()

    def found(share: float) -> float:
        """Of English and Chinese questions together, each counted the same."""
        measured = gain(few, "dev", score if share else _nothing)
        return float(
            np.mean([after for each in ("en", "zh") for _, after in measured(share, each)])
        )

    tell(f"nDCG@10 of the search alone on {len(few)} development questions: {found(0.0):.3f}")
    run = Run(
        folder=out,
        recipe=f"{_NAME} {json.dumps(asdict(plan))}",
        tracker=open_tracker(out, trackers),
        measure=lambda: found(0.5),
    )
    rounds = [
        _round(piece, plan.batch)
        for groups in (early, *[late] * plan.rounds)
        for piece in _pieces(groups)
    ]
    fit(model, Lesson(rounds, _loss(model, tokenizer, plan), "dev_ndcg"), plan, run, tell, minutes)
    run.tracker.close()
    write_curves(out)
    small = quantised(cross_graph(model), out / "scratch.onnx")
    (out / "scratch.onnx").unlink()
    (out / "model.onnx").write_bytes(small.SerializeToString())
    (out / "tokenizer.json").write_text(words.tokenizer, "utf-8")
    return _finish(data, out, rows, plan, command, tell)


_FILES = ("model.onnx", "tokenizer.json", "radcite.json")


def _finish(
    data: Data,
    out: Path,
    rows: Sequence[Searched],
    plan: RerankerPlan,
    command: str,
    tell: Callable[[str], None],
) -> Path:
    """Choose the shares with the int8 model as it will be served, and write what it brings."""
    card = RerankerCard(name=_NAME, shares={}, max_tokens=plan.max_tokens)
    (out / "radcite.json").write_text(card.model_dump_json(indent=1) + "\n", "utf-8")
    served = OnnxReranker.from_folder(out)
    on_dev = gain(rows, "dev", served.scores)
    shares: dict[Language, float] = {
        language: share
        for language in ("en", "zh")
        if (share := max(_SHARES, key=lambda each: _mean(on_dev(each, language)))) > 0
    }
    card = card.model_copy(update={"shares": shares})
    (out / "radcite.json").write_text(card.model_dump_json(indent=1) + "\n", "utf-8")
    reported: tuple[tuple[Part, _Gain], ...] = (
        ("dev", on_dev),
        ("held", gain(rows, "held", served.scores)),
    )
    figures = [figure for part, measured in reported for figure in _figures(measured, shares, part)]
    for figure in figures:
        tell(f"{figure.name}: {figure.value:.3f} {figure.interval or ''}")
    return write_card(out, _card(data, command, asdict(plan), tuple(figures)), _FILES)


def _mean(both: Sequence[tuple[float, float]]) -> float:
    return float(np.mean([after for _, after in both])) if both else 0.0


def _figures(
    measured: _Gain,
    shares: Mapping[Language, float],
    part: Part,
) -> Iterator[Figure]:
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


async def _groups(
    data: Data, rows: Sequence[Searched], static: TextEncoder, plan: RerankerPlan
) -> tuple[list[Group], list[Group]]:
    rng = random.Random(plan.seed)  # noqa: S311 - a fixed sample
    pairs = [pair for pair in read_text_pairs(data, "train").pairs if pair.source in _FIRST_SETS]
    held = (row.unit for row in rows if part_of(row.unit) == "held")
    check_disjoint((pair.unit for pair in pairs), held)
    early = await first_groups(pairs, static, plan.group, plan.first, rng)
    answers = {row.id: row.answer for row in data.rows(TOYHOM, ToyhomRow)}
    return early, taught_groups(rows, plan.group, rng, answers)


def _nothing(pairs: Sequence[tuple[str, str]]) -> list[float]:
    return [0.0] * len(pairs)


def _few(rows: Sequence[Searched], language: Language) -> list[Searched]:
    mine = [row for row in rows if row.language == language and part_of(row.unit) == "dev"]
    return mine[:_MEASURED]


def _words(encoder: Path, groups: Sequence[Group]):
    from radcite.training.cross_words import frequent_chinese, widened_words
    from radcite.training.static_rows import read_static_rows

    tokenizer, weights = minilm_files()
    texts = [text for group in groups for text in (group.query, group.good, *group.others)]
    chinese = frequent_chinese(encoder / "tokenizer.json", dict.fromkeys(texts), _LEAST_SEEN)
    table = weights["embeddings.word_embeddings.weight"]
    widened = widened_words(tokenizer, table, chinese, read_static_rows(encoder), spread=0.3)
    return widened, weights


def _pieces(groups: Sequence[Group]) -> list[Sequence[Group]]:
    """Parts of a pass, after each of which the state is kept."""
    size = max(1, -(-len(groups) // _PIECES))
    return [groups[start : start + size] for start in range(0, len(groups), size)]


def _round(groups: Sequence[Group], size: int) -> Round[Sequence[Group]]:
    def drawn(rng: random.Random) -> Iterator[Sequence[Group]]:
        # Like lengths together: a batch costs as much as its longest text.
        order = sorted(groups, key=lambda group: len(group.good) + rng.random() * 80)
        cut = [order[start : start + size] for start in range(0, len(order), size)]
        rng.shuffle(cut)
        yield from cut

    return Round(-(-len(groups) // size), drawn)


def _loss(
    model: "CrossEncoder", tokenizer: "Tokenizer", plan: RerankerPlan
) -> "Callable[[Sequence[Group]], torch.Tensor]":
    import torch

    from radcite.training.cross_encoder import batch_of

    def loss(batch: Sequence[Group]) -> torch.Tensor:
        pairs = [(one.query, text) for one in batch for text in (one.good, *one.others)]
        scores = model(*batch_of(tokenizer, pairs)).view(len(batch), plan.group)
        good = torch.zeros(len(batch), dtype=torch.long, device=model.device)
        return torch.nn.functional.cross_entropy(scores, good, label_smoothing=plan.label_smoothing)

    return loss


def _card(
    data: Data, command: str, plan: Mapping[str, int | float], figures: tuple[Figure, ...]
) -> CardFacts:
    return CardFacts(
        title="reranker: which of the passages found answers a question best",
        purpose="Puts the first 15 hits of a search in order, together with the search's own scores.",
        not_for="deciding whether a text supports a statement, or whether a question can be answered at all.",
        origin="Starts from all-MiniLM-L6-v2 (Apache-2.0, sha256 53aa51172d14…), with rows for Chinese words from "
        "radcite's static encoder.",
        command=command,
        plan=plan,
        data=used(data),
        split="by question and document: the first byte of the SHA-256 of its id is below 112 for training and below "
        "128 for choices; 'held' figures are on the others, by the int8 model.",
        figures=figures,
        limits=(
            "Two texts together are cut at 128 tokens, the longer one first.",
            "Toyhom knows one right answer a question, though others often answer it too.",
        ),
    )
