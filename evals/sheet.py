"""Scores as they are gathered, item by item."""

from collections import defaultdict
from dataclasses import dataclass, field

from radcite.evals.results import Scores

__all__ = ["Sheet"]

_Line = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Scores of several systems by several metrics."""

    _lines: dict[tuple[str, str], list[_Line]] = field(
        default_factory=lambda: defaultdict[tuple[str, str], list[_Line]](list)
    )

    def add(self, system: str, metric: str, item: str, value: float, cluster: str = "") -> None:
        """Note one score; without a cluster the item stands for itself."""
        self._lines[system, metric].append((item, cluster or item, float(value)))

    def scores(self) -> tuple[Scores, ...]:
        """Everything noted, in the order in which systems and metrics first came."""
        return tuple(
            Scores(
                system=system,
                metric=metric,
                ids=tuple(item for item, _, _ in lines),
                clusters=tuple(cluster for _, cluster, _ in lines),
                values=tuple(value for _, _, value in lines),
            )
            for (system, metric), lines in self._lines.items()
        )
