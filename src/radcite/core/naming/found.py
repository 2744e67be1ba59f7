"""A place of a text that names somebody."""

from typing import NamedTuple

__all__ = ["Found"]


class Found(NamedTuple):
    """Where a name or another identifier stands, `end` excluded, and which kind it is.

    `sure`: whether it is taken out at once; else a person has to look.
    """

    start: int
    end: int
    kind: str
    sure: bool
