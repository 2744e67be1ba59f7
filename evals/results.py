"""Results as values: scores of single items, the rows made of them, and where they come from."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.evals.statistics import Interval, interval_of_mean, mcnemar, paired_difference

__all__ = [
    "Contrast",
    "Goal",
    "Provenance",
    "Report",
    "Row",
    "SampleQuote",
    "SampleRecord",
    "Scores",
    "contrast",
    "goal",
    "row_of",
    "row_of_interval",
    "with_goal",
]


class Scores(Frozen):
    """What one system scored on each item by one metric; items of one cluster are not independent."""

    system: str
    metric: str
    ids: tuple[str, ...] = Field(min_length=1)
    clusters: tuple[str, ...]
    values: tuple[float, ...]


class Goal(Frozen):
    """What a system should reach: at least, or at most, a value."""

    system: str
    metric: str
    bound: Literal["least", "most"]
    value: float

    def met_by(self, mean: float) -> bool:
        """Whether a mean reaches it."""
        return mean >= self.value if self.bound == "least" else mean <= self.value


class Row(Frozen):
    """One line of the table: a mean with its 95 % interval over `units` independent units."""

    system: str
    metric: str
    n: int
    units: int
    mean: float
    low: float
    high: float
    goal: Goal | None = None
    met: bool | None = None


class SampleQuote(Frozen):
    """Words that carried an answer, and where they stand."""

    source: str
    page: int | None = None
    quote: str


class SampleRecord(Frozen):
    """One question as it was answered; `status` is `answer` or the reason of an abstention."""

    id: str
    question: str
    gold: str
    said: str
    status: str
    quotes: tuple[SampleQuote, ...] = ()


class Contrast(Frozen):
    """One system against another on the same items, with its two-sided p.

    `test`: `mcnemar`, exact, where each item is right or wrong and stands alone; else the paired bootstrap. `family`:
    of two runs, whether the p is one of those corrected together.
    """

    system: str
    baseline: str
    metric: str
    n: int
    difference: float
    low: float
    high: float
    p: float
    test: Literal["bootstrap", "mcnemar"] = "bootstrap"
    family: bool = False


class Provenance(Frozen):
    """What made a result: digests of the data, versions, encoders, seed and options."""

    data: Mapping[str, str]
    versions: Mapping[str, str]
    fingerprints: Mapping[str, str]
    options: Mapping[str, str | int | None]


class Report(Frozen):
    """One run of one task."""

    result: Literal["radcite.eval/1"] = Field(default="radcite.eval/1", alias="schema")
    task: str
    version: int
    unit: str
    rows: tuple[Row, ...]
    contrasts: tuple[Contrast, ...]
    fitted: Mapping[str, Mapping[str, float]] = {}
    notes: tuple[str, ...]
    provenance: Provenance
    seconds: float
    scores: tuple[Scores, ...] = ()
    samples: tuple[SampleRecord, ...] = ()


def goal(system: str, metric: str, value: float, bound: Literal["least", "most"] = "least") -> Goal:
    """What a system should reach, in a line."""
    return Goal(system=system, metric=metric, bound=bound, value=value)


def row_of(scores: Scores, goals: Sequence[Goal] = (), seed: int = 0) -> Row:
    """The row of one system, with its goal where one is set."""
    found = interval_of_mean(scores.values, scores.clusters, seed)
    return with_goal(
        row_of_interval(scores.system, scores.metric, len(scores.values), found), goals
    )


def row_of_interval(system: str, metric: str, n: int, found: Interval) -> Row:
    """The row of a figure whose interval is known."""
    return Row(
        system=system,
        metric=metric,
        n=n,
        units=found.units,
        mean=found.mean,
        low=found.low,
        high=found.high,
    )


def with_goal(row: Row, goals: Sequence[Goal]) -> Row:
    """The row with its own goal, where one is set."""
    for own in goals:
        if (own.system, own.metric) == (row.system, row.metric):
            return row.model_copy(update={"goal": own, "met": own.met_by(row.mean)})
    return row


def contrast(scores: Scores, baseline: Scores, seed: int = 0) -> Contrast:
    """A system against a baseline on the items that both have scored.

    Raises:
        RadciteError: `VALIDATION` when they share no item, or items of one share an id.
    """
    if any(len(set(one.ids)) < len(one.ids) for one in (scores, baseline)):
        raise RadciteError("VALIDATION", f"{scores.metric}: two items of one id cannot be paired")
    below = dict(zip(baseline.ids, baseline.values, strict=True))
    shared = [i for i, one in enumerate(scores.ids) if one in below]
    if not shared:
        raise RadciteError("VALIDATION", f"{scores.system} and {baseline.system} share no item")
    values = [scores.values[i] for i in shared]
    under = [below[scores.ids[i]] for i in shared]
    clusters = [scores.clusters[i] for i in shared]
    found = paired_difference(values, under, clusters, seed)
    binary = {*values, *under} <= {0.0, 1.0} and len(set(clusters)) == len(clusters)
    return Contrast(
        system=scores.system,
        baseline=baseline.system,
        metric=scores.metric,
        n=len(shared),
        difference=found.mean,
        low=found.low,
        high=found.high,
        p=mcnemar(values, under) if binary else found.p,
        test="mcnemar" if binary else "bootstrap",
    )
