"""Chinese questions to English documents: BioASQ and MedQuAD questions that a person put into Chinese."""

from importlib.resources import files
from pathlib import Path
from typing import Literal

from radcite.core.sources import Passage
from radcite.evals.bigram_bm25 import BigramBm25
from radcite.evals.datasets import Data, Row
from radcite.evals.ranking import ndcg, recall
from radcite.evals.retrieval import (
    BIOASQ,
    MEDQUAD,
    BioasqDocument,
    BioasqQuestion,
    MedquadDocument,
)
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection
from radcite.evals.units import is_held
from radcite.tools.hybrid import SearchMode
from radcite.tools.literature import LiteratureRequest

__all__ = ["crosslingual"]

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

    @property
    def unit(self) -> str:
        """What training splits by: the question, or MedQuAD's document."""
        return self.document or self.id


async def crosslingual(context: Context) -> Measured:
    """Each question among all documents of its own set; MedQuAD's documents on one focus answer alike."""
    halves = ("dev", "sealed") if context.half == "all" else (context.half,)
    lists = Data(
        Path(str(files("radcite.evals").joinpath("data/crosslingual"))), context.data.digests
    )
    questions = [row for half in halves for row in lists.rows(f"{half}.jsonl", _Translated)]
    asked = context.limited([row for row in questions if is_held(row.unit)])
    sheet = Sheet()
    for name, (records, gold) in {"bioasq": _bioasq(context), "medquad": _medquad(context)}.items():
        collection = await documents_collection(context, f"crosslingual-{name}", records.values())
        as_asked = BigramBm25({key: f"{r['title']} {r['text']}" for key, r in records.items()})
        mine = [row for row in asked if row.set == name]
        for done, row in enumerate(mine):
            context.tell(f"search {name}", done, len(mine))
            wanted = gold[row.document or row.id] & records.keys()
            ranked = {
                system: await _ranked(context, collection, row.question_zh, mode)
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


def _bioasq(context: Context) -> tuple[dict[str, dict[str, object]], dict[str, frozenset[str]]]:
    documents = context.data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    questions = context.data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    records = {row.pmid: dict(row.record()) for row in documents}
    return records, {row.id: frozenset(row.gold_pmids) for row in questions}


def _medquad(context: Context) -> tuple[dict[str, dict[str, object]], dict[str, frozenset[str]]]:
    rows = [row for row in context.data.rows(MEDQUAD, MedquadDocument) if row.is_answered]
    of_focus: dict[str, set[str]] = {}
    for row in rows:
        of_focus.setdefault((row.focus or "").casefold(), set()).add(row.key)
    gold = {row.key: frozenset(of_focus[(row.focus or "").casefold()]) for row in rows}
    return {row.key: row.record() for row in rows}, gold


async def _ranked(context: Context, collection: str, question: str, mode: SearchMode) -> list[str]:
    request = LiteratureRequest(
        query=question, collection=collection, limit=_DEPTH, group="document", mode=mode
    )
    hits = await context.subject.search["score"](request)
    return [hit.source.document_id for hit in hits if isinstance(hit.source, Passage)]
