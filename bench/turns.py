"""Turns through the agent's graph over given evidence and a model that answers at once: what they cost and send."""

import os

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"

import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from bench.corpus import read_abstracts
from radcite.agent.plan_by_model import Plan
from radcite.agent.state import Parts
from radcite.apps.grading.confronting import GivenSearch
from radcite.apps.reporting.forms import headings
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.grounding import RuleJudge
from radcite.core.ports import ChatPrompt
from radcite.core.question import Question, TaskChoice
from radcite.core.sentences import split_sentences
from radcite.core.sources import Language, PageBox, Passage
from radcite.core.tokens import Tokenizer

__all__ = ["AtOnce", "fake_parts", "passages_of", "questions"]

ReplyT = TypeVar("ReplyT", bound=BaseModel)
_EACH = 8
_ASKED: Sequence[tuple[Language, TaskChoice, str]] = (
    ("en", "literature", "What is known about {}?"),
    ("zh", "literature", "关于{}已知什么？"),
    ("en", "consultation", "My doctor spoke of {}, what should I do?"),
    ("zh", "consultation", "我被告知{}，该怎么办？"),
    ("en", "diagnosis", "Which condition explains {}?"),
    ("zh", "diagnosis", "{}最可能是什么病？"),
)


def passages_of(count: int) -> list[Passage]:
    """Abstracts as passages of documents of their own."""
    return [
        Passage(
            document_id=f"d{number}",
            title=f"Abstract {number}",
            text=text,
            start=0,
            end=len(text),
            language="en",
        )
        for number, text in enumerate(read_abstracts(count))
    ]


def questions(passages: Sequence[Passage], count: int) -> Iterator[Question]:
    """Questions of every task in both languages, each about the words that open another passage."""
    about = cycle(passages)
    for number in range(count):
        language, task, text = _ASKED[number % len(_ASKED)]
        subject = " ".join(next(about).text.split()[:6])
        yield Question(text=text.format(subject), task=task, language=language, thread=f"t{number}")


@dataclass(slots=True)
class AtOnce:
    """A model that plans one search and quotes the first sentences of the evidence; keeps what it was sent."""

    sentences: Sequence[str]
    name: str = "at-once"
    prompts: list[ChatPrompt] = field(default_factory=list[ChatPrompt])

    async def complete(self, prompt: ChatPrompt, reply: type[ReplyT]) -> ReplyT:
        self.prompts.append(prompt)
        if issubclass(reply, Plan):
            return reply.model_validate(
                {"calls": [{"tool": "literature_search", "query": "known findings"}]}
            )
        return reply.model_validate({"claims": self._claims()})

    async def stream(
        self, prompt: ChatPrompt, reply: type[BaseModel] | None = None
    ) -> AsyncGenerator[str]:
        self.prompts.append(prompt)
        yield json.dumps({"claims": self._claims()})

    async def probe(self) -> None:
        """It always answers."""

    def _claims(self) -> list[dict[str, object]]:
        return [
            {"text": words, "about": "literature", "citations": [{"evidence": key, "quote": words}]}
            for key, words in zip(("E1", "E2", "E3", "E4"), self.sentences, strict=False)
        ]


class _Ledger:
    """A ledger without pages, in which every word is as rare as every other."""

    async def boxes(
        self, collection: str, document_id: str, start: int, end: int
    ) -> tuple[PageBox, ...]:
        return ()

    async def document_count(self, collection: str) -> int:
        return 1_000

    async def document_frequencies(self, collection: str, terms: Sequence[int]) -> dict[int, int]:
        return dict.fromkeys(terms, 10)


def fake_parts(passages: Sequence[Passage], *, model: bool = True) -> Parts:
    """The agent's parts with searches that return these passages; the gate and the rules are the real ones."""
    found = passages[:_EACH]
    ledger: Any = _Ledger()
    sentences = [text for one in found if (text := _first_sentence(one.text))]
    return Parts(
        literature=cast("Any", GivenSearch(found)),
        cases=cast("Any", GivenSearch(())),
        sources=ledger,
        sparse=Bm25Encoder(Tokenizer(), ledger),
        text=None,
        judge=RuleJudge(),
        chat=AtOnce(sentences) if model else None,
        headings=headings,
    )


def _first_sentence(text: str) -> str:
    return next((text[a:b] for a, b in split_sentences(text) if b - a > 20), "")
