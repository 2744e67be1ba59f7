"""What one file may cost before its reading is given up."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from radcite.core.settings import LimitSettings

__all__ = ["Limits"]

# Small files compress well without being bombs.
_RATIO_APPLIES_FROM = 64 << 20
_KIB, _MIB, _GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one file; beyond any of them it ends in `LIMIT_EXCEEDED` or `PARSER_TIMEOUT`.

    `memory_bytes` is address space on top of what the worker holds before it starts.
    `inflated_bytes` bounds what one compressed object becomes, `archive_bytes` the whole of an
    archive; `inflation_ratio` is what either may become over its stored size. A plain dataclass,
    because every worker process loads this before it is ready.

    Raises:
        ValueError: A bound is not positive.
    """

    wall_seconds: float = 60.0
    cpu_seconds: int = 60
    memory_bytes: int = 3 * _GIB
    file_bytes: int = 1 * _GIB
    pages: int = 2_000
    frame_pixels: int = 120_000_000
    total_pixels: int = 1_000_000_000
    elements: int = 200_000
    depth: int = 32
    inflated_bytes: int = 512 * _MIB
    text_bytes: int = 512 * _KIB
    archive_files: int = 20_000
    archive_bytes: int = 4 * _GIB
    inflation_ratio: float = 200.0

    def __post_init__(self) -> None:
        for bound in fields(self):
            if not getattr(self, bound.name) > 0:
                raise ValueError(f"{bound.name} must be positive")

    @classmethod
    def of(cls, chosen: "LimitSettings") -> Self:
        """The bounds that settings choose; the others stay as they are."""
        return cls(
            wall_seconds=chosen.wall_seconds,
            cpu_seconds=max(1, round(chosen.wall_seconds)),
            memory_bytes=chosen.memory_mib << 20,
            file_bytes=chosen.file_mib << 20,
            pages=chosen.pages,
        )

    def room(self, stored_bytes: int, bound: int) -> int:
        """How many bytes so many compressed ones may become, and never more than `bound`."""
        return int(min(max(self.inflation_ratio * stored_bytes, _RATIO_APPLIES_FROM), bound))
