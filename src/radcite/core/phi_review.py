"""Images and records held because text in them may name somebody, and what a person decided about each."""

from typing import Literal, Protocol

from pydantic import Field

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["Decision", "HeldImage", "HeldPlace", "HeldWords", "PhiReviews"]

Decision = Literal["masked", "as it is", "rejected"]


class HeldPlace(Frozen):
    """A line of text: frame, box (x0, y0, x1, y1) in pixels, the reader's certainty, and what the gate wants."""

    frame: int = Field(ge=0)
    box: tuple[int, int, int, int]
    score: float = Field(ge=0, le=1)
    verdict: Literal["mask", "hold"]


class HeldWords(Frozen):
    """Characters [start, end) of a text that may be a name: which field of the record, or `text` of an object."""

    field: str
    start: int = Field(ge=0)
    end: int = Field(ge=1)


class HeldImage(Frozen):
    """A file, or a line of a list of cases, by its keyed digest; nothing of its content is kept.

    `decision` is None while it waits: `masked` lets it in with every place covered and all `words` replaced,
    `as it is` without, `rejected` keeps it out. `maskable` is False for a PDF, whose pages are kept as they are.
    """

    key: str = Field(min_length=12)
    places: tuple[HeldPlace, ...] = ()
    words: tuple[HeldWords, ...] = ()
    maskable: bool = True
    held_at: str
    decision: Decision | None = None
    user: str | None = None
    reason: str | None = None
    decided_at: str | None = None

    def check(self, decision: Decision, user: str, reason: str) -> None:
        """Make sure that it can be decided so, by whom and why.

        Raises:
            RadciteError: `VALIDATION`.
        """
        if not user.strip() or not reason.strip():
            raise RadciteError(
                "VALIDATION", "a decision names who took it and why", "须写明决定人和理由"
            )
        if decision == "masked" and not self.maskable:
            raise RadciteError(
                "VALIDATION",
                "nothing is masked in a PDF, whose pages are kept as they are: use --as-it-is, or reject it",
                "PDF 不能遮盖，其页面原样保存：请用 --as-it-is 原样放行，或拒绝",
            )


class PhiReviews(Protocol):
    """The queue of held images and the decisions, which stay."""

    async def hold(self, image: HeldImage) -> None:
        """Put an image into the queue; one that is in it or was decided about stays as it is."""
        ...

    async def image(self, key: str) -> HeldImage:
        """The image of a key, or of a beginning of one that is unique.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def decision(self, key: str) -> Decision | None:
        """What was decided about a file; None also for one that was never held."""
        ...

    async def images(self) -> list[HeldImage]:
        """All of them, the latest held first."""
        ...

    async def decide(self, key: str, decision: Decision, user: str, reason: str) -> HeldImage:
        """Record a decision with who took it and why.

        Raises:
            RadciteError: `NOT_FOUND`; `VALIDATION` without a user or a reason, or as `HeldImage.check`.
        """
        ...

    async def close(self) -> None:
        """Let go of the store."""
        ...
