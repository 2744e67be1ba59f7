"""What the labels of similar images say of an image: order, calibration, abstention, and sets that hold the truth."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radcite.core.conformal import fitted, in_set
from radcite.evals.images.rows import CovidRow, FilmRow, MriRow
from radcite.evals.images.vectors import rows_by_system
from radcite.evals.metrics.probabilities import (
    Floats,
    area_under_risk,
    auprc,
    auroc,
    brier,
    coverage_of_sets,
    interval_of_calibration,
    rarer,
    row_of_statistic,
)
from radcite.evals.results import Row as TableRow
from radcite.evals.results import row_of_interval
from radcite.evals.task import Context, Measured
from radcite.evals.units import is_held

__all__ = ["votes"]

_NEIGHBOURS = 15
_LEAST_POSITIVES = 5
_COVERAGE = 0.9


@dataclass(frozen=True, slots=True)
class _Set:
    """Images with their labels: one of `names` each (`exclusive`), or any number."""

    name: str
    paths: Sequence[Path]
    units: Sequence[str]
    labels: Sequence[tuple[str, ...]]
    exclusive: bool

    @property
    def names(self) -> list[str]:
        """The labels, the commonest first."""
        every = [label for labels in self.labels for label in labels]
        return sorted(set(every), key=lambda label: (-every.count(label), label))


async def votes(context: Context) -> Measured:
    """Shares of the fifteen nearest images of other patients, by the image encoder and by raw pixels."""
    found: list[TableRow] = []
    for one in _sets(context):
        truth = np.array([[float(name in labels) for name in one.names] for labels in one.labels])
        rows = await rows_by_system(context, f"votes-{one.name}", one.paths, baselines=False)
        held = np.array([is_held(unit) for unit in one.units])
        for system, vectors in rows.items():
            shares = _shares(np.asarray(vectors, dtype=np.float64), truth, held)
            units = [unit for unit, mine in zip(one.units, held, strict=True) if mine]
            measured = _measured(one, system, shares, truth[held], units, context.seed)
            found += [row for row in measured if row is not None]
    notes = (
        f"Asked are images of units that no training read; the {_NEIGHBOURS} nearest of the others vote, by cosine.",
        "Sets: split conformal at 0.9, fitted on every other unit asked and measured on the rest.",
        "Risk and coverage: the mean share of wrong answers over the shares answered, surest first; less is better.",
    )
    return Measured((), notes, rows=found)


def _shares(vectors: Floats, truth: Floats, held: NDArray[np.bool_]) -> Floats:
    likeness = vectors[held] @ vectors[~held].T
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :_NEIGHBOURS]
    return truth[~held][nearest].mean(axis=1)


def _measured(
    one: _Set, system: str, shares: Floats, truth: Floats, units: Sequence[str], seed: int
) -> Iterator[TableRow | None]:
    for place, name in enumerate(one.names):
        if not _LEAST_POSITIVES <= truth[:, place].sum() <= len(truth) - _LEAST_POSITIVES:
            continue
        for metric, of in (("AUROC", auroc), ("AUPRC", auprc)):
            yield row_of_statistic(
                system,
                f"{metric} {name}, {one.name}",
                lambda p, of=of, at=place: of(shares[p, at], truth[p, at]),
                units,
                seed=seed,
                telling=rarer(truth[:, place], units),
            )
    if not one.exclusive:
        return
    sure = shares.max(axis=1)
    wrong = 1 - truth[np.arange(len(truth)), shares.argmax(axis=1)]
    statistics: dict[str, Callable[[NDArray[np.int64]], float]] = {
        "accuracy": lambda p: 1 - float(wrong[p].mean()),
        "Brier": lambda p: brier(shares[p], truth[p]),
        "risk over coverage": lambda p: area_under_risk(sure[p], wrong[p]),
    }
    for metric, statistic in statistics.items():
        yield row_of_statistic(system, f"{metric}, {one.name}", statistic, units, seed=seed)
    error = interval_of_calibration(shares, truth, units, seed)
    yield row_of_interval(system, f"debiased ECE, {one.name}", len(units), error)
    yield from _of_sets(one, system, shares, truth, units, seed)


def _of_sets(
    one: _Set, system: str, shares: Floats, truth: Floats, units: Sequence[str], seed: int
) -> Iterator[TableRow | None]:
    """Coverage and size of conformal sets; every other unit fits the bound."""
    order = {unit: number for number, unit in enumerate(dict.fromkeys(units))}
    fits = np.array([order[unit] % 2 == 0 for unit in units])
    own = (shares * truth).sum(axis=1)
    least = fitted([float(share) or None for share in own[fits]], _COVERAGE)
    members = np.array([[float(in_set(share, least)) for share in row] for row in shares[~fits]])
    rest = [unit for unit, fit in zip(units, fits, strict=True) if not fit]
    asked = truth[~fits]
    yield row_of_statistic(
        system,
        f"conformal coverage, {one.name}",
        lambda p: coverage_of_sets(members[p], asked[p]),
        rest,
        seed=seed,
    )
    yield row_of_statistic(
        system,
        f"conformal set size, {one.name}",
        lambda p: float(members[p].sum(axis=1).mean()),
        rest,
        seed=seed,
        share=False,
    )


def _sets(context: Context) -> Iterator[_Set]:
    films = context.data.rows("images/nih_cxr/images.jsonl", FilmRow)
    yield _Set(
        "NIH",
        [context.data.member("images/nih_cxr", row.image) for row in films],
        [row.unit for row in films],
        [row.labels for row in films],
        exclusive=False,
    )
    covid = context.data.rows("images/covidcxr/images.jsonl", CovidRow)
    yield _Set(
        "COVID or not",
        [context.data.member("images/covidcxr", row.image) for row in covid],
        [row.unit for row in covid],
        [("COVID-19" if "COVID-19" in row.finding else "other",) for row in covid],
        exclusive=True,
    )
    slices = context.data.rows("images/brain_mri/images.jsonl", MriRow)
    yield _Set(
        "brain MRI",
        [context.data.member("images/brain_mri", row.image) for row in slices],
        [row.unit for row in slices],
        [(row.diagnosis,) for row in slices],
        exclusive=True,
    )
