"""What is to be forgotten, and whether a stored record speaks of it."""

from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import BaseModel

from radcite.core.frozen import Frozen

__all__ = ["Remembered", "Traces", "mentions"]

_FIELDS: Mapping[str, str] = {
    "document_id": "documents",
    "case_id": "cases",
    "digest": "images",
    "image": "images",
    "images": "images",
    "patient": "patients",
    "study": "studies",
    "thread": "threads",
}


class Traces(Frozen):
    """By what something is known: ids of documents, cases, sent-in studies and threads, digests of images, pseudonyms.

    Documents and cases are those of one collection; None for `collection` means of all, and `whole` everything
    that was asked of it.
    """

    collection: str | None = None
    whole: bool = False
    documents: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    patients: frozenset[str] = frozenset()
    studies: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()

    def within(self, collection: str) -> bool:
        """Whether a record of this collection can speak of it."""
        return self.collection is None or self.collection == collection


class Remembered(Frozen):
    """Threads that the agent remembers, by their ids, and digests of the images that they alone ask about."""

    threads: tuple[str, ...] = ()
    images: frozenset[str] = frozenset()


def mentions(record: object, traces: Traces) -> bool:
    """Whether a record names any of them, at any depth, in a field that holds such names."""
    if isinstance(record, BaseModel):
        return mentions(record.model_dump(mode="json"), traces)
    if isinstance(record, Mapping):
        fields = cast("Mapping[object, object]", record)
        return any(
            _named(str(name), value, traces) or mentions(value, traces)
            for name, value in fields.items()
        )
    if isinstance(record, Sequence) and not isinstance(record, str | bytes):
        return any(mentions(each, traces) for each in cast("Sequence[object]", record))
    return False


def _named(field: str, value: object, traces: Traces) -> bool:
    if field == "about" and isinstance(value, str) and value.startswith("case:"):
        return value.removeprefix("case:") in traces.cases
    kind = _FIELDS.get(field)
    if kind is None:
        return False
    wanted = cast("frozenset[str]", getattr(traces, kind))
    each: Sequence[object] = [value] if isinstance(value, str) else []
    if isinstance(value, list | tuple):
        each = cast("Sequence[object]", value)
    return any(one in wanted for one in each if isinstance(one, str))
