"""What a question set is: a versioned YAML file, its data, licence and scorers."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import Field

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.question import TaskChoice
from radcite.core.sources import Language

__all__ = ["Corpus", "QuestionSet", "question_set", "question_sets"]

Loader = Literal[
    "choices",
    "yesno",
    "factoid",
    "listed",
    "summary",
    "spans",
    "documents",
    "vqarad",
    "slake",
    "films",
    "notes",
    "captions",
    "diagnoses",
    "smears",
]
Scorer = Literal["choice", "yesno", "names", "exact", "rouge", "overlap", "visual", "labels"]
Corpus = Literal[
    "bioasq", "pubmedqa", "toyhom", "covidqa", "medquad", "medpix", "nih", "covidcxr", "bccd"
]


class DataFile(Frozen):
    """Where the rows lie within the data folder, and the digest they must have."""

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class QuestionSet(Frozen):
    """A benchmark of questions. A released one is not changed: a change is a new version.

    `corpus` is what is searched, `select` keeps rows with these values, `unit` is what is resampled, `question` is what
    is asked of every image where the rows ask nothing. `part` `unread` leaves out what a training may have read: the
    units that `part_of` gives it, and questions that stand in the same words under such a unit.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]+$")
    version: int = Field(ge=1)
    summary: Mapping[Language, str]
    loader: Loader
    data: DataFile
    licence: str
    source: str
    language: Language
    corpus: Corpus
    unit: str
    split: str
    part: Literal["all", "unread"] = "all"
    select: Mapping[str, str] = {}
    question: str | None = None
    task: TaskChoice = "literature"
    scorers: tuple[Scorer, ...] = Field(min_length=1)


@cache
def question_sets() -> Mapping[str, QuestionSet]:
    """The newest version of each set, by name.

    Raises:
        RadciteError: `INTERNAL` for a file that is no set.
    """
    found: dict[str, QuestionSet] = {}
    for entry in sorted(files("radcite.evals").joinpath("questions/sets").iterdir(), key=str):
        if entry.name.endswith(".yaml"):
            try:
                one = QuestionSet.model_validate(yaml.safe_load(entry.read_text("utf-8")))
            except (ValueError, yaml.YAMLError) as exc:
                raise RadciteError("INTERNAL", f"{entry.name}: {exc}") from exc
            if one.name not in found or found[one.name].version < one.version:
                found[one.name] = one
    return found


def question_set(name: str) -> QuestionSet:
    """The set.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    if name not in question_sets():
        raise RadciteError("NOT_FOUND", f"task {name}; `radcite eval ls` lists them")
    return question_sets()[name]
