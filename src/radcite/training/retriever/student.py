"""The static encoder: a text's vector is the mean of its tokens' rows.

Rows start as the teacher's (MiniLM's) reading of each token, a Chinese term as its English name's;
distillation then moves texts to the teacher's vectors and contrast moves questions to their answers.

Source: van Dongen and Tulkens, Model2Vec (2024); Reimers and Gurevych, arXiv 2004.09813.
"""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from radcite.training.fit import rounds
from radcite.training.torch_run import Learner, Run

__all__ = [
    "Lesson",
    "Plan",
    "Student",
    "Targets",
    "Teacher",
    "first_rows",
    "token_ids",
    "train_student",
]

Teacher = Callable[[Sequence[str]], NDArray[np.float32]]
Ids = Sequence[Sequence[int]]
_OWN = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """How the student is trained. `scale` sharpens the softmax over cosines.

    The loss is `contrast` times the cross-entropy of finding a pair's other half in the batch, `distil` times
    the distance to the teacher's vectors, and `agree` times how far the batch's ranking is from the teacher's.
    """

    dim: int = 384
    max_tokens: int = 512
    batch: int = 256
    epochs: int = 6
    learning_rate: float = 5e-3
    scale: float = 20.0
    contrast: float = 0.5
    distil: float = 40.0
    agree: float = 10.0
    patience: int = 0
    seed: int = 0


class Student(nn.Module):
    """One row a token; a text is the normalised mean of its rows."""

    def __init__(self, rows: NDArray[np.float32]) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag.from_pretrained(
            torch.from_numpy(rows), freeze=False, mode="mean"
        )

    def forward(self, ids: Ids) -> Tensor:
        """Unit vectors, shape (texts, dim)."""
        starts = np.cumsum([0, *(len(each) for each in ids[:-1])])
        flat = torch.tensor([token for each in ids for token in each])
        return nn.functional.normalize(self.table(flat, torch.from_numpy(starts)), dim=-1)


def token_ids(tokenizer: Tokenizer, texts: Sequence[str], most: int) -> list[list[int]]:
    """Token numbers of each text, cut at `most`."""
    cut = [text[: most * 8] for text in texts]
    return [encoding.ids[:most] for encoding in tokenizer.encode_batch_fast(cut)]


def first_rows(
    vocabulary: Sequence[str],
    teacher: Teacher,
    english_of: Mapping[str, str],
    fit_on: NDArray[np.float32],
    counts: NDArray[np.int64],
    dim: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Rows to start from, and the teacher's mean and directions that they are laid along.

    Args:
        vocabulary: Tokens by number.
        teacher: Texts to unit vectors.
        english_of: An English name for Chinese terms.
        fit_on: Teacher's vectors of texts; the directions kept are their principal ones.
        counts: How often each token occurs; frequent ones weigh less.
        dim: Width of a row.

    Returns:
        Rows (tokens, dim), mean (teacher's dim,), directions (teacher's dim, dim).
    """
    mean = fit_on.mean(axis=0)
    _, _, turned = np.linalg.svd(fit_on - mean, full_matrices=False)
    directions = turned[:dim].T.astype(np.float32)
    spoken = [english_of.get(token, token.removeprefix("##")) for token in vocabulary]
    is_known = np.array([token.isascii() or token in english_of for token in vocabulary])
    rows = (teacher(spoken) - mean) @ directions
    _chinese_parts(rows, vocabulary, is_known)
    share = (counts + 1) / (counts.sum() + 1)
    return (
        (rows * (1e-3 / (1e-3 + share))[:, None]).astype(np.float32),
        mean.astype(np.float32),
        directions,
    )


def _chinese_parts(
    rows: NDArray[np.float32], vocabulary: Sequence[str], is_known: NDArray[np.bool_]
) -> None:
    """A character or run without an English name starts as the mean of the names it stands in."""
    sums = np.zeros_like(rows)
    times = np.zeros(len(vocabulary))
    numbers = {token: number for number, token in enumerate(vocabulary)}
    for number, token in enumerate(vocabulary):
        if not is_known[number] or token.isascii():
            continue
        for size in (1, 2, 3, 4):
            for start in range(len(token) - size + 1):
                part = numbers.get(token[start : start + size])
                if part is not None and not is_known[part]:
                    sums[part] += rows[number]
                    times[part] += 1
    random = np.random.default_rng(0)
    for number in np.flatnonzero(~is_known):
        # A direction of its own, so that two texts with the same words are near from the start.
        own = random.standard_normal(rows.shape[1])
        rows[number] = _OWN * own / np.linalg.norm(own)
        if times[number]:
            rows[number] += sums[number] / times[number]


@dataclass(frozen=True, slots=True)
class Targets:
    """The teacher's unit vectors, (texts, dim), and which texts it has read."""

    vectors: NDArray[np.float32]
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pairs as token numbers with the teacher's reading of both sides, and single texts with theirs."""

    queries: Ids
    documents: Ids
    kinds: Sequence[str]
    query_targets: Targets
    document_targets: Targets
    texts: Ids
    targets: NDArray[np.float32]


def _batches(
    kinds: Sequence[str], size: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Batches of one kind of pair each, so that a batch's other documents are near misses."""
    names = sorted(set(kinds))
    of = {name: np.array([i for i, kind in enumerate(kinds) if kind == name]) for name in names}
    chunks = [
        chunk
        for name in names
        for chunk in np.array_split(rng.permutation(of[name]), max(1, len(of[name]) // size))
    ]
    rng.shuffle(chunks)  # pyright: ignore[reportArgumentType] - a list of arrays is shuffled as a list
    yield from chunks


def train_student(student: Student, lesson: Lesson, plan: Plan, run: Run) -> None:
    """Train in place, from where an earlier run of the same folder stopped; a checkpoint after each epoch."""
    torch.manual_seed(plan.seed)
    optimiser = torch.optim.Adam(student.parameters(), lr=plan.learning_rate)
    rng = np.random.default_rng(plan.seed)
    steps = plan.epochs * sum(1 for _ in _batches(lesson.kinds, plan.batch, rng))
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.05, steps)
    learner = Learner(student, optimiser, schedule)

    def teach(epoch: int) -> dict[str, float]:
        # Seeded by the epoch, so that a resumed run sees the batches that it would have seen.
        rng = np.random.default_rng([plan.seed, epoch])
        sums: list[tuple[float, float]] = []
        for batch in _batches(lesson.kinds, plan.batch, rng):
            chosen = rng.integers(0, len(lesson.texts), plan.batch)
            contrast, distance, apart = _losses(student, lesson, plan, batch, chosen)
            learner.step(plan.contrast * contrast + plan.distil * distance + plan.agree * apart)
            sums.append((contrast.item(), distance.item()))
        means = np.array(sums).mean(axis=0)
        return {"contrast": float(means[0]), "distance": float(means[1])}

    rounds(learner, plan.epochs, teach, run, patience=plan.patience)


def _losses(
    student: Student,
    lesson: Lesson,
    plan: Plan,
    batch: NDArray[np.int64],
    chosen: NDArray[np.int64],
) -> tuple[Tensor, Tensor, Tensor]:
    """Contrast within the batch, distance to the teacher's vectors, and to its ranking."""
    asked = student([lesson.queries[i] for i in batch])
    answers = student([lesson.documents[i] for i in batch])
    scores = plan.scale * asked @ answers.T
    same = torch.arange(len(batch))
    cross = nn.functional.cross_entropy
    contrast = (cross(scores, same) + cross(scores.T, same)) / 2
    made = student([lesson.texts[i] for i in chosen])
    distance = 1 - (made * torch.from_numpy(lesson.targets[chosen])).sum(dim=1).mean()
    read: list[Tensor] = []
    for vectors, targets in (
        (asked, lesson.query_targets),
        (answers, lesson.document_targets),
    ):
        known = torch.from_numpy(targets.known[batch])
        wanted = torch.from_numpy(targets.vectors[batch])
        read.append(wanted)
        if known.any():
            distance = distance + (1 - (vectors * wanted).sum(dim=1))[known].mean()
    if not (lesson.query_targets.known[batch] & lesson.document_targets.known[batch]).all():
        return contrast, distance, torch.zeros(())
    theirs = nn.functional.softmax(plan.scale * read[0] @ read[1].T, dim=1)
    apart = nn.functional.kl_div(
        nn.functional.log_softmax(scores, dim=1), theirs, reduction="batchmean"
    )
    return contrast, distance, apart
