"""One paper to one row: the sentences that speak of a column, and the value they state."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, create_model

from radcite.apps.extraction.columns import Cell, Column, Value, numbers_in, stands
from radcite.core.claims import Evidence, Retrieval
from radcite.core.frozen import Frozen
from radcite.core.language import detect_language
from radcite.core.ledger import SourceReader
from radcite.core.normalization import locate, normalize
from radcite.core.ports import ChatModel, SparseEncoder
from radcite.core.sentences import split_sentences
from radcite.core.sources import Document, Language, Passage
from radcite.core.vectors import SparseVector
from radcite.prompts.registry import load

__all__ = ["Reader"]

_LEAST_COVERAGE = 0.4
_BEFORE_MODEL = 0.15
_SENTENCES_A_COLUMN = 4
_MOST_SENTENCES = 4000


@dataclass(frozen=True, slots=True)
class _Scored:
    start: int
    end: int
    text: str
    coverage: float


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads papers for columns.

    Without `chat`, a cell is the first value of its type in the sentences that hold most of the column's words; a
    truth value needs a model. With it, the model chooses among such sentences, and what it quotes is checked to
    stand there.
    """

    sources: SourceReader
    sparse: SparseEncoder
    collection: str
    chat: ChatModel | None = None

    async def row(self, document: Document, columns: Sequence[Column]) -> dict[str, Cell]:
        """The cell of each column.

        Raises:
            DependencyDown: `LLM_UNAVAILABLE` or `TIMEOUT`.
            RadciteError: `LLM_BAD_OUTPUT`.
        """
        sentences = _sentences(document.text)
        vectors = self.sparse.encode([text for _, _, text in sentences])
        found: dict[str, list[_Scored]] = {}
        for column in columns:
            query = await self.sparse.encode_query(column.asked, self.collection)
            scored = [
                _Scored(start, end, text, _coverage(query, vector))
                for (start, end, text), vector in zip(sentences, vectors, strict=True)
            ]
            found[column.name] = sorted(scored, key=lambda one: (-one.coverage, one.start))
        if self.chat is None:
            cells = {c.name: _without_model(c, found[c.name]) for c in columns}
        else:
            cells = await self._with_model(self.chat, document, columns, found)
        placed = await asyncio.gather(*(self._placed(cell, document) for cell in cells.values()))
        return dict(zip(cells, placed, strict=True))

    async def _placed(self, cell: Cell, document: Document) -> Cell:
        if cell.start is None or cell.end is None:
            return cell
        boxes = await self.sources.boxes(
            self.collection, document.document_id, cell.start, cell.end
        )
        return cell.model_copy(update={"page": boxes[0].page}) if boxes else cell

    async def _with_model(
        self,
        chat: ChatModel,
        document: Document,
        columns: Sequence[Column],
        found: dict[str, list[_Scored]],
    ) -> dict[str, Cell]:
        chosen = {
            one.start: one
            for column in columns
            for one in found[column.name][:_SENTENCES_A_COLUMN]
            if one.coverage >= _BEFORE_MODEL
        }
        if not chosen:
            return {column.name: Cell(status="not_reported") for column in columns}
        shown = [chosen[start] for start in sorted(chosen)]
        told = "\n".join(f"- {column.name}: {column.asked} ({_kind(column)})" for column in columns)
        prompt = load("extract", 1, document.language).render(
            columns=told, evidence=_evidence(document, shown, self.collection)
        )
        reply: Any = await chat.complete(prompt, _form(tuple(columns), len(shown)))
        return {
            column.name: _checked(column, getattr(reply, column.name), shown) for column in columns
        }


class _Told(Frozen):
    found: bool
    evidence: str
    quote: str


@lru_cache(maxsize=64)
def _form(columns: tuple[Column, ...], count: int) -> type[Frozen]:
    """The form of a row: types made at run time, through which no checker sees."""
    keys: Any = Literal[tuple(f"E{number}" for number in range(1, count + 1))]
    kinds: dict[str, Any] = {"string": str, "number": float, "integer": int, "boolean": bool}
    fields: dict[str, Any] = {}
    for column in columns:
        kind: Any = Literal[column.enum] if column.enum else kinds[column.type]
        value: Any = (kind | None, Field(...))
        cell: Any = create_model("Cell", __base__=_Told, evidence=(keys, ...), value=value)
        fields[column.name] = (cell, ...)
    made: type[Frozen] = create_model("Cells", __base__=Frozen, **fields)
    return made


def _checked(column: Column, told: Any, shown: Sequence[_Scored]) -> Cell:
    if not told.found or told.value is None:
        return Cell(status="not_reported")
    sentence = shown[int(told.evidence[1:]) - 1]
    span = locate(told.quote, sentence.text) if told.quote else None
    if span is None:
        return Cell(status="not_supported")
    quote = sentence.text[span[0] : span[1]]
    value: Value = told.value
    return Cell(
        status="reported" if stands(value, quote, column) else "inferred",
        value=value,
        quote=quote,
        start=sentence.start + span[0],
        end=sentence.start + span[1],
    )


def _without_model(column: Column, found: Sequence[_Scored]) -> Cell:
    speaking = [one for one in found if one.coverage >= _LEAST_COVERAGE]
    if not speaking:
        return Cell(status="not_reported")
    if column.type == "boolean":
        return Cell(status="needs_model")
    for one in speaking[:_SENTENCES_A_COLUMN]:
        value = _stated(column, one.text)
        if value is not None:
            return Cell(
                status="reported", value=value, quote=one.text, start=one.start, end=one.end
            )
    return Cell(status="not_reported")


def _stated(column: Column, sentence: str) -> Value | None:
    """The first value of the column's type in a sentence that speaks of it."""
    if column.enum:
        words = normalize(sentence).text.casefold()
        places = {word: words.find(word.casefold()) for word in column.enum}
        held = [word for word, at in places.items() if at >= 0]
        return min(held, key=lambda word: places[word], default=None)
    if column.type == "string":
        return sentence
    numbers = numbers_in(sentence)
    whole = [number for number in numbers if column.type == "number" or number.is_integer()]
    if not whole:
        return None
    return int(whole[0]) if column.type == "integer" else whole[0]


def _sentences(text: str) -> list[tuple[int, int, str]]:
    return [(start, end, text[start:end]) for start, end in split_sentences(text)][:_MOST_SENTENCES]


def _coverage(query: SparseVector, sentence: SparseVector) -> float:
    present = set(sentence.indices)
    held = sum(w for term, w in zip(query.indices, query.values, strict=True) if term in present)
    return held / (sum(query.values) or 1.0)


def _kind(column: Column) -> str:
    return " | ".join(column.enum) if column.enum else column.type


def _evidence(document: Document, shown: Sequence[_Scored], collection: str) -> list[Evidence]:
    found = Retrieval(tool="extract", query="", collection=collection, encoder="", score=0, rank=1)
    language: Language = detect_language(document.text[:2000])
    return [
        Evidence(
            key=f"E{number}",
            retrieval=found,
            source=Passage(
                document_id=document.document_id,
                title=document.title,
                text=one.text,
                start=one.start,
                end=one.end,
                language=language,
                retracted=document.retracted,
            ),
        )
        for number, one in enumerate(shown, 1)
    ]
