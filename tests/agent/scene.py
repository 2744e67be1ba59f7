"""A graph over given evidence: the tools return it in order, everything else is real."""

import os

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from radcite.agent.state import Headings, Parts
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.grounding import RuleJudge
from radcite.core.ports import ChatModel
from radcite.core.sources import Case, Document, PageBox, Passage, Region
from radcite.core.tokens import Tokenizer
from radcite.tools.hits import Hit
from radcite.tools.literature import LiteratureRequest


@dataclass(frozen=True)
class GivenHits:
    """A tool that finds what it was given, or fails as told."""

    sources: Sequence[Passage | Case | Region] = ()
    failure: Exception | None = None
    coverage: float = 1.0
    requests: list[object] = field(default_factory=list)

    async def __call__(self, request: object, /) -> Sequence[Hit]:
        self.requests.append(request)
        if self.failure is not None:
            raise self.failure
        return [
            Hit(source, rank, 1 / rank, None, self.coverage, "given")
            for rank, source in enumerate(self.sources, 1)
        ]


@dataclass(frozen=True)
class GivenLabels(GivenHits):
    """The labels tool, which takes some images for strangers to the collection."""

    strange: Collection[str] = ()

    async def strangers(self, images: Sequence[str], collection: str) -> frozenset[str]:
        if self.failure is not None:
            raise self.failure
        return frozenset(images) & frozenset(self.strange)


@dataclass(frozen=True)
class GivenSources:
    """A ledger's reading side for paged documents and even term statistics."""

    paged: Mapping[str, tuple[PageBox, ...]] = field(default_factory=dict)

    async def boxes(
        self, collection: str, document_id: str, start: int, end: int
    ) -> tuple[PageBox, ...]:
        return self.paged.get(document_id, ())

    async def document(self, collection: str, document_id: str) -> Document | None:
        return None

    async def document_count(self, collection: str) -> int:
        return 100

    async def document_frequencies(self, collection: str, terms: Sequence[int]) -> dict[int, int]:
        return dict.fromkeys(terms, 3)


class Searching(Protocol):
    """A literature search of a test's own."""

    async def __call__(self, request: LiteratureRequest, /) -> Sequence[Hit]: ...


def passage(text: str, document_id: str = "d1", title: str = "", start: int = 0) -> Passage:
    language = "zh" if any("一" <= char <= "鿿" for char in text) else "en"
    return Passage(
        document_id=document_id,
        title=title,
        text=text,
        start=start,
        end=start + len(text),
        language=language,
    )


def parts(
    literature: GivenHits | Searching | None = None,
    cases: GivenHits | None = None,
    chat: ChatModel | None = None,
    sources: GivenSources | None = None,
    *,
    labels: GivenLabels | None = None,
    rounds: int = 1,
    signing: bool = False,
    headings: Headings | None = None,
) -> Parts:
    ledger = sources or GivenSources()
    house: dict[str, Any] = {"headings": headings} if headings else {}
    return Parts(
        literature=cast("Any", literature or GivenHits()),
        cases=cast("Any", cases or GivenHits()),
        labels=cast("Any", labels),
        sources=cast("Any", ledger),
        sparse=Bm25Encoder(Tokenizer(), cast("Any", ledger)),
        text=None,
        judge=RuleJudge(),
        chat=chat,
        rounds=rounds,
        signing=signing,
        **house,
    )
