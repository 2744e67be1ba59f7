"""A model that always writes one given claim, against the real graph: what is shown as supported?"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal

from radcite.core.claims import Abstention, Answer
from radcite.core.sources import Case, Language, Passage
from radcite.evals.datasets import Data, Row
from radcite.evals.sheet import Sheet
from radcite.evals.subject import Confrontation, StubClaim
from radcite.evals.task import Context, Measured

__all__ = ["adversarial", "benign"]

_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_MARK = "en/sources.jsonl"
_GRAPH = "the graph"
_NAIVE = "naive: the key exists"


class _Source(Row):
    id: str
    kind: Literal["passage", "case"]
    title: str = ""
    text: str
    case_id: str | None = None

    def evidence(self, language: Language) -> Passage | Case:
        """The source as the tools return it."""
        if self.kind == "case":
            return Case(case_id=self.case_id or self.id, report=self.text, language=language)
        return Passage(
            document_id=self.id,
            title=self.title,
            text=self.text,
            start=0,
            end=len(self.text),
            language=language,
        )


class _Cited(Row):
    evidence: str
    quote: str


class _Claim(Row):
    text: str
    about: str
    citations: tuple[_Cited, ...]


class _Item(Row):
    id: str
    kind: str
    evidence: tuple[str, ...]
    claim: _Claim


async def adversarial(context: Context) -> Measured:
    """False claims: the share shown as supported, by kind and language."""
    return await _confronted(context, "attacks", "shown as supported")


async def benign(context: Context) -> Measured:
    """True claims: the share kept as supported, by kind and language."""
    return await _confronted(context, "true", "kept as supported")


async def _confronted(context: Context, list_name: str, metric: str) -> Measured:
    sheet, lists = Sheet(), _lists(context.data)
    mistaken: list[str] = []
    for language in _LANGUAGES:
        sources = {row.id: row for row in lists.rows(f"{language}/sources.jsonl", _Source)}
        halves = ("dev", "sealed") if context.half == "all" else (context.half,)
        names = [f"{language}/{list_name}_{half}.jsonl" for half in halves]
        items = context.limited([row for name in names for row in lists.rows(name, _Item)])
        for done, item in enumerate(items):
            context.tell(f"confront {language}", done, len(items))
            confrontation = _confrontation(item, sources, language)
            outcome = await context.subject.confront(confrontation)
            shown = _is_supported(outcome, item.claim.text)
            exists = _position(item) <= len(item.evidence)
            unit = item.evidence[_position(item) - 1] if exists else item.id
            for group in ("all", language, f"{language} {item.kind}"):
                sheet.add(f"{_GRAPH}, {group}", metric, item.id, shown, unit)
            sheet.add(f"{_NAIVE}, all", metric, item.id, exists, unit)
            if shown != (list_name == "true"):
                mistaken.append(item.id)
    notes = [
        f"Half: {context.half}. The model ignores the schema, so an invented key reaches the gate."
    ]
    if mistaken:
        notes.append(f"Against expectation: {', '.join(mistaken)}")
    return Measured(sheet.scores(), notes)


def _confrontation(
    item: _Item, sources: Mapping[str, _Source], language: Language
) -> Confrontation:
    cited = item.claim.citations[0]
    return Confrontation(
        id=item.id,
        language=language,
        evidence=tuple(sources[one].evidence(language) for one in item.evidence),
        claim=StubClaim(
            text=item.claim.text, about=item.claim.about, key=cited.evidence, quote=cited.quote
        ),
    )


def _position(item: _Item) -> int:
    return int(item.claim.citations[0].evidence.removeprefix("E"))


def _is_supported(outcome: Answer | Abstention, text: str) -> bool:
    return isinstance(outcome, Answer) and any(
        claim.text == text and claim.support == "supported" for claim in outcome.claims
    )


def _lists(data: Data) -> Data:
    """The data folder where it holds such lists, else those that ship with radcite."""
    if (data.folder / _MARK).is_file():
        return data
    return Data(Path(str(files("radcite.evals").joinpath("data/gate"))), data.digests)
