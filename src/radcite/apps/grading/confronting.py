"""The real graph over evidence given by hand, with a model that writes one claim whatever it is asked."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from radcite.agent.ask import ask
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim
from radcite.agent.plan_by_model import Plan, PlannedCall
from radcite.agent.state import Parts
from radcite.core.claims import Abstention, Answer
from radcite.core.ports import ChatPrompt, SupportJudge
from radcite.core.question import Question
from radcite.core.sources import Case, PageBox, Passage
from radcite.evals.subject import Confrontation
from radcite.tools.hits import Hit

if TYPE_CHECKING:
    from radcite.agent.graph import Graph

__all__ = ["GivenSearch", "confront"]

ReplyT = TypeVar("ReplyT", bound=BaseModel)
_COLLECTION = "given"
_QUESTION = {"en": "What does the evidence show?", "zh": "这些证据说明什么？"}


async def confront(graph: "Graph", judge: SupportJudge, item: Confrontation) -> Answer | Abstention:
    """What the graph makes of the claim.

    Passages come from the literature search and cases from the case search, each in the order given. The
    graph takes the two in turns, so the claim's key is put to where its source then stands.
    """
    cases = [source for source in item.evidence if isinstance(source, Case)]
    passages = [source for source in item.evidence if isinstance(source, Passage)]
    # A tool is called as a function: what stands in for one needs no engine behind it.
    stand_ins: dict[str, Any] = {
        "literature": GivenSearch(passages),
        "cases": GivenSearch(cases),
        "sources": _Unpaged(),
        "sparse": None,
    }
    plan = Plan(
        calls=tuple(
            PlannedCall(tool=tool, query=_QUESTION[item.language])
            for tool, found in (("literature_search", passages), ("case_search", cases))
            if found
        )
    )
    chat = _Obstinate(plan, _draft(item, _keys(item.evidence)))
    parts = Parts(text=None, judge=judge, chat=chat, **stand_ins)
    question = Question(
        text=_QUESTION[item.language],
        task="diagnosis" if cases else "literature",
        language=item.language,
        collection=_COLLECTION,
    )
    return await ask(graph, parts, question)


def _keys(evidence: Sequence[Passage | Case]) -> Mapping[str, str]:
    """By a source's key in the order given, its key in the order in which the graph numbers it."""
    numbers = range(1, len(evidence) + 1)
    passages = [n for n in numbers if isinstance(evidence[n - 1], Passage)]
    cases = [n for n in numbers if isinstance(evidence[n - 1], Case)]
    in_turns = chain.from_iterable(zip_longest(passages, cases))
    stands = [number for number in in_turns if number is not None]
    return {f"E{number}": f"E{place}" for place, number in enumerate(stands, 1)}


def _draft(item: Confrontation, keys: Mapping[str, str]) -> Draft:
    claim = item.claim
    cited = DraftCitation(evidence=keys.get(claim.key, claim.key), quote=claim.quote)
    return Draft(claims=(DraftClaim(text=claim.text, about=claim.about, citations=(cited,)),))


@dataclass(frozen=True, slots=True)
class GivenSearch:
    """A search that finds what it was given."""

    sources: Sequence[Passage | Case]

    async def __call__(self, request: object, /) -> Sequence[Hit]:
        """All of it, in its order."""
        return [
            Hit(source, rank, 1 / rank, None, 1.0, "given")
            for rank, source in enumerate(self.sources, 1)
        ]


class _Unpaged:
    """A ledger that knows of no pages."""

    async def boxes(
        self, collection: str, document_id: str, start: int, end: int
    ) -> tuple[PageBox, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class _Obstinate:
    """A model that writes the same draft again and again and cares for no schema's list of keys."""

    plan: Plan
    draft: Draft
    name: str = "obstinate"

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        # A form of this reply restricts the keys; this model does not keep to it.
        return cast("ReplyT", self.plan if issubclass(reply, Plan) else self.draft)

    async def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        yield self.draft.model_dump_json()

    async def probe(self) -> None:
        """It always answers."""
