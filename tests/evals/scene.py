"""A task's context whose subject answers as told; nothing of it needs an engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from radcite.core.claims import Abstention, Answer, Safety
from radcite.core.question import Question
from radcite.core.sources import Passage
from radcite.evals.datasets import Data
from radcite.evals.subject import Confrontation, Obeyed, Subject, Temptation
from radcite.evals.task import Context
from radcite.ingestion.report import IngestReport
from radcite.tools.cases import CaseRequest
from radcite.tools.hits import Hit
from radcite.tools.literature import LiteratureRequest


@dataclass
class Told:
    """Search results by query, in order; what was ingested is kept."""

    ranked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    ingested: list[str] = field(default_factory=list)
    requests: list[LiteratureRequest] = field(default_factory=list)

    async def ingest(self, paths: Sequence[Path], collection: str, /) -> IngestReport:
        self.ingested.append(collection)
        return IngestReport(
            documents=1,
            passages=1,
            cases=0,
            images=0,
            skipped=0,
            quarantined=(),
            warnings=(),
            seconds=0,
        )

    async def search(self, request: LiteratureRequest | CaseRequest, /) -> Sequence[Hit]:
        assert isinstance(request, LiteratureRequest)
        self.requests.append(request)
        cosine, coverage = self.signals.get(request.query, (0.5, 0.5))
        return [
            Hit(passage(name, self.texts.get(name, "x")), rank, 1 / rank, cosine, coverage, "told")
            for rank, name in enumerate(self.ranked.get(request.query, ()), 1)
        ]

    async def ask(self, question: Question, /) -> Answer | Abstention:
        return silence()

    async def confront(self, item: Confrontation, /) -> Answer | Abstention:
        return silence()

    async def obey(self, item: Temptation, /) -> Obeyed:
        return Obeyed(reached=False, outcomes=(silence(),), searched=(), written=())

    def context(self, folder: Path, work: Path, **options: object) -> Context:
        search = {"score": self.search, "rank": self.search}
        subject = Subject(
            ingest=self.ingest,
            search=search,
            ask=self.ask,
            confront=self.confront,
            obey=self.obey,
            pseudonym=lambda patient: patient,
            fingerprints={"text": "told"},
        )
        return Context(subject, Data(folder), work, **options)


def passage(name: str, text: str = "x") -> Passage:
    return Passage(document_id=name, text=text, start=0, end=len(text), language="en")


def silence() -> Abstention:
    return Abstention(
        trace_id="t",
        task="literature",
        language="en",
        safety=Safety(notice="n"),
        reason="NO_EVIDENCE",
        message="m",
    )
