"""The stores of a data folder, and the index the settings name."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from radcite.apps.auditing import Auditor
from radcite.apps.configuration import site_secret
from radcite.backends.sqlite_accounts import SqliteAccounts
from radcite.backends.sqlite_audit import SqliteAudit
from radcite.backends.sqlite_phi_reviews import SqlitePhiReviews
from radcite.backends.sqlite_reviews import SqliteReviews
from radcite.backends.sqlite_vault import SqliteVault
from radcite.core.accounts import LOCAL_USER, Accounts
from radcite.core.audit import AuditAction
from radcite.core.errors import RadciteError
from radcite.core.phi_review import PhiReviews
from radcite.core.ports import AuditLog, Index
from radcite.core.review import ReviewStore
from radcite.core.settings import Settings
from radcite.core.vault import Vault

__all__ = [
    "accounts_of",
    "audit_of",
    "index_of",
    "local_auditor",
    "note_local",
    "phi_reviews_of",
    "reviews_of",
    "vault_of",
]


def accounts_of(home: Path) -> Accounts:
    """The users of a data folder, which need not be held: SQLite lets several processes in."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteAccounts(home / "accounts.sqlite")


def phi_reviews_of(home: Path) -> PhiReviews:
    """The held images of a data folder, which need not be held either."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqlitePhiReviews(home / "phi_reviews.sqlite")


def vault_of(home: Path) -> Vault:
    """The identity vault of a data folder, which need not be held either."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteVault(home / "vault.sqlite")


def reviews_of(home: Path) -> ReviewStore:
    """The reports of a data folder, which need not be held either."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteReviews(home / "reviews.sqlite")


def audit_of(home: Path) -> AuditLog:
    """The audit record of a data folder, which need not be held either."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteAudit(home)


@asynccontextmanager
async def local_auditor(home: Path) -> AsyncGenerator[Auditor]:
    """The audit record of a data folder for whoever sits at this machine."""
    log = audit_of(home)
    try:
        yield Auditor(log, site_secret(home), LOCAL_USER, "cli")
    finally:
        await log.close()


async def note_local(home: Path, action: AuditAction, detail: str, **told: object) -> None:
    """Write one event of whoever sits at this machine.

    Raises:
        DependencyDown: `AUDIT_UNAVAILABLE`.
    """
    async with local_auditor(home) as by:
        await by.note(action, detail, **told)


def index_of(settings: Settings, home: Path) -> Index:
    """The engine the settings name; `home` is where one in process keeps its files.

    Raises:
        RadciteError: `CONFIG_INVALID` for a server without an address.
    """
    chosen = settings.index
    if chosen.kind == "server":
        from radcite.backends.qdrant_server_index import ServerIndex

        if chosen.url is None:
            raise RadciteError("CONFIG_INVALID", "index.url is needed for kind = server")
        return ServerIndex(chosen.url, chosen.api_key, shards=chosen.shards)
    from radcite.backends.qdrant_edge_index import EdgeIndex

    return EdgeIndex(home / "index")
