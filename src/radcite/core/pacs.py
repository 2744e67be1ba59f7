"""Studies of a connected archive."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import Field

from radcite.core.frozen import Frozen

__all__ = ["Pacs", "PacsQuery", "PacsReply", "PacsStudy"]


class PacsQuery(Frozen):
    """What to look for; `patient` is an id or, with `*`, a pattern of the name, `date` is `YYYYMMDD` or a range.

    `study` is a Study Instance UID.
    """

    patient: str = Field(default="", max_length=200)
    date: str = Field(default="", pattern=r"^(\d{8}(-(\d{8})?)?|-\d{8})?$")
    modality: str = Field(default="", pattern=r"^[A-Z0-9]{0,16}$")
    study: str = Field(default="", max_length=64, pattern=r"^([0-9]+(\.[0-9]+){1,40})?$")


class PacsStudy(Frozen):
    """A study as the archive lists it; identifying, and so never stored."""

    uid: str
    patient_id: str = ""
    patient_name: str = ""
    date: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    instances: int | None = None


@dataclass(frozen=True, slots=True)
class PacsReply:
    """An archive's own answer: its media type, empty where there is nothing, and its bytes as they come."""

    media_type: str
    chunks: AsyncIterator[bytes]


class Pacs(Protocol):
    """An archive that is searched and read, never written to."""

    async def studies(self, query: PacsQuery, limit: int = 50) -> Sequence[PacsStudy]:
        """Studies that match, at most `limit`, the latest first.

        Raises:
            DependencyDown: `RETRIEVAL_UNAVAILABLE` when the archive does not answer as it should.
        """
        ...

    def instances(self, uid: str, folder: Path) -> AsyncIterator[Path]:
        """The objects of a study, each written into the folder under a number.

        Raises:
            RadciteError: `VALIDATION` for what is no UID, `NOT_FOUND`, `LIMIT_EXCEEDED`.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        ...

    def relay(
        self, path: str, params: Sequence[tuple[str, str]], accept: str, shown_at: str
    ) -> AbstractAsyncContextManager[PacsReply]:
        """The archive's answer to a DICOMweb request, identifying, and so never stored.

        Args:
            path: Below the archive's root, beginning with `studies`; the caller has checked it.
            params: The query.
            accept: Which media types are wanted.
            shown_at: What stands in place of the archive's own address in JSON; addresses elsewhere are left out.

        Raises:
            RadciteError: `NOT_FOUND`, `VALIDATION` for what the archive refuses, `LIMIT_EXCEEDED`.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`, also for an answer of another kind than DICOMweb's.
        """
        ...

    async def probe(self) -> None:
        """Ask for one study. Raises `DependencyDown` when the archive does not answer."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
