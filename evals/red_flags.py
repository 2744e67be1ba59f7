"""Vignettes through the public ask: is emergency advice shown where there is an emergency, and only there?"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from radcite.core.question import Question
from radcite.core.sources import Language
from radcite.evals.datasets import Data, Row
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured

__all__ = ["first_red_flags", "red_flags", "second_red_flags"]


class _Vignette(Row):
    id: str
    language: Language
    text: str
    red_flag: bool
    emergency: str | None = None


async def red_flags(context: Context) -> Measured:
    """The share of emergencies with advice before the outcome, and of other questions with it."""
    return await _measured(context, {"dev": "dev_2", "sealed": "sealed_3"})


async def first_red_flags(context: Context) -> Measured:
    """The same over the first set, whose first half the rules were made with."""
    return await _measured(context, {"dev": "dev", "sealed": "sealed"})


async def second_red_flags(context: Context) -> Measured:
    """The same over the second set, whose opened half has become that of the task `red-flags`."""
    return await _measured(context, {"dev": "dev_2", "sealed": "sealed_2"})


async def _measured(context: Context, files_of: Mapping[str, str]) -> Measured:
    sheet = Sheet()
    halves = ("dev", "sealed") if context.half == "all" else (context.half,)
    data = Data(Path(str(files("radcite.evals").joinpath("data/red_flags"))), context.data.digests)
    rows = [row for half in halves for row in data.rows(f"{files_of[half]}.jsonl", _Vignette)]
    mistaken: list[str] = []
    for done, row in enumerate(context.limited(rows)):
        context.tell("ask", done, len(rows))
        # A collection without anything in it: the rules know nothing of sources.
        question = Question(text=row.text, language=row.language, collection="red-flags")
        advised = bool((await context.subject.ask(question)).safety.red_flags)
        kind, metric = (
            ("emergencies", "surfaced") if row.red_flag else ("other questions", "false alarms")
        )
        for group in ("all", row.language):
            sheet.add(f"{kind}, {group}", metric, row.id, advised)
        if advised != row.red_flag:
            mistaken.append(row.id)
    notes = [f"Half: {context.half}. {len(mistaken)} against expectation."]
    if mistaken and context.half == "dev":
        notes.append(f"They are: {', '.join(mistaken)}")
    return Measured(sheet.scores(), notes)
