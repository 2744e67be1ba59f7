"""The parts of an article's text, whatever kind of file it came in."""

from typing import Literal

from pydantic import Field

from radcite.core.frozen import Frozen

__all__ = ["Block", "BlockKind"]

BlockKind = Literal["heading", "paragraph", "caption", "table", "reference"]
"""`reference`: a part of the list of references, its heading included."""


class Block(Frozen):
    """A part `[start, end)` of an article's text; `label` is that of a figure or table (`Table 2`)."""

    kind: BlockKind
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    label: str = ""
