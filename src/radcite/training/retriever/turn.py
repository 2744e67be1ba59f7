"""The turn that brings the static encoder's vectors onto its teacher's axes."""

from pathlib import Path

import numpy as np

from radcite.core.ports import TextEncoder
from radcite.core.vectors import Vectors
from radcite.evals.datasets import Data, Row
from radcite.evals.retrieval import BioasqQuestion
from radcite.evals.units import part_of

__all__ = ["fit_turn", "turn_texts", "write_turn"]

_ABSTRACTS = 2_000
_LONGEST = 600


class _Passage(Row):
    text: str


class _Document(Row):
    pmid: str
    passages: tuple[_Passage, ...]


def fit_turn(student: Vectors, teacher: Vectors) -> Vectors:
    """The orthogonal matrix, (dim, dim), that brings the student's rows nearest to the teacher's.

    Source: Schönemann, A generalized solution of the orthogonal Procrustes problem (1966).
    """
    left, _, right = np.linalg.svd(student.T @ teacher)
    return (left @ right).astype(np.float32)


def turn_texts(data: Data) -> list[str]:
    """English questions and abstracts of the training part."""
    questions = data.rows("text/bioasq/questions.jsonl.gz", BioasqQuestion)
    documents = data.rows("text/bioasq/corpus.jsonl.gz", _Document)
    asked = [row.question for row in questions if part_of(row.id) == "train"]
    told = [
        " ".join(passage.text for passage in row.passages)[:_LONGEST]
        for row in documents
        if part_of(row.pmid) == "train"
    ]
    return [*asked, *told[:_ABSTRACTS]]


async def write_turn(
    data: Data, student: TextEncoder, teacher: TextEncoder, target: Path
) -> tuple[float, float]:
    """Write the turn as `float16`; the mean cosine of both encoders' vectors without and with it."""
    texts = turn_texts(data)
    own, taught = await student.encode(texts), await teacher.encode(texts)
    turn = fit_turn(own, taught)
    np.save(target, turn.astype(np.float16))
    return float((own * taught).sum(1).mean()), float(((own @ turn) * taught).sum(1).mean())
