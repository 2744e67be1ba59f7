"""Chinese questions to English documents: BioASQ and MedQuAD questions that a person put into Chinese."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

from radcite.evals.bigram_bm25 import BigramBm25
from radcite.evals.datasets import Data, Row
from radcite.evals.ranking import ndcg, recall
from radcite.evals.retrieval import (
    BIOASQ,
    MEDQUAD,
    BioasqDocument,
    BioasqQuestion,
    MedquadDocument,
    of_one_focus,
    ranked_documents,
    unread_documents,
    unread_questions,
)
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection
from radcite.tools.hybrid import SearchMode

__all__ = ["crosslingual", "parity", "translated"]

_DEPTH = 10
_MODES: dict[str, SearchMode] = {
    "hybrid": "hybrid",
    "words by the term file": "sparse",
    "dense alone": "dense",
}
_AS_ASKED = "bigram BM25 of the question as asked"


class _Translated(Row):
    id: str
    set: Literal["bioasq", "medquad"]
    document: str | None = None
    question_zh: str
    question_en: str

    @property
    def unit(self) -> str:
        """What training splits by: the question, or MedQuAD's document."""
        return self.document or self.id


async def crosslingual(context: Context) -> Measured:
    """Each question among all documents of its own set; MedQuAD's documents on one focus answer alike."""
    questions = _translated(context)
    asked = context.limited(_unread(context, questions))
    sheet = Sheet()
    for name, (records, gold) in {"bioasq": _bioasq(context), "medquad": _medquad(context)}.items():
        collection = await documents_collection(context, f"crosslingual-{name}", records.values())
        as_asked = BigramBm25({key: f"{r['title']} {r['text']}" for key, r in records.items()})
        mine = [row for row in asked if row.set == name]
        for done, row in enumerate(mine):
            context.tell(f"search {name}", done, len(mine))
            wanted = gold[row.id] & records.keys()
            ranked = {
                system: await ranked_documents(context, collection, row.question_zh, mode)
                for system, mode in _MODES.items()
            }
            ranked[_AS_ASKED] = as_asked(row.question_zh, _DEPTH)
            for system, found in ranked.items():
                for group in ("", f", {name}"):
                    sheet.add(system, f"R@10{group}", row.id, recall(found, wanted))
                sheet.add(system, "nDCG@10", row.id, ndcg(found, wanted))
    notes = (
        f"Half: {context.half}. {len(asked)} of {len(questions)} questions: no training read them or their document.",
        "R@10 counts the gold documents found out of min(10, gold documents).",
        "Translated without sight of the term file.",
    )
    return Measured(sheet.scores(), notes)


async def parity(context: Context) -> Measured:
    """BioASQ questions as they are and put into Chinese, over the same English documents."""
    asked = context.limited(
        _unread(context, [row for row in _translated(context) if row.set == "bioasq"])
    )
    rows = context.data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    english = {row.id: row.question for row in rows}
    records, gold = _bioasq(context)
    collection = await documents_collection(context, "crosslingual-bioasq", records.values())
    sheet = Sheet()
    for done, row in enumerate(asked):
        context.tell("search", done, len(asked))
        wanted = gold[row.id] & records.keys()
        for system, question in (
            ("asked in Chinese", row.question_zh),
            ("asked in English", english[row.id]),
        ):
            found = await ranked_documents(context, collection, question)
            sheet.add(system, "R@10", row.id, recall(found, wanted))
            sheet.add(system, "nDCG@10", row.id, ndcg(found, wanted))
    return Measured(sheet.scores(), (f"Half: {context.half}. The documents are English.",))


def _translated(context: Context) -> list[_Translated]:
    halves = ("dev", "sealed") if context.half == "all" else (context.half,)
    folder = Path(str(files("radcite.evals").joinpath("data/crosslingual")))
    lists = Data(folder, context.data.digests)
    return [row for half in halves for row in lists.rows(f"{half}.jsonl", _Translated)]


def _unread(context: Context, rows: Sequence[_Translated]) -> list[_Translated]:
    """Those whose English question or document no training read, under this or another id."""
    unread: set[str] = set()
    if any(row.set == "bioasq" for row in rows):
        questions = context.data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
        unread |= {row.id for row in unread_questions(questions)}
    if any(row.set == "medquad" for row in rows):
        documents = context.data.rows(MEDQUAD, MedquadDocument)
        answered = [row for row in documents if row.is_answered]
        unread |= {row.unit for row in unread_documents(answered)}
    return [row for row in rows if row.unit in unread]


def translated(
    context: Context,
) -> list[tuple[str, dict[str, dict[str, object]], list[tuple[str, str, frozenset[str]]]]]:
    """By set: its name, its documents, and the questions that no training read, each with what answers it."""
    rows = _unread(context, _translated(context))
    return [
        (
            name,
            records,
            [(row.id, row.question_zh, gold[row.id]) for row in rows if row.set == name],
        )
        for name, (records, gold) in (("bioasq", _bioasq(context)), ("medquad", _medquad(context)))
    ]


def _bioasq(context: Context) -> tuple[dict[str, dict[str, object]], dict[str, frozenset[str]]]:
    documents = context.data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    questions = context.data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    records = {row.pmid: dict(row.record()) for row in documents}
    return records, {row.id: frozenset(row.gold_pmids) for row in questions}


def _medquad(context: Context) -> tuple[dict[str, dict[str, object]], dict[str, frozenset[str]]]:
    rows = [row for row in context.data.rows(MEDQUAD, MedquadDocument) if row.is_answered]
    alike = of_one_focus(rows)
    asked = {
        (row.unit, one.question): alike[row.url] for row in rows for one in row.qa if one.answer
    }
    gold = {
        one.id: asked[one.unit, one.question_en]
        for one in _translated(context)
        if one.set == "medquad"
    }
    return {row.url: row.record() for row in rows}, gold
