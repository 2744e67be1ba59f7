"""Questions with what counts as right, read from a set's data."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data, Row
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.item import Item
from radcite.evals.questions.visual import visual_items
from radcite.evals.units import held_apart, plain

__all__ = ["items_at_hand", "read_items"]


class _Answer(Row):
    text: str


class _Pair(Row):
    question: str
    answer: str | None = None


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
    document_id: str | None = None
    answers: tuple[_Answer, ...] = ()
    doc_id: str | None = None
    url: str | None = None
    focus: str | None = None
    qa: tuple[_Pair, ...] = ()


def read_items(definition: QuestionSet, data: Data) -> list[Item]:
    """The questions in the order of the file.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` when the file is another than the set's.
    """
    items = items_at_hand(definition, data)
    if data.digests[definition.data.path] != definition.data.sha256:
        raise RadciteError(
            "RECORD_INVALID",
            f"{definition.data.path} is not the file of {definition.name} v{definition.version}",
            f"{definition.data.path} 与 {definition.name} v{definition.version} 的文件不一致",
        )
    return items


def items_at_hand(definition: QuestionSet, data: Data) -> list[Item]:
    """The questions of whatever file lies there.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID`.
    """
    if definition.loader not in _LOADERS:
        return visual_items(definition, data)
    rows = data.rows(definition.data.path, _Any)
    if definition.part == "unread":
        rows = held_apart(rows, _unit, _texts)
    chosen = (
        row
        for row in rows
        if all(getattr(row, key, None) == value for key, value in definition.select.items())
    )
    made = _LOADERS[definition.loader]
    return _of_one_unit([item for row in chosen if (item := made(row)) is not None])


def _unit(row: _Any) -> str:
    """What trainings split by."""
    return row.id or row.doc_id or row.url or ""


def _texts(row: _Any) -> Iterator[str]:
    """What must not stand in two parts: the question, a doctor's answer in his words, a document's subject."""
    yield row.question or ""
    if row.ask:
        yield from (row.ask, row.answer or "")
    if answered := [one.question for one in row.qa if one.answer]:
        yield from (row.focus or "", *answered)


def _of_one_unit(items: list[Item]) -> list[Item]:
    """Questions in the same words, under several ids, as one unit: they are answered alike.

    MMLU, for one, has some in two of its subjects.
    """
    first: dict[tuple[str, ...], str] = {}
    for item in items:
        first.setdefault(_words(item), item.id)
    return [
        item if item.unit else item.model_copy(update={"unit": first[_words(item)]})
        for item in items
    ]


def _words(item: Item) -> tuple[str, ...]:
    return (plain(item.question), *sorted(map(plain, item.options.values())))


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


def _spans(row: _Any) -> Item | None:
    if not (row.id and row.question and row.answers):
        return None
    gold = (tuple(one.text for one in row.answers),)
    return Item(id=row.id, question=row.question, gold=gold, unit=row.document_id or "")


def _documents(row: _Any) -> Item | None:
    """One question a document, its first that is answered: the others repeat its words. Some addresses hold several."""
    first = next((one for one in row.qa if one.answer), None)
    if not (row.url and first and first.answer):
        return None
    unit = row.doc_id or row.url
    name = f"{row.url}#{first.question}"
    return Item(id=name, question=first.question, gold=((first.answer,),), unit=unit)


_LOADERS: Mapping[str, Callable[[_Any], Item | None]] = {
    "choices": _choices,
    "yesno": _yesno,
    "factoid": _factoid,
    "listed": _listed,
    "summary": _summary,
    "spans": _spans,
    "documents": _documents,
}


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, list):
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _flat(one)
