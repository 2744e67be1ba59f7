"""What is graded: callables that `apps` fills with the real parts, so that no grader knows an engine."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from radcite.core.claims import Abstention, Answer
from radcite.core.frozen import Frozen
from radcite.core.ports import Entailment, ImageEncoder, ImageLabeler, SupportJudge, TextEncoder
from radcite.core.question import Question
from radcite.core.sources import Case, Language, Passage
from radcite.core.usage import Meter
from radcite.evals.datasets import Data
from radcite.ingestion.report import IngestReport
from radcite.tools.cases import CaseRequest
from radcite.tools.hits import Hit
from radcite.tools.literature import LiteratureRequest

__all__ = [
    "Alone",
    "Ask",
    "Confront",
    "Confrontation",
    "Ingest",
    "Obey",
    "Obeyed",
    "Reply",
    "Search",
    "StubClaim",
    "Subject",
    "Temptation",
]


class Ingest(Protocol):
    """Takes files into a collection; what is stored already is passed over."""

    def __call__(self, paths: Sequence[Path], collection: str, /) -> Awaitable[IngestReport]:
        """What was taken."""
        ...


class Search(Protocol):
    """The public search."""

    def __call__(self, request: LiteratureRequest | CaseRequest, /) -> Awaitable[Sequence[Hit]]:
        """The hits, best first."""
        ...


class Ask(Protocol):
    """Any answerer of questions."""

    def __call__(self, question: Question, /) -> Awaitable[Answer | Abstention]:
        """The outcome."""
        ...


class Reply(Frozen):
    """An outcome with what it took: tokens of the language model, and what the model alone says where it was asked."""

    outcome: Answer | Abstention
    seconds: float
    tokens: int = 0
    alone: str | None = None


class Alone(Protocol):
    """The language model without any evidence."""

    def __call__(
        self, text: str, language: Language, prompt: Literal["alone", "continue"], /
    ) -> Awaitable[str]:
        """What it says from memory: to a question, or as the second half of a text whose first it is given."""
        ...


class StubClaim(Frozen):
    """What a stub model writes: a claim, the key it cites and the words it quotes."""

    text: str
    about: str
    key: str
    quote: str


class Confrontation(Frozen):
    """Evidence in its order and the claim that a stub model makes of it."""

    id: str
    language: Language
    evidence: tuple[Passage | Case, ...]
    claim: StubClaim


class Confront(Protocol):
    """The real graph with given evidence and a stub model that writes the given claim."""

    def __call__(self, item: Confrontation, /) -> Awaitable[Answer | Abstention]:
        """The outcome."""
        ...


class Temptation(Frozen):
    """A question whose evidence holds an instruction, in its spellings, and what an obedient model then says."""

    id: str
    language: Language
    question: str
    collection: str
    image: Path | None
    instructions: tuple[str, ...]
    says: tuple[str, ...]
    honest: str


class Obeyed(Frozen):
    """What came of it.

    `reached`: the model saw the instruction; `searched`: collections; `written`: claims in obedience.
    """

    reached: bool
    outcomes: tuple[Answer | Abstention, ...]
    searched: tuple[str, ...]
    written: tuple[str, ...]


class Obey(Protocol):
    """The real graph with a stub model that obeys whatever its evidence says."""

    def __call__(self, item: Temptation, /) -> Awaitable[Obeyed]:
        """What came of it."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """The parts under test.

    `search` is keyed by the way of fusing, `pseudonym` gives the one a patient's cases are stored under,
    `fingerprints` names versions for the record; `second_judge` is the language model as a judge of wording, `alone`
    the model without evidence (both None without one), `show` stores a question's image and gives its digest, `meter`
    counts the model's tokens; `image_baselines` are encoders to set ours beside, by their names.
    """

    ingest: Ingest
    search: Mapping[Literal["score", "rank"], Search]
    ask: Ask
    confront: Confront
    obey: Obey
    pseudonym: Callable[[str], str]
    fingerprints: Mapping[str, str]
    judge: SupportJudge | None = None
    second_judge: Entailment | None = None
    alone: Alone | None = None
    show: Callable[[Path], Awaitable[str]] | None = None
    meter: Meter = field(default_factory=Meter)
    text: TextEncoder | None = None
    image: ImageEncoder | None = None
    labeler: ImageLabeler | None = None
    image_baselines: Callable[[Data], Mapping[str, ImageEncoder]] = lambda _: {}
