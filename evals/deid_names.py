"""Notes with identifiers written into them: what of these gives way, what else does, what reaches a person."""

import re
import tarfile
from collections.abc import Iterator, Sequence
from html import unescape
from importlib.resources import files
from pathlib import Path

from radcite.core.frozen import Frozen
from radcite.core.identifiers import Found, Redactor
from radcite.core.sources import Language
from radcite.evals.datasets import Data, Row
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured

__all__ = ["deid_names"]

_WORD = re.compile(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+")
_REPORTS = "text/iu_xray_reports_NC-ND_verbatim/NLMCXR_reports.tgz"
_MOST_REPORTS = 1000
_SAID = re.compile(r"<AbstractText[^>]*>([^<]+)<")
# Any number: in a record days go back instead of staying.
_DAYS = 100


class _Span(Frozen):
    start: int
    end: int
    kind: str
    text: str


class _Note(Row):
    id: str
    language: Language
    text: str
    spans: tuple[_Span, ...]


async def deid_names(context: Context) -> Measured:
    """Recall of each kind, over-redaction by words, notes held, and missed names whose note was held.

    The gate is run as on the text of a case without a header. An identifier counts as found when each of its letters
    and digits goes; a word that identifies nobody is over-redacted when any of it goes.
    """
    sheet = Sheet()
    halves = ("dev", "sealed") if context.half == "all" else (context.half,)
    data = Data(Path(str(files("radcite.evals").joinpath("data/names"))), context.data.digests)
    notes = [row for half in halves for row in data.rows(f"{half}.jsonl", _Note)]
    for done, note in enumerate(context.limited(notes)):
        context.tell("redact", done, len(notes))
        _score(sheet, note, Redactor(days_back=_DAYS).find(note.text))
    _score_reports(sheet, context)
    named = sum(span.kind == "NAME" for note in notes for span in note.spans)
    return Measured(sheet.scores(), [f"Half: {context.half}. {len(notes)} notes, {named} names."])


def _score_reports(sheet: Sheet, context: Context) -> None:
    """Real reports whose identifiers were taken out before they were published: what goes now is over-redacted."""
    for name, text in _published(context.data.file(_REPORTS), context.limit or _MOST_REPORTS):
        found = Redactor(days_back=_DAYS).find(text)
        sheet.add("published reports", "held", name, any(not one.sure for one in found))
        gone = {at for one in found if one.sure for at in range(one.start, one.end)}
        for match in _WORD.finditer(text):
            lost = not gone.isdisjoint(range(*match.span()))
            item = f"{name}@{match.start()}"
            sheet.add("words of published reports", "over-redacted", item, lost, name)


def _published(path: Path, most: int) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        listed = sorted(one.name for one in archive if one.name.endswith(".xml"))
        for name in listed[:: max(1, len(listed) // most)][:most]:
            file = archive.extractfile(name)
            content = file.read().decode("utf-8", "replace") if file else ""
            yield Path(name).stem, "\n".join(unescape(one) for one in _SAID.findall(content))


def _score(sheet: Sheet, note: _Note, found: Sequence[Found]) -> None:
    gone = {at for one in found if one.sure for at in range(one.start, one.end)}
    held = any(not one.sure for one in found)
    identifying = {at for span in note.spans for at in range(span.start, span.end)}
    for number, span in enumerate(note.spans):
        item = f"{note.id}#{number}"
        letters = [at for at in range(span.start, span.end) if note.text[at].isalnum()]
        whole = all(at in gone for at in letters)
        for group in ("all", note.language):
            sheet.add(f"{span.kind}, {group}", "recall", item, whole, note.id)
            if span.kind == "NAME":
                sheet.add(f"NAME, {group}", "found or held", item, whole or held, note.id)
                if not whole:
                    sheet.add(f"missed NAME, {group}", "in a held note", item, held, note.id)
    for group in ("all", note.language):
        sheet.add(f"notes, {group}", "held", note.id, held)
        for match in _WORD.finditer(note.text):
            places = range(*match.span())
            if identifying.isdisjoint(places):
                item = f"{note.id}@{match.start()}"
                lost = not gone.isdisjoint(places)
                sheet.add(f"other words, {group}", "over-redacted", item, lost, note.id)
