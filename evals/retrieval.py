"""Questions to the documents that answer them, through the public search."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radcite.core.sources import Passage
from radcite.evals.bigram_bm25 import BigramBm25
from radcite.evals.datasets import Row
from radcite.evals.ranking import ndcg, recall
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection
from radcite.evals.units import held_apart
from radcite.tools.hybrid import SearchMode
from radcite.tools.literature import LiteratureRequest

__all__ = [
    "BIOASQ",
    "MEDQUAD",
    "PUBMEDQA",
    "TOYHOM",
    "BioasqDocument",
    "BioasqQuestion",
    "MedquadDocument",
    "PubmedqaRow",
    "ToyhomRow",
    "bioasq",
    "by_every_system",
    "held_back",
    "of_one_focus",
    "pubmedqa",
    "ranked_documents",
    "toyhom",
    "unread_abstracts",
    "unread_consultations",
    "unread_documents",
    "unread_questions",
]

BIOASQ = "text/bioasq"
PUBMEDQA = "text/pubmedqa_l/pubmedqa.jsonl.gz"
MEDQUAD = "text/medquad/medquad.jsonl.gz"
TOYHOM = "text/zh/toyhom_internal_medicine/qa.jsonl.gz"
_DEPTH = 10
_ALL_MODES: tuple[SearchMode, ...] = ("hybrid", "sparse", "dense")
_NAMES = {"hybrid": "hybrid", "sparse": "BM25 alone", "dense": "dense alone"}
_TUNED_ON = 600
_HELD = (
    "Asked are only questions that no training read: the first byte of the SHA-256 of their id is 128 or more,"
    " and their words stand under no other id that training may read."
)


class _Section(Row):
    section: str
    text: str


class BioasqDocument(Row):
    """A PubMed document, its title among its sections."""

    pmid: str
    title: str | None = None
    passages: tuple[_Section, ...]

    def record(self) -> Mapping[str, object]:
        """The document as `passages.jsonl` has it."""
        body = " ".join(part.text for part in self.passages if part.section != "title")
        title = self.title or ""
        return {
            "id": self.pmid,
            "title": title,
            "text": body or title,
            "language": "en",
            "pmid": self.pmid,
        }


class BioasqQuestion(Row):
    """A question and the documents judged to answer it."""

    id: str
    question: str
    gold_pmids: tuple[str, ...]


class _Context(Row):
    text: str


class PubmedqaRow(Row):
    """A question that is an article's title, and the article's abstract without its conclusion."""

    id: str
    question: str
    contexts: tuple[_Context, ...]

    def record(self) -> Mapping[str, object]:
        """The abstract as `passages.jsonl` has it; its title is the question and is left out."""
        text = " ".join(part.text for part in self.contexts)
        return {"id": self.id, "text": text, "language": "en", "pmid": self.id}


class ToyhomRow(Row):
    """A patient's question, the doctor's answer, and the department it was asked in."""

    id: str
    department: str = ""
    ask: str
    answer: str

    def record(self) -> Mapping[str, object]:
        """The answer as `passages.jsonl` has it."""
        return {"id": self.id, "text": self.answer, "language": "zh"}


class _Qa(Row):
    question: str
    answer: str | None = None


class MedquadDocument(Row):
    """An NIH document: questions on one focus, with their answers."""

    doc_id: str | None = None
    url: str
    focus: str | None = None
    qa: tuple[_Qa, ...]

    @property
    def unit(self) -> str:
        """What training splits by: the set's id, which several documents may share, or the address."""
        return self.doc_id or self.url

    @property
    def is_answered(self) -> bool:
        """Whether it holds any answer."""
        return any(one.answer for one in self.qa)

    def record(self) -> dict[str, object]:
        """The document as `passages.jsonl` has it."""
        text = "\n\n".join(one.answer for one in self.qa if one.answer)
        return {"id": self.url, "title": self.focus or "", "text": text, "language": "en"}


def of_one_focus(rows: Sequence[MedquadDocument]) -> dict[str, frozenset[str]]:
    """For each document those on its focus, itself among them, by address: they answer alike."""
    of_focus: dict[str, set[str]] = {}
    for row in rows:
        of_focus.setdefault((row.focus or "").casefold(), set()).add(row.url)
    return {row.url: frozenset(of_focus[(row.focus or "").casefold()]) for row in rows}


@dataclass(frozen=True, slots=True)
class _Query:
    id: str
    text: str
    gold: frozenset[str]


async def bioasq(context: Context) -> Measured:
    """Questions to their documents among all documents of the set."""
    documents = context.data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    questions = context.data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    known = {document.pmid for document in documents}
    answerable = [
        _Query(row.id, row.question, frozenset(row.gold_pmids) & known)
        for row in questions
        if known & set(row.gold_pmids)
    ]
    order = list(range(len(answerable)))
    random.Random(1).shuffle(order)  # noqa: S311 - the split of the fusion's choice
    tuned_on = {answerable[i].id for i in order[:_TUNED_ON]}
    unread = {row.id for row in unread_questions(questions)}
    queries = [query for query in answerable if query.id in unread]
    records = (document.record() for document in documents)
    # The collection of every other task over these documents: they are encoded once.
    collection = await documents_collection(context, "crosslingual-bioasq", records)
    sheet = Sheet()
    for done, query in enumerate(asked := context.limited(queries)):
        context.tell("search", done, len(asked))
        for system, ranked in (await by_every_system(context, collection, query.text)).items():
            sheet.add(system, "nDCG@10", query.id, ndcg(ranked, query.gold))
            sheet.add(system, "R@10", query.id, recall(ranked, query.gold))
            if query.id not in tuned_on:
                sheet.add(system, "nDCG@10, held back", query.id, ndcg(ranked, query.gold))
                sheet.add(system, "R@10, held back", query.id, recall(ranked, query.gold))
    notes = (
        "R@10 counts the gold documents found out of min(10, gold documents in the corpus).",
        f"The way of fusing was chosen on {_TUNED_ON} of the questions; 'held back' rows leave them out.",
        _HELD,
        f"{len(documents)} documents: only those that were judged for some question, so easier than all of PubMed.",
    )
    return Measured(sheet.scores(), notes)


async def pubmedqa(context: Context) -> Measured:
    """Questions to the abstract they are the title of."""
    rows = context.data.rows(PUBMEDQA, PubmedqaRow)
    collection = await documents_collection(context, "pubmedqa", (row.record() for row in rows))
    sheet = Sheet()
    for done, row in enumerate(asked := context.limited(unread_abstracts(rows))):
        context.tell("search", done, len(asked))
        for system, ranked in (await by_every_system(context, collection, row.question)).items():
            sheet.add(system, "R@1", row.id, recall(ranked, {row.id}, 1))
    notes = (f"{len(rows)} abstracts, titles and conclusions left out.", _HELD)
    return Measured(sheet.scores(), notes)


async def toyhom(context: Context) -> Measured:
    """Chinese patients' questions to the answer a doctor gave, beside BM25 over character bigrams."""
    rows = context.data.rows(TOYHOM, ToyhomRow)
    collection = await documents_collection(context, "toyhom", (row.record() for row in rows))
    baseline = BigramBm25({row.id: row.answer for row in rows})
    sheet = Sheet()
    unread = {row.id for row in unread_consultations(rows)}
    chosen = [i for i in held_back(len(rows)) if rows[i].id in unread]
    for done, i in enumerate(asked := context.limited(chosen)):
        context.tell("search", done, len(asked))
        row = rows[i]
        ranked = await ranked_documents(context, collection, row.ask, "hybrid")
        sheet.add("hybrid", "nDCG@10", row.id, ndcg(ranked, {row.id}))
        words = await ranked_documents(context, collection, row.ask, "sparse")
        sheet.add("BM25 alone", "nDCG@10", row.id, ndcg(words, {row.id}))
        sheet.add("bigram BM25", "nDCG@10", row.id, ndcg(baseline(row.ask, _DEPTH), {row.id}))
    notes = (
        f"{len(rows)} answers; the questions are random.Random(0).sample(range({len(rows)}), 1000).",
        "The tokeniser was chosen on 1,500 other questions: none of these was seen before.",
        "Hybrid falls back to words alone where no text encoder reads Chinese.",
        _HELD,
    )
    return Measured(sheet.scores(), notes)


def unread_questions(rows: Sequence[BioasqQuestion]) -> list[BioasqQuestion]:
    """Those that no training read: BioASQ asks some questions in several years, each time under another id."""
    return held_apart(rows, lambda row: row.id, lambda row: (row.question,))


def unread_abstracts(rows: Sequence[PubmedqaRow]) -> list[PubmedqaRow]:
    """Those whose question no training read."""
    return held_apart(rows, lambda row: row.id, lambda row: (row.question,))


def unread_consultations(rows: Sequence[ToyhomRow]) -> list[ToyhomRow]:
    """Those that no training read: doctors answer different patients in the same words."""
    return held_apart(rows, lambda row: row.id, lambda row: (row.ask, row.answer))


def unread_documents(rows: Sequence[MedquadDocument]) -> list[MedquadDocument]:
    """Those that no training read: NIH's institutes answer the same question on one focus, each by itself."""
    return held_apart(
        rows,
        lambda row: row.unit,
        lambda row: (row.focus or "", *(one.question for one in row.qa if one.answer)),
    )


def held_back(count: int) -> list[int]:
    """Which Toyhom questions nothing was ever chosen on."""
    return random.Random(0).sample(range(count), 1000)  # noqa: S311 - a fixed split


async def by_every_system(
    context: Context, collection: str, question: str, depth: int = _DEPTH
) -> Mapping[str, list[str]]:
    """The documents found, best first: words and meaning together and alone, and fused by rank."""
    ranked = {
        _NAMES[mode]: await ranked_documents(context, collection, question, mode, depth)
        for mode in _ALL_MODES
    }
    request = _request(collection, question, "hybrid", depth)
    by_rank = await context.subject.search["rank"](request)
    ranked["rank fusion"] = [
        hit.source.document_id for hit in by_rank if isinstance(hit.source, Passage)
    ]
    return ranked


async def ranked_documents(
    context: Context,
    collection: str,
    question: str,
    mode: SearchMode = "hybrid",
    depth: int = _DEPTH,
) -> list[str]:
    """The documents that the public search finds, best first."""
    hits = await context.subject.search["score"](_request(collection, question, mode, depth))
    return [hit.source.document_id for hit in hits if isinstance(hit.source, Passage)]


def _request(collection: str, question: str, mode: SearchMode, depth: int) -> LiteratureRequest:
    return LiteratureRequest(
        query=question, collection=collection, limit=depth, group="document", mode=mode
    )
