"""Whether what is to be learned is asked by a registered evaluation set."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data, digest_of
from radcite.evals.images.rows import read_images
from radcite.evals.questions.definition import question_sets
from radcite.evals.questions.items import items_at_hand
from radcite.evals.retrieval import (
    BIOASQ,
    MEDQUAD,
    BioasqQuestion,
    MedquadDocument,
    unread_documents,
    unread_questions,
)
from radcite.evals.units import plain
from radcite.training.units import check_disjoint, is_held

__all__ = ["check_images", "check_leakage", "evaluated_questions"]


def evaluated_questions(data: Data, tell: Callable[[str], None]) -> Mapping[str, str]:
    """Every question that a registered set or task asks, without case, blanks and signs, and which asks it.

    What is the same for every image of a set ("describe this image") is no question of it.

    Args:
        data: The data folder; a set that is not in it is told of and passed over.
        tell: Called with remarks.
    """
    asked: dict[str, str] = {}
    readers = {
        **{
            one.name: lambda one=one: [item.question for item in items_at_hand(one, data)]
            for one in question_sets().values()
            if one.question is None
        },
        "retrieval-bioasq": lambda: _unread_bioasq(data),
        "calibrate-floor": lambda: _unread_medquad(data),
    }
    for name, read in readers.items():
        try:
            asked |= {plain(question): name for question in read()}
        except RadciteError as error:
            if error.code != "NOT_FOUND":
                raise
            tell(f"not checked against {name}: its data is not at hand")
    asked.pop("", None)
    return asked


def _unread_bioasq(data: Data) -> list[str]:
    rows = data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    return [row.question for row in unread_questions(rows)]


def _unread_medquad(data: Data) -> list[str]:
    answered = [row for row in data.rows(MEDQUAD, MedquadDocument) if row.is_answered]
    return [one.question for row in unread_documents(answered) for one in row.qa if one.answer]


def check_leakage(
    questions: Iterable[str], data: Data, tell: Callable[[str], None] = lambda _: None
) -> None:
    """No question to be learned is one that a registered set asks.

    Raises:
        RadciteError: `VALIDATION` telling how many are.
    """
    check_disjoint((plain(question) for question in questions), evaluated_questions(data, tell))


def check_images(files: Iterable[Path], data: Data, tell: Callable[[str], None]) -> None:
    """No image to be learned is one that a registered task reports on; compared by the digests of their bytes.

    Raises:
        RadciteError: `VALIDATION` telling how many are.
    """
    try:
        rows = [*read_images(data), *read_images(data, free=False)]
    except RadciteError as error:
        if error.code != "NOT_FOUND":
            raise
        tell("not checked against the image tasks: their data is not at hand")
        return
    reported = (digest_of(row.path) for row in rows if is_held(row.unit) and row.path.is_file())
    check_disjoint((digest_of(file) for file in files), reported)
