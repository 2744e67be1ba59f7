"""The floor below which nothing is answered: fitted on questions whose documents are there or taken out.

No abstention is reported on the questions here: BioASQ, PubMedQA and MedQuAD for English, for Chinese
Toyhom by department without its held-back questions, and the development half of the translated ones.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radcite.core.sources import Passage
from radcite.evals.calibration_sets import QuestionSet, across_sets, english_sets, toyhom_sets
from radcite.evals.logistic import fit_logistic
from radcite.evals.metrics.probabilities import auroc
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection
from radcite.tools.hits import Hit
from radcite.tools.hybrid import SearchMode
from radcite.tools.knowledge.concepts import concepts_in, share_named
from radcite.tools.literature import LiteratureRequest

__all__ = ["calibrate"]

_HITS = 8
_FALSE_ABSTENTION = 0.08
# A question's translated terms are searched besides itself, and by them the texts of the other language as well:
# what one of the two finds must surely speak of the question.
_FALSE_ABSTENTION_BESIDES = 0.20
_ROUNDS = 10
_SILENT = -1e9

Signal = Literal["cosine", "coverage", "named"]
_SIGNALS: tuple[Signal, ...] = ("cosine", "coverage", "named")


@dataclass(frozen=True, slots=True)
class _Floor:
    """A floor to fit: on which sets, by which signals, how many of the answerable may fall below it."""

    name: str
    sets: Sequence[QuestionSet]
    signals: tuple[Signal, ...]
    mode: SearchMode = "hybrid"
    told: bool = False
    false_abstention: float = _FALSE_ABSTENTION


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the signals of its best hits, shape (hits, 3), NaN where it names no subject."""

    set_name: str
    id: str
    answerable: bool
    signals: NDArray[np.float64]


async def calibrate(context: Context) -> Measured:
    """Logistic floors on the hits' signals, and the least score that is evidence.

    A question stands when its best hit reaches the floor, so the fit is to the best hit: the weights choose
    it, and it moves the weights, until both are at rest. `least` lets at most 8 % of the
    answerable questions of the hardest set fall below: a site's own questions may be as hard.

    What is told of a question is told by a floor fitted on the other half of each set; the floor itself is of all.
    """
    rng = random.Random(context.seed)  # noqa: S311 - fixed samples
    english, chinese = english_sets(context, rng), toyhom_sets(context, rng)
    across = across_sets(context, rng)
    sheet, besides = Sheet(), _FALSE_ABSTENTION_BESIDES
    fitted: dict[str, Mapping[str, float]] = {}
    for floor in (
        _Floor("en, dense", english, ("cosine", "coverage")),
        _Floor("en, told", english, ("cosine", "named"), told=True, false_abstention=besides),
        _Floor("en, sparse", english, ("coverage",), mode="sparse"),
        _Floor("zh, dense", chinese, ("cosine", "coverage", "named")),
        _Floor("zh, across", across, ("cosine", "named"), false_abstention=besides),
        _Floor("zh, told", chinese, ("cosine", "named"), told=True, false_abstention=besides),
        _Floor("zh, sparse", chinese, ("coverage", "named"), mode="sparse"),
    ):
        asked = [one for each in floor.sets for one in await _ask_all(context, each, floor)]
        fitted[floor.name] = {**_fitted(floor, asked), **_judged(floor, asked, sheet)}
    return Measured(sheet.scores(), _NOTES, fitted)


_NOTES = (
    "Only questions that no training read are asked.",
    "Each is judged by a floor fitted on the other half of its set (AUROC too); the floor told is fitted on all.",
    "Of about half, all that answers them was taken out: in English their documents, in Toyhom the department.",
    "`told`: the names of the terms in the question, as a question in the other language is searched.",
    "`across`: English documents by a Chinese question. `sparse`: a query that no text encoder reads.",
)


async def _ask_all(context: Context, each: QuestionSet, floor: _Floor) -> list[_Asked]:
    name = f"calibration-{each.name.replace(' ', '-')}"
    collection = await documents_collection(context, name, each.documents)
    asked: list[_Asked] = []
    for done, (key, text, there) in enumerate(each.questions):
        context.tell(f"{floor.name}: search {each.name}", done, len(each.questions))
        query = _told(text, each) if floor.told else text
        if not query:
            continue
        hits = await context.subject.search["score"](
            LiteratureRequest(query=query, collection=collection, limit=_HITS, mode=floor.mode)
        )
        signals = [
            _signals(hit, query, each)
            for hit in hits
            if floor.mode == "sparse" or hit.cosine is not None
        ]
        if signals:
            asked.append(_Asked(each.name, key, there, np.array(signals)))
    return asked


def _told(text: str, each: QuestionSet) -> str:
    """The preferred names of a question's terms, in its own language."""
    found = concepts_in(text, each.language)
    return " ".join((one.en if each.language == "en" else one.zh)[0] for one in found)


def _signals(hit: Hit, query: str, each: QuestionSet) -> tuple[float, float, float]:
    source = hit.source
    words = f"{source.title}\n{source.text}" if isinstance(source, Passage) else ""
    named = share_named(query, each.language, words)
    return hit.cosine or 0.0, hit.coverage or 0.0, float("nan") if named is None else named


@dataclass(frozen=True, slots=True)
class _Fit:
    """Intercept and weights of the signals, the value of a share that names nothing, and the least score (logit)."""

    weights: NDArray[np.float64]
    unnamed: float
    least: float

    def scores(self, floor: _Floor, asked: Sequence[_Asked]) -> NDArray[np.float64]:
        """The score of each question's best hit; the least there is where none speaks of it."""
        tables = _tables(floor, asked, self.unnamed)
        found = [
            self.weights[0] + (table @ self.weights[1:]).max(initial=-np.inf) for table in tables
        ]
        return np.maximum(np.array(found, dtype=np.float64), _SILENT)


def _fit_floor(floor: _Floor, asked: Sequence[_Asked]) -> _Fit:
    unnamed = float(np.nanmean(np.concatenate([one.signals[:, 2] for one in asked])))
    labels = np.array([float(one.answerable) for one in asked])
    weights = _fit(_tables(floor, asked, unnamed), labels)
    scores = _Fit(weights, unnamed, 0.0).scores(floor, asked)
    names = {one.set_name for one in asked}
    least = min(_least_of(scores, asked, name, floor.false_abstention) for name in names)
    return _Fit(weights, unnamed, least)


def _fitted(floor: _Floor, asked: Sequence[_Asked]) -> Mapping[str, float]:
    """The numbers of the floor, fitted on all questions."""
    fit = _fit_floor(floor, asked)
    found = {"intercept": float(fit.weights[0])}
    found |= {
        signal: float(weight) for signal, weight in zip(floor.signals, fit.weights[1:], strict=True)
    }
    if "named" in floor.signals:
        found["unnamed"] = fit.unnamed
    return found | {"least": 1 / (1 + exp(-fit.least))}


def _judged(floor: _Floor, asked: Sequence[_Asked], sheet: Sheet) -> Mapping[str, float]:
    """Note which questions fall below a floor fitted on the others' half, and how well such floors order them."""
    halves = _halves(asked)
    scores: list[float] = []
    labels: list[float] = []
    for mine, others in (halves, halves[::-1]):
        fit = _fit_floor(floor, others)
        found = fit.scores(floor, mine)
        for one, score in zip(mine, found.tolist(), strict=True):
            what = "document there" if one.answerable else "document taken out"
            for group in ("all sets", one.set_name):
                item = f"{one.set_name}:{one.id}"
                metric = f"below the floor, {group}"
                sheet.add(f"{floor.name}: {what}", metric, item, score < fit.least)
        scores += found.tolist()
        labels += [float(one.answerable) for one in mine]
    area = auroc(np.array(scores), np.array(labels))
    return {} if area is None else {"auroc": area}


def _halves(asked: Sequence[_Asked]) -> tuple[list[_Asked], list[_Asked]]:
    """Every other question of each set, of those that are answered there and of those that are not."""
    halves: tuple[list[_Asked], list[_Asked]] = ([], [])
    seen: Counter[tuple[str, bool]] = Counter()
    for one in asked:
        kind = (one.set_name, one.answerable)
        halves[seen[kind] % 2].append(one)
        seen[kind] += 1
    return halves


def _tables(floor: _Floor, asked: Sequence[_Asked], unnamed: float) -> list[NDArray[np.float64]]:
    """The floor's signals of each question's hits that speak of it."""
    columns = [_SIGNALS.index(signal) for signal in floor.signals]
    speaking = [
        _speaking(one.signals) if "named" in floor.signals else one.signals for one in asked
    ]
    return [np.nan_to_num(signals, nan=unnamed)[:, columns] for signals in speaking]


def _speaking(signals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the hits that name none of the subjects the query names."""
    return signals[signals[:, 2] != 0]


def _fit(tables: Sequence[NDArray[np.float64]], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intercept and weights, on each question's best hit by the weights themselves."""
    weights = np.ones(tables[0].shape[1] + 1)
    found = np.array([len(table) > 0 for table in tables])
    usable = [table for table in tables if len(table)]
    for _ in range(_ROUNDS):
        best = np.array([table[int((table @ weights[1:]).argmax())] for table in usable])
        weights = fit_logistic(best, labels[found])
    return weights


def _least_of(
    scores: NDArray[np.float64], asked: Sequence[_Asked], name: str, share: float
) -> float:
    """The score that lets this share of a set's answerable questions fall below."""
    there = np.array([one.answerable and one.set_name == name for one in asked])
    return float(np.quantile(scores[there], share, method="lower"))
