"""Whether what is to be learned is asked by a registered evaluation set."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from unicodedata import normalize

from pydantic import AliasChoices, Field

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data, Row, digest_of
from radcite.evals.images.rows import read_images
from radcite.evals.questions.definition import question_sets
from radcite.training.units import check_disjoint, is_held

__all__ = ["check_images", "check_leakage", "evaluated_questions", "plain"]

# Asked by a task that is no question set.
_BESIDE = {"text/covidqa/questions.jsonl.gz": "answers-covidqa"}
# Sets of which one part may be learned from: a question of another part is no evaluation question.
_DIVIDED = ("text/bioasq/", "text/pubmedqa_l/", "text/zh/toyhom_internal_medicine/")
_NO_WORD = re.compile(r"[\W_]+")


class _Asked(Row):
    id: str = ""
    question: str = Field(default="", validation_alias=AliasChoices("question", "ask"))


def evaluated_questions(data: Data, tell: Callable[[str], None]) -> Mapping[str, str]:
    """The questions of every registered set that is at hand, without case, blanks and signs, and which set asks each.

    Args:
        data: The data folder; a set that is not in it is told of and passed over.
        tell: Called with remarks.
    """
    asked: dict[str, str] = {}
    sets = {one.data.path: one.name for one in question_sets().values()} | _BESIDE
    for path, name in sets.items():
        try:
            rows = data.rows(path, _Asked)
        except RadciteError as error:
            if error.code != "NOT_FOUND":
                raise
            tell(f"not checked against {name}: its data is not at hand")
            continue
        divided = path.startswith(_DIVIDED)
        asked |= {plain(row.question): name for row in rows if not divided or is_held(row.id)}
    asked.pop("", None)
    return asked


def check_leakage(
    questions: Iterable[str], data: Data, tell: Callable[[str], None] = lambda _: None
) -> None:
    """No question to be learned is one that a registered set asks.

    Raises:
        RadciteError: `VALIDATION` telling how many are.
    """
    check_disjoint((plain(question) for question in questions), evaluated_questions(data, tell))


def plain(text: str) -> str:
    """The text's letters and digits alone, in one case and form."""
    return _NO_WORD.sub("", normalize("NFKC", text).casefold())


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
