"""The floor of cases that words found: fitted on free texts, reported on other queries and on MedPix."""

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from radcite.core.sources import Case, Language
from radcite.evals.datasets import Row
from radcite.evals.logistic import fit_logistic
from radcite.evals.retrieval import TOYHOM
from radcite.evals.sheet import Sheet
from radcite.evals.task import CaseFiles, Context, Measured, cases_collection
from radcite.evals.units import held_apart
from radcite.tools.cases import CaseRequest

__all__ = ["case_floor"]

_HITS = 8
_FALSE_ABSTENTION = 0.05
_ASKED = 60
_ASKED_ELSEWHERE = 15
_KEPT = 250
_LONGEST = 600
_CAPTIONS = "text/roco_captions/captions.jsonl.gz"
_MEDPIX = "images/medpix2"
_PLACES = {
    "chest": r"\b(chest|lung|pulmon|thora|pleur|pneumo)",
    "brain": r"\b(brain|cerebr|crani|intracran)",
    "abdomen": r"\b(abdom|liver|hepat|bowel|colon|pancrea|spleen|gallbl)",
    "spine": r"\b(spine|spinal|vertebr|lumbar)",
    "pelvis": r"\b(uter|ovar|pelvi|prostat|bladder|fetal|fetus)",
}
_NOTES = (
    "A text stands for a case: a caption by the part of the body it names, a patient's words by department.",
    "Asked are texts of the collection's group and of others, none of them stored, none read in training.",
    "Every other one fits the floor; the others, and MedPix, are reported.",
    "In MedPix `words` are history and findings, `history` is history alone: too little to know a like case by.",
)


class _Caption(Row):
    roco_id: str
    pmcid: str
    caption: str


class _Consultation(Row):
    id: str
    department: str
    title: str
    ask: str


class _Image(Row):
    case: str
    location_category: str | None = None


class _Record(Row):
    U_id: str
    Case: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class _Text:
    id: str
    group: str
    report: str
    asked: Mapping[str, str]


async def case_floor(context: Context) -> Measured:
    """The cosine below which a case that words found is no similar case, in each language.

    `least` lets 5 % of the descriptions whose group is there fall below.
    """
    sheet = Sheet()
    fitted: dict[str, Mapping[str, float]] = {}
    sets: tuple[tuple[str, Language, list[_Text]], ...] = (
        ("captions", "en", _captions(context)),
        ("patients", "zh", _consultations(context)),
    )
    for name, language, texts in sets:
        found = await _best_cosines(context, name, language, texts)
        near = np.array([one.cosine for one in found[::2]])
        labels = np.array([float(one.there) for one in found[::2]])
        weights = fit_logistic(near[:, None], labels)
        lowest = float(np.quantile(near[labels > 0], _FALSE_ABSTENTION, method="lower"))
        fitted[f"{language}, cases"] = {
            "intercept": float(weights[0]),
            "cosine": float(weights[1]),
            "least": 1 / (1 + exp(-float(weights[0] + weights[1] * lowest))),
        }
        _tell(sheet, name, found[1::2], lowest)
        if language == "en":
            medpix = _medpix(context)
            for words in ("words", "history"):
                others = await _best_cosines(context, "medpix", "en", medpix, words)
                _tell(sheet, f"MedPix {words}", others, lowest)
    return Measured(sheet.scores(), _NOTES, fitted)


@dataclass(frozen=True, slots=True)
class _Best:
    id: str
    there: bool
    cosine: float


def _tell(sheet: Sheet, name: str, found: Sequence[_Best], lowest: float) -> None:
    for one in found:
        what = "group there" if one.there else "group taken out"
        sheet.add(f"{name}: {what}", "no similar case", one.id, one.cosine < lowest)


async def _best_cosines(
    context: Context, name: str, language: Language, texts: Sequence[_Text], words: str = "words"
) -> list[_Best]:
    rng = random.Random(context.seed)  # noqa: S311 - fixed samples
    groups: dict[str, list[_Text]] = defaultdict(list)
    for text in texts:
        groups[text.group].append(text)
    for mine in groups.values():
        rng.shuffle(mine)
    asked = {group: mine[: min(_ASKED, len(mine) // 2)] for group, mine in groups.items()}
    best: list[_Best] = []
    for done, (group, mine) in enumerate(groups.items()):
        context.tell(f"search {name}", done, len(groups))
        kept = mine[len(asked[group]) :][:_KEPT]
        files = [CaseFiles(_record(text, language), ()) for text in kept]
        collection = await cases_collection(context, f"floor-{name}-{done}", files)
        for other, queries in asked.items():
            most = _ASKED if other == group else _ASKED_ELSEWHERE
            for text in context.limited(queries[:most]):
                hits = await context.subject.search["score"](
                    CaseRequest(query=text.asked[words], collection=collection, limit=_HITS)
                )
                near = max(
                    (hit.cosine or 0.0 for hit in hits if isinstance(hit.source, Case)), default=0.0
                )
                best.append(_Best(f"{group}<{text.id}", other == group, near))
    return best


def _record(text: _Text, language: Language) -> Mapping[str, object]:
    return {"case_id": text.id, "report": text.report, "language": language}


def _captions(context: Context) -> list[_Text]:
    rows = context.data.rows(_CAPTIONS, _Caption)
    texts: list[_Text] = []
    for row in held_apart(rows, lambda row: row.pmcid, lambda row: (row.caption,)):
        named = [
            place
            for place, words in _PLACES.items()
            if re.search(words, row.caption, re.IGNORECASE)
        ]
        if len(named) == 1 and len(row.caption) <= _LONGEST:
            texts.append(_Text(row.roco_id, named[0], row.caption, {"words": row.caption}))
    return texts


def _consultations(context: Context) -> list[_Text]:
    rows = context.data.rows(TOYHOM, _Consultation)
    return [
        _Text(row.id, row.department, row.ask, {"words": row.ask})
        for row in held_apart(rows, lambda row: row.id, lambda row: (row.ask, row.title))
        if len(row.ask) <= _LONGEST
    ]


def _medpix(context: Context) -> list[_Text]:
    shown = context.data.rows(f"{_MEDPIX}/images.jsonl", _Image)
    places = {row.case: row.location_category for row in shown}
    texts: list[_Text] = []
    for row in context.data.rows(f"{_MEDPIX}/cases.jsonl", _Record):
        history, findings = row.Case.get("History") or "", row.Case.get("Findings") or ""
        if (place := places.get(row.U_id)) and history.strip() and findings.strip():
            asked = {"words": f"{history} {findings}", "history": history}
            texts.append(_Text(row.U_id, place, findings, asked))
    return texts
