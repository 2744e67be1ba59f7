"""How the measurements are taken: CPU and wall, in rounds that alternate between the ways compared.

A busy machine slows every way alike, so what is reported is the median of the ratios of the rounds.
"""

import resource
import statistics
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import log

__all__ = ["Row", "Spent", "Stopwatch", "exponent", "interleaved", "measure", "median_ratio"]


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of wall, and of CPU of every thread and finished child."""

    wall_s: float
    cpu_s: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `goal` is a bound on `value` such as `<= 1.15`."""

    name: str
    value: float
    unit: str = ""
    goal: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if not self.goal:
            return None
        sign, bound = self.goal.split()
        return self.value <= float(bound) if sign == "<=" else self.value >= float(bound)


@dataclass(slots=True)
class Stopwatch:
    """Adds up what named parts of a work cost."""

    spent: dict[str, Spent] = field(default_factory=dict[str, Spent])

    @contextmanager
    def part(self, name: str) -> Generator[None]:
        wall, cpu = time.perf_counter(), _cpu()
        yield
        took = Spent(time.perf_counter() - wall, _cpu() - cpu)
        self.spent[name] = self.spent.get(name, Spent(0, 0)) + took

    @property
    def total(self) -> Spent:
        return sum(self.spent.values(), Spent(0, 0))


def measure(work: Callable[[], object]) -> Spent:
    """What one call costs."""
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return Spent(time.perf_counter() - wall, _cpu() - cpu)


def interleaved(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[Spent]]:
    """What each way costs, in rounds of all ways one after another."""
    spent: dict[str, list[Spent]] = {name: [] for name in ways}
    for number in range(rounds):
        # Every other round backwards, so that no way always comes second.
        for name in list(ways)[:: 1 if number % 2 == 0 else -1]:
            spent[name].append(measure(ways[name]))
    return spent


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of paired rounds."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def exponent(small: float, large: float, factor: float) -> float:
    """How a cost grows: 1 is in proportion to the size, 2 with its square."""
    return log(large / small) / log(factor)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
