"""How much a batch may cost, and how often it may try again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from radcite.core.frozen import Frozen
from radcite.core.usage import Usage

__all__ = ["Bounds", "Budget", "Prices", "Retries", "Stop"]

Stop = Literal["tokens", "cost", "time"]
_FEWEST = 10


class Prices(Frozen):
    """What a million tokens cost, in any one currency."""

    prompt: float = 0.0
    reply: float = 0.0

    def cost(self, usage: Usage) -> float:
        """What this usage costs."""
        return (usage.prompt_tokens * self.prompt + usage.reply_tokens * self.reply) / 1_000_000


class Bounds(Frozen):
    """The most that may be spent. Tokens and cost count all runs of an output, seconds this run.

    `retries` is how often one row is asked again after a failure that may pass, `retry_share` how many such
    repetitions a run may make, as a share of its rows: a server that is down is not asked by every row.
    """

    tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None
    retries: int = 2
    retry_share: float = 0.1


@dataclass(slots=True)
class Budget:
    """Says when to stop. What is under way is finished, so a bound is passed by at most that."""

    bounds: Bounds
    prices: Prices
    clock: Callable[[], float]
    before: Usage
    cost_before: float
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def cost(self, usage: Usage) -> float:
        """What the output has cost, this run's usage included."""
        return self.cost_before + self.prices.cost(usage)

    def exhausted(self, usage: Usage) -> Stop | None:
        """Which bound is reached by this run's usage so far."""
        bounds = self.bounds
        if bounds.tokens is not None and (self.before + usage).tokens >= bounds.tokens:
            return "tokens"
        if bounds.cost is not None and self.cost(usage) >= bounds.cost:
            return "cost"
        if bounds.seconds is not None and self.clock() - self.started >= bounds.seconds:
            return "time"
        return None


@dataclass(slots=True)
class Retries:
    """What is left of a run's repetitions."""

    a_row: int
    left: int
    taken: int = 0

    @classmethod
    def of(cls, bounds: Bounds, rows: int) -> "Retries":
        """The repetitions of a run over so many rows; a small run has a few as well."""
        return cls(bounds.retries, max(_FEWEST, round(bounds.retry_share * rows)))

    def allow(self, made: int) -> bool:
        """Whether a row that was repeated `made` times may be asked once more; if so, it is counted."""
        if made >= self.a_row or not self.left:
            return False
        self.left -= 1
        self.taken += 1
        return True
