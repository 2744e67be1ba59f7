"""Whose pseudonym is whose: what a site may keep, apart and encrypted, so that a signed report can name its patient."""

from typing import Protocol

from radcite.core.frozen import Frozen

__all__ = ["Original", "Vault"]


class Original(Frozen):
    """A patient as the source named one: id, name as DICOM writes it, and day of birth (YYYYMMDD); "" for not known."""

    patient_id: str
    name: str = ""
    birth_date: str = ""


class Vault(Protocol):
    """Sealed originals by pseudonym. Only the holder of the vault's key can open them; anybody may remove them."""

    async def keep(self, pseudonym: str, sealed: bytes, *, over: bool) -> None:
        """Store what was sealed for a pseudonym; one that is there stays unless `over`."""
        ...

    async def sealed(self, pseudonym: str) -> bytes | None:
        """What was stored, or None."""
        ...

    async def count(self) -> int:
        """How many patients are stored."""
        ...

    async def forget(self, pseudonyms: list[str]) -> int:
        """Remove them, leaving no byte in the file; how many there were."""
        ...

    async def close(self) -> None:
        """Let go of the store."""
        ...
