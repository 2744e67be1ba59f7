"""Questions with what counts as right, read from a set's data."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.evals.datasets import Data, Row
from radcite.evals.questions.definition import Corpus, QuestionSet
from radcite.evals.retrieval import BIOASQ, BioasqDocument

__all__ = ["Item", "corpus_records", "read_items"]

_PUBMEDQA = "text/pubmedqa_l/pubmedqa.jsonl.gz"
_TOYHOM = "text/zh/toyhom_internal_medicine/qa.jsonl.gz"


class Item(Frozen):
    """One question.

    Args:
        id: Within its set.
        question: The words that are asked.
        options: Of a choice, by their letters.
        gold: The right letter; `yes`, `no` or `maybe`; the name, or the names one of which will do; whole answers.
            For a list, one entry an item with its synonyms.
    """

    id: str
    question: str
    options: Mapping[str, str] = {}
    gold: tuple[tuple[str, ...], ...]


class _Any(Row):
    id: str | None = None
    question: str | None = None
    options: Mapping[str, str] = {}
    answer: str | None = None
    type: str | None = None
    exact_answer: Any = None
    ideal_answer: tuple[str, ...] | str | None = None
    title: str | None = None
    ask: str | None = None


class _Part(Row):
    text: str


class _Abstract(Row):
    id: str
    question: str
    contexts: tuple[_Part, ...] = ()


class _Doctor(Row):
    id: str
    answer: str


def read_items(definition: QuestionSet, data: Data) -> list[Item]:
    """The questions in the order of the file.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` when the file is another than the set's.
    """
    rows = data.rows(definition.data.path, _Any)
    if data.digests[definition.data.path] != definition.data.sha256:
        raise RadciteError(
            "RECORD_INVALID",
            f"{definition.data.path} is not the file of {definition.name} v{definition.version}",
            f"{definition.data.path} 与 {definition.name} v{definition.version} 的文件不一致",
        )
    chosen = (
        row
        for row in rows
        if all(getattr(row, key, None) == value for key, value in definition.select.items())
    )
    made = _LOADERS[definition.loader]
    return [item for row in chosen if (item := made(row)) is not None]


def _choices(row: _Any) -> Item | None:
    if not (row.id and row.question and row.options and row.answer):
        return None
    return Item(id=row.id, question=row.question, options=row.options, gold=((row.answer,),))


def _yesno(row: _Any) -> Item | None:
    gold = row.answer or row.exact_answer
    if not (row.id and row.question and isinstance(gold, str)):
        return None
    return Item(id=row.id, question=row.question, gold=((gold.strip().lower(),),))


def _factoid(row: _Any) -> Item | None:
    """BioASQ gives synonyms of one answer, nested or not."""
    names = tuple(dict.fromkeys(_flat(row.exact_answer)))
    if not (row.id and row.question and names):
        return None
    return Item(id=row.id, question=row.question, gold=(names,))


def _listed(row: _Any) -> Item | None:
    if not (row.id and row.question and isinstance(row.exact_answer, list)):
        return None
    items: list[Any] = list(row.exact_answer)  # pyright: ignore[reportUnknownArgumentType]
    gold = tuple(names for one in items if (names := tuple(_flat(one))))
    return Item(id=row.id, question=row.question, gold=gold) if gold else None


def _summary(row: _Any) -> Item | None:
    ideal = row.ideal_answer or row.answer
    question = row.question or row.ask or row.title
    if not (row.id and question and ideal):
        return None
    return Item(id=row.id, question=question, gold=((ideal,) if isinstance(ideal, str) else ideal,))


_LOADERS: Mapping[str, Callable[[_Any], Item | None]] = {
    "choices": _choices,
    "yesno": _yesno,
    "factoid": _factoid,
    "listed": _listed,
    "summary": _summary,
}


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, list):
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _flat(one)


def corpus_records(corpus: Corpus, data: Data) -> tuple[str, Iterator[Mapping[str, object]]]:
    """The name of the collection and the documents that belong into it."""
    match corpus:
        case "bioasq":
            documents = data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
            # The collection of `retrieval-crosslingual`, so that it is ingested once.
            return "crosslingual-bioasq", (one.record() for one in documents)
        case "pubmedqa":
            abstracts = data.rows(_PUBMEDQA, _Abstract)
            return "questions-pubmedqa", (
                {
                    "id": one.id,
                    "text": "\n".join(part.text for part in one.contexts),
                    "language": "en",
                }
                for one in abstracts
            )
        case "toyhom":
            answers = data.rows(_TOYHOM, _Doctor)
            return "questions-toyhom", (
                {"id": one.id, "text": one.answer, "language": "zh"} for one in answers
            )
