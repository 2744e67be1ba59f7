from typing import Literal

from pydantic import Field

from radcite.core.frozen import Frozen
from radcite.core.sources import Language
from radcite.core.typed import Typed

__all__ = ["IntendedUse", "Question", "Task", "TaskChoice"]

Task = Literal["caption", "diagnosis", "literature", "consultation"]
IntendedUse = Literal["research", "clinical"]
TaskChoice = Literal["auto", "caption", "diagnosis", "literature", "consultation"]


class Question(Frozen):
    """What was asked, without identifiers. `images` are digests of stored images, `patient` a pseudonym."""

    text: Typed = Field(max_length=20_000)
    images: tuple[str, ...] = ()
    patient: str | None = None
    thread: str | None = None
    task: TaskChoice = "auto"
    language: Literal["auto"] | Language = "auto"
    collection: str = "default"
