"""What a data folder keeps, each store opened when it is first used."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar

from radcite.apps.auditing import Auditor
from radcite.apps.configuration import site_secret
from radcite.apps.identities import vault_key
from radcite.apps.stores import (
    accounts_of,
    audit_of,
    conversations_of,
    index_of,
    phi_reviews_of,
    reviews_of,
    threads_of,
    vault_of,
)
from radcite.backends.images.asked import AskedImages
from radcite.backends.images.files import FileImages
from radcite.backends.images.viewing import FileFrames, FilePages
from radcite.backends.index.lent import lend_index
from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.backends.state.home_lock import turn_to_write
from radcite.backends.state.vault_key import VaultKey
from radcite.core.accounts import LOCAL_USER, Accounts
from radcite.core.audit import AuditChannel
from radcite.core.conversations import Conversations
from radcite.core.ledger import Ledger
from radcite.core.literature import Retractions
from radcite.core.phi_review import PhiReviews
from radcite.core.ports import AuditLog, Index
from radcite.core.review import ReviewStore
from radcite.core.settings import Settings
from radcite.core.vault import Vault
from radcite.core.viewing import FrameStore, PageStore

__all__ = ["Stored"]

_RETRACTIONS = "retractions.json"


class _Opened(Protocol):
    async def close(self) -> None: ...


_OpenedT = TypeVar("_OpenedT", bound=_Opened)


@dataclass(slots=False)
class Stored:
    """The stores of a data folder.

    `_closing` closes what was opened; `_borrowed` is the index of the process that owns the folder, if that is
    another.
    """

    settings: Settings
    home: Path
    _closing: AsyncExitStack
    _borrowed: Index | None = None

    @cached_property
    def secret(self) -> bytes:
        """The site's key for pseudonyms."""
        return site_secret(self.home)

    @cached_property
    def ledger(self) -> Ledger:
        """The source of truth."""
        return self._kept(SqliteLedger(self.home / "ledger.sqlite"))

    @cached_property
    def index(self) -> Index:
        """The engine that is searched."""
        if self._borrowed is not None and self.settings.index.kind == "edge":
            return self._borrowed
        return self._kept(index_of(self.settings, self.home))

    def lending(self) -> AbstractAsyncContextManager[None]:
        """Let other commands at this machine work beside for as long as the block runs; a guest lends nothing."""
        return lend_index(self.home, self.index) if self._borrowed is None else nullcontext()

    def writing(self) -> AbstractAsyncContextManager[None]:
        """Be alone in adding to and removing from what is stored, once those before are done."""
        return turn_to_write(self.home)

    @cached_property
    def images(self) -> AskedImages:
        """De-identified pixels."""
        return AskedImages(FileImages(self.home / "images"))

    @cached_property
    def frames(self) -> FrameStore:
        """Stored values of images that a viewer windows."""
        return FileFrames(self.home / "frames")

    @cached_property
    def pages(self) -> PageStore:
        """Documents whose pages are shown."""
        return FilePages(self.home / "pages")

    @cached_property
    def conversations(self) -> Conversations:
        """What the users of the web service asked and sent in."""
        return self._kept(conversations_of(self.settings))

    @property
    def threads(self) -> Path | str:
        """Where the agent remembers its threads: a file, or the address of a database."""
        return threads_of(self.settings)

    @cached_property
    def accounts(self) -> Accounts:
        """The users of the web service."""
        return self._kept(accounts_of(self.settings))

    @cached_property
    def reviews(self) -> ReviewStore:
        """Drafted and signed reports."""
        return self._kept(reviews_of(self.settings))

    @cached_property
    def audit(self) -> AuditLog:
        """The record of what was done."""
        return self._kept(audit_of(self.settings))

    def auditor(self, actor: str = LOCAL_USER, channel: AuditChannel = "cli") -> Auditor:
        """The audit record for one user."""
        return Auditor(self.audit, self.secret, actor, channel)

    @cached_property
    def vault_key(self) -> VaultKey | None:
        """What seals and opens the identity vault; None where it is off."""
        return vault_key(self.settings, self.home)

    @cached_property
    def vault(self) -> Vault:
        """Sealed originals of pseudonyms."""
        return self._kept(vault_of(self.home))

    @property
    def known_vault(self) -> Vault | None:
        """The vault where it is on, or was: identities leave it in any case. None where there never was one."""
        on = self.vault_key is not None or (self.home / "vault.sqlite").is_file()
        return self.vault if on else None

    @cached_property
    def phi_reviews(self) -> PhiReviews:
        """Images held for a privacy review."""
        return self._kept(phi_reviews_of(self.settings))

    def retractions(self) -> Retractions | None:
        """The list of retracted articles that was loaded last."""
        kept = self.home / _RETRACTIONS
        return Retractions.model_validate_json(kept.read_bytes()) if kept.is_file() else None

    def keep_retractions(self, found: Retractions) -> None:
        """Keep a list in place of the one before."""
        part = self.home / f"{_RETRACTIONS}.part"
        part.write_text(found.model_dump_json())
        part.replace(self.home / _RETRACTIONS)

    def _kept(self, opened: _OpenedT) -> _OpenedT:
        """Close it with the house."""
        self._closing.push_async_callback(opened.close)
        return opened
