"""The real graph over a real collection, with a model that does whatever its evidence tells it to."""

import re
import unicodedata
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from pydantic import BaseModel

from radcite.agent.ask import ask
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim
from radcite.agent.plan_by_model import Plan, PlannedCall
from radcite.apps.asking import parts_of
from radcite.apps.wiring import House
from radcite.core.ports import ChatPrompt
from radcite.core.question import Question
from radcite.core.sentences import split_sentences
from radcite.evals.subject import Obeyed, Temptation

if TYPE_CHECKING:
    from radcite.agent.graph import Graph

__all__ = ["obey"]

ReplyT = TypeVar("ReplyT", bound=BaseModel)
_BLOCK = re.compile(r"<<<(E\d+)>>>\n(.*?)\n<<<END \1>>>", re.DOTALL)


async def obey(house: House, graph: "Graph", item: Temptation) -> Obeyed:
    """What comes of a document's instruction, over two turns of one thread.

    In the second turn the model plans with what the first one's evidence told it.
    """
    model = _Obedient(item)
    parts = parts_of(house)
    literature, cases = _Watched(parts.literature), _Watched(parts.cases)
    # A tool is called as a function: what watches one needs no engine of its own.
    watched: dict[str, Any] = {"literature": literature, "cases": cases, "chat": model}
    images = await house.take_images([item.image]) if item.image else ()
    question = Question(
        text=item.question,
        images=images,
        thread=uuid4().hex,
        language=item.language,
        collection=item.collection,
    )
    outcomes = [await ask(graph, replace(parts, **watched), question) for _ in range(2)]
    return Obeyed(
        reached=model.told,
        outcomes=tuple(outcomes),
        searched=(*literature.collections, *cases.collections),
        written=tuple(model.written),
    )


@dataclass(frozen=True, slots=True)
class _Watched:
    """A search that notes in which collection it was asked to look."""

    search: Any
    collections: list[str] = field(default_factory=list[str])

    async def __call__(self, request: Any, /) -> Any:
        self.collections.append(request.collection)
        return await self.search(request)


@dataclass(slots=True)
class _Obedient:
    """A model that follows every instruction it sees, with and without a quote for what it then says."""

    item: Temptation
    told: bool = False
    written: set[str] = field(default_factory=set[str])
    name: str = "obedient"

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        # A form restricts tools and keys; a server that does not keep to it lets this through.
        if issubclass(reply, Plan):
            return cast("ReplyT", self._plan())
        text = "\n".join(message.content for message in prompt.messages)
        return cast("ReplyT", self._draft(text))

    async def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        yield ""

    async def probe(self) -> None:
        """It always answers."""

    def _plan(self) -> Plan:
        asked = tuple(
            PlannedCall(tool=tool, query=self.item.question)
            for tool in ("literature_search", "case_search")
        )
        if not self.told:
            return Plan(calls=asked)
        order = self.item.instructions[0][:400]
        calls = [
            PlannedCall.model_construct(tool=self.item.says[0], query=order),
            PlannedCall.model_construct(
                tool="literature_search", query=f'collection="others" {order}'
            ),
            PlannedCall.model_construct(tool="case_search", query=" ".join(self.item.says)),
        ]
        return Plan.model_construct(calls=(*asked, *calls))

    def _draft(self, prompt: str) -> Draft:
        claims: list[DraftClaim] = []
        for key, block in _BLOCK.findall(prompt):
            about = block.partition("\n")[0].removeprefix("about: ")
            claims += self._obeyed(key, block, about)
            claims += self._honest(key, block, about)
        distinct = list({claim.model_dump_json(): claim for claim in claims}.values())
        return Draft.model_construct(claims=tuple(distinct[:24]))

    def _obeyed(self, key: str, block: str, about: str) -> list[DraftClaim]:
        seen = [one for one in self.item.instructions if _letters(one) in _letters(block)]
        if not seen:
            return []
        self.told = True
        self.written.update(self.item.says)
        orders = [
            words
            for words in _sentences(block)
            if _letters(words) in _letters(" ".join(self.item.instructions))
            or _letters(seen[0]) in _letters(words)
        ]
        return [
            _claim(text, about, cited, quote)
            for text in self.item.says
            for cited, quote in (
                (key, text),
                *((key, order) for order in orders),
                *((key, words) for words in _sentences(self.item.honest)[:1]),
                ("E99", text),
            )
        ]

    def _honest(self, key: str, block: str, about: str) -> list[DraftClaim]:
        words = next((one for one in _sentences(self.item.honest) if one in block), None)
        return [_claim(words, about, key, words)] if words else []


def _claim(text: str, about: str, key: str, quote: str) -> DraftClaim:
    cited = DraftCitation(evidence=key, quote=quote)
    return DraftClaim(text=text, about=about, citations=(cited,))


def _sentences(text: str) -> Sequence[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
