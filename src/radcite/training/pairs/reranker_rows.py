"""What a reranker learns from: questions with a text that answers them and others that a search would also find."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from radcite.core.frozen import Frozen
from radcite.core.ports import TextEncoder
from radcite.core.sources import Language, Passage
from radcite.evals.ranking import ndcg
from radcite.evals.retrieval import (
    BIOASQ,
    TOYHOM,
    BioasqDocument,
    BioasqQuestion,
    ToyhomRow,
    held_back,
)
from radcite.evals.task import Context, documents_collection
from radcite.tools.literature import LiteratureRequest
from radcite.tools.rerank import RERANKED, blended, words_of
from radcite.training.retriever.text_pairs import TextPair
from radcite.training.units import Part, part_of

__all__ = [
    "Found",
    "Group",
    "Searched",
    "first_groups",
    "gain",
    "mean_after",
    "searched",
    "taught_groups",
]

_FOUND = 20
_DEPTH = 10
_NEAR = 40
_GOOD_ONES = 3
_MOST_CHARACTERS = 700


class Found(Frozen):
    """A document as the search gave it: its best passage and the search's score."""

    document: str
    score: float
    text: str


class Searched(Frozen):
    """A question with what the search finds for it, best first; `gold` are the documents that answer it."""

    source: Literal["bioasq", "toyhom"]
    unit: str
    query: str
    gold: tuple[str, ...]
    hits: tuple[Found, ...]

    @property
    def language(self) -> Language:
        """The question's language."""
        return "en" if self.source == "bioasq" else "zh"


@dataclass(frozen=True, slots=True)
class Group:
    """A question, a text that answers it, and texts that do not."""

    query: str
    good: str
    others: tuple[str, ...]


async def searched(context: Context, out: Path) -> list[Searched]:
    """Questions of all parts with their hits by the house's own search, kept in `out/searched.jsonl`.

    Of Toyhom's reported part only the questions that the task `retrieval-toyhom` asks.
    """
    kept = out / "searched.jsonl"
    if rows := await asyncio.to_thread(_kept, kept):
        return rows
    rows = [row async for row in _search(context)]
    await asyncio.to_thread(_keep, kept, rows)
    return rows


def _kept(path: Path) -> list[Searched]:
    if not path.is_file():
        return []
    # A text may hold U+2028, which is no end of a row.
    lines = path.read_text("utf-8").split("\n")
    return [Searched.model_validate_json(line) for line in lines if line]


def _keep(path: Path, rows: Sequence[Searched]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_text("".join(f"{row.model_dump_json()}\n" for row in rows), "utf-8")
    scratch.replace(path)


async def _search(context: Context) -> AsyncIterator[Searched]:
    data = context.data
    documents = data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    known = {document.pmid for document in documents}
    bioasq = await documents_collection(context, "bioasq", (each.record() for each in documents))
    for row in data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion):
        if gold := tuple(sorted(known & set(row.gold_pmids))):
            hits = await _hits(context, bioasq, row.question)
            yield Searched(source="bioasq", unit=row.id, query=row.question, gold=gold, hits=hits)
    rows = data.rows(TOYHOM, ToyhomRow)
    toyhom = await documents_collection(context, "toyhom", (row.record() for row in rows))
    asked = {rows[i].id for i in held_back(len(rows))}
    for row in rows:
        if part_of(row.id) != "held" or row.id in asked:
            hits = await _hits(context, toyhom, row.ask)
            yield Searched(source="toyhom", unit=row.id, query=row.ask, gold=(row.id,), hits=hits)


async def _hits(context: Context, collection: str, query: str) -> tuple[Found, ...]:
    request = LiteratureRequest(query=query, collection=collection, limit=_FOUND, group="document")
    return tuple(
        Found(document=hit.source.document_id, score=hit.score, text=words_of(hit.source))
        for hit in await context.subject.search["score"](request)
        if isinstance(hit.source, Passage)
    )


def taught_groups(
    rows: Sequence[Searched], size: int, rng: random.Random, answers: dict[str, str]
) -> list[Group]:
    """Groups from the training part's questions and hits; documents of the reported part are left out.

    Args:
        rows: Searched questions; those of other parts are passed over.
        size: Texts of a group, the good one among them.
        rng: Draws which hits stand beside the good one.
        answers: Texts of the documents that answer, where the search found none of them.
    """
    made: list[Group] = []
    for row in rows:
        if part_of(row.unit) != "train":
            continue
        gold = set(row.gold)
        hits = [hit for hit in row.hits if part_of(hit.document) != "held"]
        good = [hit.text for hit in hits if hit.document in gold]
        if not good:
            good = [answers[one] for one in row.gold if one in answers]
        others = [hit.text for hit in hits if hit.document not in gold]
        rng.shuffle(good)
        if len(others) >= size - 1:
            made += [
                Group(row.query, text, tuple(rng.sample(others, size - 1)))
                for text in good[:_GOOD_ONES]
            ]
    rng.shuffle(made)
    return made


async def first_groups(
    pairs: Sequence[TextPair], encoder: TextEncoder, size: int, most: int, rng: random.Random
) -> list[Group]:
    """Groups to begin with: a pair's text among texts of the same set that the static encoder takes for near it.

    Args:
        pairs: Question and text; at most `most` of them in all, as many of each set as it has.
        encoder: Reads both languages.
        size: Texts of a group.
        most: Groups made.
        rng: Draws pairs and texts.
    """
    by_source: dict[str, list[TextPair]] = {}
    for pair in rng.sample(list(pairs), min(most, len(pairs))):
        by_source.setdefault(pair.source, []).append(pair)
    made: list[Group] = []
    for some in by_source.values():
        if len(some) <= _NEAR:
            continue
        texts = [pair.document[:_MOST_CHARACTERS] for pair in some]
        asked = await encoder.encode([pair.query for pair in some])
        told = await encoder.encode(texts)
        for number, scores in enumerate(asked @ told.T):
            near = [int(i) for i in np.argpartition(-scores, _NEAR)[:_NEAR]]
            others = sorted({texts[i] for i in near if _differs(some[i], some[number])})
            if len(others) >= size - 1:
                drawn = tuple(rng.sample(others, size - 1))
                made.append(Group(some[number].query, texts[number], drawn))
    rng.shuffle(made)
    return made


def _differs(one: TextPair, other: TextPair) -> bool:
    return one.unit != other.unit and one.document != other.document


def gain(
    rows: Sequence[Searched],
    part: Part,
    score: Callable[[Sequence[tuple[str, str]]], Sequence[float]],
) -> Callable[[float, Language], list[tuple[float, float]]]:
    """nDCG@10 of each question of a part without and with the model, at any share of it.

    Every pair is scored once, here.
    """
    asked = [row for row in rows if part_of(row.unit) == part and len(row.hits) > 1]
    pairs = [(row.query, hit.text) for row in asked for hit in row.hits[:RERANKED]]
    scores = list(score(pairs))
    found = list(_cut(scores, [len(row.hits[:RERANKED]) for row in asked]))

    def measured(share: float, language: Language) -> list[tuple[float, float]]:
        return [
            (_ndcg(row, range(len(row.hits))), _ndcg(row, _order(row, own, share)))
            for row, own in zip(asked, found, strict=True)
            if row.language == language
        ]

    return measured


def mean_after(both: Sequence[tuple[float, float]]) -> float:
    """The mean nDCG@10 with the model; 0 of no question."""
    return float(np.mean([after for _, after in both])) if both else 0.0


def _order(row: Searched, found: Sequence[float], share: float) -> list[int]:
    first = blended([hit.score for hit in row.hits[:RERANKED]], found, share)
    return [*first, *range(len(first), len(row.hits))]


def _ndcg(row: Searched, order: Sequence[int]) -> float:
    return ndcg([row.hits[place].document for place in order][:_DEPTH], frozenset(row.gold))


def _cut(values: Sequence[float], sizes: Sequence[int]) -> Iterator[Sequence[float]]:
    start = 0
    for size in sizes:
        yield values[start : start + size]
        start += size
