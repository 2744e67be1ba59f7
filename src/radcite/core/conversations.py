"""What a user has asked and sent in: threads with their turns, and studies to ask about."""

from collections.abc import Collection
from typing import Any, Literal, Protocol

from pydantic import Field

from radcite.core.frozen import Frozen
from radcite.core.traces import Traces
from radcite.core.typed import Typed

__all__ = [
    "Aged",
    "Asking",
    "Conversations",
    "Feedback",
    "GateReport",
    "StudyImage",
    "StudyRecord",
    "StudySeries",
    "Talked",
    "ThreadRecord",
    "Turn",
]


class Asking(Frozen):
    """A question as typed, less what identifies a person, with the study and images it is about."""

    text: Typed
    study: str | None = None
    images: tuple[str, ...] = ()
    task: str = "auto"
    language: str = "auto"
    collection: str = "default"


class Feedback(Frozen):
    """What a reader thought of an answer."""

    verdict: Literal["up", "down"]
    reason: str = Field(default="", max_length=2_000)


class Turn(Frozen):
    """A question with its outcome as published JSON, or the problem that came instead."""

    number: int
    asking: Asking
    outcome: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    steps: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0
    asked_at: str
    feedback: Feedback | None = None


class ThreadRecord(Frozen):
    """A conversation of one user."""

    thread: str
    title: str
    created_at: str
    updated_at: str
    turns: int = 0


class GateReport(Frozen):
    """What the privacy gate did to a file: names of attributes, never their values."""

    removed: tuple[str, ...] = ()
    private: int = 0
    burned_in: Literal["yes", "no", "unknown"] = "unknown"
    redacted: int = 0


class StudyImage(Frozen):
    """One image of a series, and how to show its stored values.

    `kind` is how a frame's bytes are to be read: little-endian, row by row. Shown values are
    `slope * stored + intercept`; `windows` are centre and width in those. `inverted`: low is bright.
    """

    digest: str
    frames: int = Field(ge=1)
    key_frame: int = Field(default=0, ge=0)
    rows: int = Field(ge=1)
    columns: int = Field(ge=1)
    kind: Literal["uint8", "int8", "uint16", "int16", "float32", "rgb8"]
    slope: float = 1.0
    intercept: float = 0.0
    windows: tuple[tuple[float, float], ...] = ()
    inverted: bool = False
    spacing_mm: tuple[float, float] | None = None
    low: float = 0.0
    high: float = 255.0


class StudySeries(Frozen):
    """Images in their order; `key` is the digest of the one that stands for the series."""

    modality: str = ""
    body_part: str = ""
    view: str = ""
    key: str
    images: tuple[StudyImage, ...] = Field(min_length=1)


class StudyRecord(Frozen):
    """What a user sent in to ask about."""

    study: str
    created_at: str
    series: tuple[StudySeries, ...]
    gate: GateReport
    patient: str | None = None


class Aged(Frozen):
    """Studies and threads that have grown old, by their ids."""

    studies: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()


class Talked(Frozen):
    """Where something was spoken of: studies, the images that only they hold, turns, threads of nothing else."""

    studies: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    turns: int = 0
    threads: int = 0


class Conversations(Protocol):
    """Threads and studies, each of one user: under another user's name they do not exist."""

    async def new_thread(self, user: str, title: str) -> str:
        """The id of a new thread."""
        ...

    async def threads(self, user: str) -> list[ThreadRecord]:
        """The user's threads, the latest first."""
        ...

    async def turns(self, user: str, thread: str) -> list[Turn]:
        """The turns of a thread in order.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def add_turn(self, user: str, thread: str, turn: Turn) -> int:
        """Append a turn; its number, whatever the given one says.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def judge(self, user: str, thread: str, number: int, feedback: Feedback) -> None:
        """Keep what the reader thought of a turn.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def rename(self, user: str, thread: str, title: str) -> None:
        """Give a thread another title.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def drop_thread(self, user: str, thread: str) -> None:
        """Remove a thread.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def add_study(self, user: str, study: StudyRecord) -> None:
        """Keep a study."""
        ...

    async def study(self, user: str, study: str) -> StudyRecord:
        """A study by its id.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def studies(self, user: str) -> list[StudyRecord]:
        """The user's studies, the latest first."""
        ...

    async def drop_study(self, user: str, study: str) -> list[str]:
        """Remove a study's record; the digests of its images that no study of anybody holds any more.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def holds(self, digests: Collection[str]) -> frozenset[str]:
        """Which of these images some study of anybody holds."""
        ...

    async def find(self, traces: Traces) -> Talked:
        """Where anybody's threads and studies speak of something."""
        ...

    async def forget(self, traces: Traces) -> Talked:
        """Remove those studies and turns, and the threads that are left empty; as `find` told it."""
        ...

    async def older(self, *, studies: str, threads: str) -> Aged:
        """Anybody's studies that came, and threads whose last turn was, before a time (UTC, ISO 8601)."""
        ...

    async def erase(self) -> None:
        """Make sure that no byte of what was removed is left in the store's files."""
        ...

    async def close(self) -> None:
        """Close the store."""
        ...
