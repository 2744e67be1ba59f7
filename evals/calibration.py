"""The floor below which nothing is answered: fitted on questions whose document is there or taken out.

No abstention is reported on the data here: BioASQ, PubMedQA and MedQuAD for English, and for
Chinese Toyhom without its held-back questions, Huatuo and MedicalGPT.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radcite.core.sources import Language
from radcite.evals.datasets import Row
from radcite.evals.logistic import auroc, fit_logistic
from radcite.evals.retrieval import (
    BIOASQ,
    MEDQUAD,
    PUBMEDQA,
    TOYHOM,
    BioasqDocument,
    BioasqQuestion,
    MedquadDocument,
    PubmedqaRow,
    ToyhomRow,
    held_back,
)
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection
from radcite.evals.units import is_held
from radcite.tools.hits import Hit
from radcite.tools.hybrid import SearchMode
from radcite.tools.literature import LiteratureRequest

__all__ = ["calibrate"]

_QUESTIONS = 300
_DISTRACTORS = 1500
_HITS = 8
_FALSE_ABSTENTION = 0.08
_ROUNDS = 10
_HUATUO = "text/zh/huatuo_bencao/qa.jsonl.gz"
_MEDICALGPT = "text/zh/medicalgpt_sft1k/qa.jsonl.gz"

Signal = Literal["dense", "sparse"]


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of questions, each with the documents that answer it, among `documents`."""

    name: str
    language: Language
    documents: Mapping[str, Mapping[str, object]]
    questions: Sequence[tuple[str, str, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the cosine and coverage of its best hits, shape (hits, 2)."""

    set_name: str
    id: str
    answerable: bool
    signals: NDArray[np.float64]


class _Qa(Row):
    question: str
    answer: str | None = None


async def calibrate(context: Context) -> Measured:
    """Logistic floors on the hits' cosine and coverage, and the least score that is evidence.

    A question stands when its best hit reaches the floor, so the fit is to the best hit: the weights choose
    it, and it moves the weights, until both are at rest. `least` lets at most 8 % of the
    answerable questions of the hardest set fall below: a site's own questions may be as hard.
    """
    rng = random.Random(context.seed)  # noqa: S311 - fixed samples
    sheet = Sheet()
    fitted: dict[str, Mapping[str, float]] = {}
    for language, sets in (("en", _english(context, rng)), ("zh", _chinese(context, rng))):
        signals: tuple[Signal, ...] = ("dense", "sparse")
        for signal in signals:
            asked = [one for each in sets for one in await _ask_all(context, each, signal, rng)]
            name = f"{language}, {signal}"
            weights = _fit(asked, signal)
            scores = np.array([_best(one, weights)[0] for one in asked])
            labels = np.array([float(one.answerable) for one in asked])
            least = min(_least_of(scores, asked, each.name) for each in sets)
            fitted[name] = {
                "intercept": weights[0],
                "cosine": weights[1],
                "coverage": weights[2],
                "least": 1 / (1 + exp(-least)),
                "auroc": auroc(scores, labels),
            }
            _note(sheet, name, asked, scores < least)
    return Measured(sheet.scores(), _NOTES, fitted)


_NOTES = (
    "Only questions that no training read are asked.",
    "Half of each set's questions had every document that answers them taken out.",
    "`sparse` serves a query that no text encoder reads: words alone, without a cosine.",
)


def _least_of(scores: NDArray[np.float64], asked: Sequence[_Asked], name: str) -> float:
    """The score that lets 8 % of a set's answerable questions fall below."""
    there = np.array([one.answerable and one.set_name == name for one in asked])
    return float(np.quantile(scores[there], _FALSE_ABSTENTION, method="lower"))


def _note(sheet: Sheet, name: str, asked: Sequence[_Asked], below: NDArray[np.bool_]) -> None:
    for one, silent in zip(asked, below, strict=True):
        what = "document there" if one.answerable else "document taken out"
        for group in ("all sets", one.set_name):
            item = f"{one.set_name}:{one.id}"
            sheet.add(f"{name}: {what}", f"below the floor, {group}", item, bool(silent))


def _fit(asked: Sequence[_Asked], signal: Signal) -> tuple[float, float, float]:
    labels = np.array([float(one.answerable) for one in asked])
    weights = (0.0, 1.0 if signal == "dense" else 0.0, 1.0)
    for _ in range(_ROUNDS):
        best = np.array([one.signals[_best(one, weights)[1]] for one in asked])
        if signal == "dense":
            found = fit_logistic(best, labels)
            weights = (float(found[0]), float(found[1]), float(found[2]))
        else:
            found = fit_logistic(best[:, 1:], labels)
            weights = (float(found[0]), 0.0, float(found[1]))
    return weights


def _best(one: _Asked, weights: tuple[float, float, float]) -> tuple[float, int]:
    """The score of a question's best hit before the logistic, and which hit that is."""
    scores = weights[0] + one.signals @ np.array(weights[1:])
    best = int(scores.argmax())
    return float(scores[best]), best


async def _ask_all(
    context: Context, each: _Set, signal: Signal, rng: random.Random
) -> list[_Asked]:
    """Every question of a set, every other one with its documents taken out."""
    gone = frozenset(one for _, _, gold in each.questions[1::2] for one in gold)
    kept = {key: record for key, record in each.documents.items() if key not in gone}
    name = f"calibration-{each.name}"
    collection = await documents_collection(context, name, kept.values())
    mode: SearchMode = "hybrid" if signal == "dense" else "sparse"
    asked: list[_Asked] = []
    for done, (key, text, gold) in enumerate(each.questions):
        context.tell(f"search {each.name}", done, len(each.questions))
        request = LiteratureRequest(query=text, collection=collection, limit=_HITS, mode=mode)
        hits = await context.subject.search["score"](request)
        answerable = any(one in kept for one in gold)
        signals = [_signals(hit) for hit in hits if signal == "sparse" or hit.cosine is not None]
        # A question of the kept half whose every document went with another question's is no example.
        if signals and answerable == (done % 2 == 0):
            asked.append(_Asked(each.name, key, answerable, np.array(signals)))
    return asked


def _signals(hit: Hit) -> tuple[float, float]:
    return hit.cosine or 0.0, hit.coverage or 0.0


def _english(context: Context, rng: random.Random) -> list[_Set]:
    return [_bioasq(context, rng), _pubmedqa(context, rng), _medquad(context, rng)]


def _chinese(context: Context, rng: random.Random) -> list[_Set]:
    rows = context.data.rows(TOYHOM, ToyhomRow)
    unseen = set(held_back(len(rows)))
    toyhom = [
        (row.ask, row.answer) for i, row in enumerate(rows) if i not in unseen and is_held(row.id)
    ]
    return [
        _pairs(context, rng, "toyhom", toyhom),
        *(
            _pairs(
                context,
                rng,
                name,
                [
                    (row.question, row.answer or "")
                    for row in context.data.rows(path, _Qa)
                    if is_held(row.question)
                ],
            )
            for name, path in (("huatuo", _HUATUO), ("medicalgpt", _MEDICALGPT))
        ),
    ]


def _bioasq(context: Context, rng: random.Random) -> _Set:
    documents = {
        row.pmid: row.record()
        for row in context.data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    }
    rows = context.data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    questions = [
        (row.id, row.question, frozenset(row.gold_pmids) & documents.keys())
        for row in rng.sample([row for row in rows if is_held(row.id)], _QUESTIONS)
    ]
    gold = {key for _, _, keys in questions for key in keys}
    others = rng.sample(sorted(documents.keys() - gold), _DISTRACTORS // 2)
    chosen = {key: documents[key] for key in sorted(gold | set(others))}
    return _Set("bioasq", "en", chosen, context.limited(questions))


def _pubmedqa(context: Context, rng: random.Random) -> _Set:
    rows = context.data.rows(PUBMEDQA, PubmedqaRow)
    questions = [
        (row.id, row.question, frozenset({row.id}))
        for row in _some([row for row in rows if is_held(row.id)], rng)
    ]
    documents = {row.id: row.record() for row in rows}
    return _Set("pubmedqa", "en", documents, context.limited(questions))


def _medquad(context: Context, rng: random.Random) -> _Set:
    """Documents of one focus answer each other's questions, so they are taken out together."""
    rows = [
        row
        for row in context.data.rows(MEDQUAD, MedquadDocument)
        if row.focus and row.is_answered and is_held(row.key)
    ]
    rows = list({row.url: row for row in rng.sample(rows, _QUESTIONS)}.values())
    documents = {row.url: _medquad_record(row) for row in rows}
    of_focus: dict[str, set[str]] = {}
    for row in rows:
        of_focus.setdefault((row.focus or "").casefold(), set()).add(row.url)
    questions = [
        (
            row.url,
            rng.choice([one.question for one in row.qa if one.answer]),
            frozenset(of_focus[(row.focus or "").casefold()]),
        )
        for row in rows
    ]
    return _Set("medquad", "en", documents, context.limited(questions))


def _some(rows: Sequence[PubmedqaRow], rng: random.Random) -> list[PubmedqaRow]:
    return rng.sample(rows, min(_QUESTIONS, len(rows)))


def _medquad_record(row: MedquadDocument) -> Mapping[str, object]:
    return {**row.record(), "id": row.url}


def _pairs(
    context: Context, rng: random.Random, name: str, pairs: Sequence[tuple[str, str]]
) -> _Set:
    """Questions and answers, some of them asked, the other answers as distractors."""
    usable = [(str(i), *pair) for i, pair in enumerate(pairs) if all(map(str.strip, pair))]
    chosen = rng.sample(usable, min(len(usable), _QUESTIONS + _DISTRACTORS))
    documents = {key: {"id": key, "text": text, "language": "zh"} for key, _, text in chosen}
    questions = [(key, text, frozenset({key})) for key, text, _ in chosen[:_QUESTIONS]]
    return _Set(name, "zh", documents, context.limited(questions))
