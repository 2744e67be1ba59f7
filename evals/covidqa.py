"""COVID-QA: answers from full-text articles, and silence where the article is not there."""

import random
from collections.abc import Mapping, Sequence

from radcite.core.claims import Abstention, Answer
from radcite.core.normalization import normalize
from radcite.core.question import Question
from radcite.core.sentences import split_sentences
from radcite.core.sources import Passage
from radcite.evals.datasets import Row
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection
from radcite.tools.literature import LiteratureRequest

__all__ = ["ARTICLES", "CovidqaArticle", "abstention", "answers", "holds"]

ARTICLES = "text/covidqa/articles.jsonl.gz"
_QUESTIONS = "text/covidqa/questions.jsonl.gz"
_TAKEN_OUT = 300
_EVIDENCE = 8


class CovidqaArticle(Row):
    """A full-text article."""

    document_id: str
    title: str | None = None
    url: str | None = None
    text: str

    def record(self) -> Mapping[str, object]:
        """The article as `passages.jsonl` has it."""
        return {
            "id": self.document_id,
            "title": self.title or "",
            "text": self.text,
            "language": "en",
            "source_url": self.url,
        }


class _Span(Row):
    text: str


class _Question(Row):
    id: str
    document_id: str
    question: str
    answers: tuple[_Span, ...]


async def answers(context: Context) -> Measured:
    """Whether what is shown holds the words that experts marked as the answer."""
    articles, questions = _read(context)
    collection = await documents_collection(context, "covidqa", (one.record() for one in articles))
    sheet = Sheet()
    for done, asked in enumerate(chosen := context.limited(questions)):
        context.tell("ask", done, len(chosen))
        spans = [span.text for span in asked.answers]
        shown = _shown(await _ask(context, asked.question, collection))
        passages = await _passages(context, asked.question, collection)
        for system, pieces in (
            ("embedded answer", shown),
            ("first sentence of the top passage", _first_sentence(passages)),
            ("whole top passage", passages[:1]),
            ("any of the passages read", passages),
        ):
            held = any(holds(pieces, span) for span in spans)
            sheet.add(system, "gold span held", asked.id, held, asked.document_id)
            words = sum(len(piece.split()) for piece in pieces)
            sheet.add(system, "words shown", asked.id, words, asked.document_id)
    notes = (
        f"All {len(questions)} questions over {len(articles)} full-text articles; an abstention holds nothing.",
        "Held: the span stands in one claim's text, itself a quote, both normalised, case and outer marks aside.",
    )
    return Measured(sheet.scores(), notes)


async def abstention(context: Context) -> Measured:
    """The same questions with their article in the collection, and with it taken out."""
    articles, questions = _read(context)
    ids = [article.document_id for article in articles]
    rng = random.Random(context.seed)  # noqa: S311 - a fixed split
    rng.shuffle(ids)
    first = set(ids[: len(ids) // 2])
    halves = [
        await documents_collection(
            context, name, (a.record() for a in articles if (a.document_id in first) == inside)
        )
        for name, inside in (("covidqa-first", True), ("covidqa-second", False))
    ]
    sheet = Sheet()
    chosen = context.limited(rng.sample(questions, _TAKEN_OUT))
    for done, asked in enumerate(chosen):
        context.tell("ask", done, len(chosen))
        home = 0 if asked.document_id in first else 1
        for system, half in (("article there", home), ("article taken out", 1 - home)):
            outcome = await _ask(context, asked.question, halves[half])
            silent = isinstance(outcome, Abstention)
            sheet.add(system, "abstained", asked.id, silent, asked.document_id)
    notes = (
        f"{len(chosen)} questions, each asked of the half of the articles that holds its own and of the other half.",
        "The other half is on the same diseases and may answer a question itself: full abstention is not attainable.",
        "The floor was fitted on other sets: see calibrate-floor.",
    )
    return Measured(sheet.scores(), notes)


def holds(pieces: Sequence[str], span: str) -> bool:
    """Whether a span stands in one of the pieces, after the quotes' normalisation and in one case."""
    wanted = _plain(span)
    return bool(wanted) and any(wanted in _plain(piece) for piece in pieces)


def _plain(text: str) -> str:
    return normalize(text).text.casefold().strip(" .,;:()[]\"'")


def _read(context: Context) -> tuple[list[CovidqaArticle], list[_Question]]:
    articles = context.data.rows(ARTICLES, CovidqaArticle)
    return articles, context.data.rows(_QUESTIONS, _Question)


async def _ask(context: Context, question: str, collection: str) -> Answer | Abstention:
    return await context.subject.ask(
        Question(text=question, collection=collection, task="literature", language="en")
    )


def _shown(outcome: Answer | Abstention) -> list[str]:
    if isinstance(outcome, Abstention):
        return []
    return [claim.text for claim in outcome.claims]


async def _passages(context: Context, question: str, collection: str) -> list[str]:
    request = LiteratureRequest(query=question, collection=collection, limit=_EVIDENCE)
    hits = await context.subject.search["score"](request)
    return [hit.source.text for hit in hits if isinstance(hit.source, Passage)]


def _first_sentence(passages: Sequence[str]) -> list[str]:
    if not passages:
        return []
    spans = split_sentences(passages[0])
    return [passages[0][slice(*spans[0])]] if spans else []
