"""The stores of a data folder, and the index the settings name."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from radcite.apps.auditing import Auditor
from radcite.apps.configuration import home_of, site_secret
from radcite.backends.state.accounts import ACCOUNTS_SCHEMA, SqlAccounts
from radcite.backends.state.audit import (
    AUDIT_GUARDS,
    AUDIT_SCHEMA,
    AuditFile,
    AuditServer,
    SqlAudit,
)
from radcite.backends.state.carrying import StateFile
from radcite.backends.state.conversations import CONVERSATIONS_SCHEMA, SqlConversations
from radcite.backends.state.database import PostgresState, SqliteState, StateDatabase
from radcite.backends.state.phi_reviews import PHI_REVIEWS_SCHEMA, SqlPhiReviews
from radcite.backends.state.reviews import REVIEWS_GUARDS, REVIEWS_SCHEMA, SqlReviews
from radcite.backends.state.vault import SqliteVault
from radcite.core.accounts import LOCAL_USER, Accounts
from radcite.core.audit import AuditAction
from radcite.core.conversations import Conversations
from radcite.core.errors import RadciteError
from radcite.core.phi_review import PhiReviews
from radcite.core.ports import AuditLog, Index
from radcite.core.review import ReviewStore
from radcite.core.settings import Settings
from radcite.core.vault import Vault

__all__ = [
    "STATE_FILES",
    "accounts_of",
    "audit_of",
    "conversations_of",
    "index_of",
    "local_auditor",
    "note_local",
    "phi_reviews_of",
    "reviews_of",
    "threads_of",
    "vault_of",
]

_ACCOUNTS = StateFile("accounts", ACCOUNTS_SCHEMA)
_CONVERSATIONS = StateFile("conversations", CONVERSATIONS_SCHEMA)
_PHI_REVIEWS = StateFile("phi_reviews", PHI_REVIEWS_SCHEMA)
_REVIEWS = StateFile("reviews", REVIEWS_SCHEMA, REVIEWS_GUARDS)
_AUDIT = StateFile("audit", AUDIT_SCHEMA, AUDIT_GUARDS)
STATE_FILES = (_ACCOUNTS, _CONVERSATIONS, _PHI_REVIEWS, _REVIEWS, _AUDIT)
"""What of the state lies in tables of our own; the agent's threads are LangGraph's."""


def accounts_of(settings: Settings) -> Accounts:
    """The users, whose data folder need not be held: state lets several processes in."""
    return SqlAccounts(_state(settings, _ACCOUNTS))


def conversations_of(settings: Settings) -> Conversations:
    """What the users of the web service asked and sent in."""
    return SqlConversations(_state(settings, _CONVERSATIONS))


def phi_reviews_of(settings: Settings) -> PhiReviews:
    """The held images; the data folder need not be held either."""
    return SqlPhiReviews(_state(settings, _PHI_REVIEWS, versioned=True))


def reviews_of(settings: Settings) -> ReviewStore:
    """The reports; the data folder need not be held either."""
    return SqlReviews(_state(settings, _REVIEWS, durable=True))


def audit_of(settings: Settings) -> AuditLog:
    """The audit record; the data folder need not be held either."""
    home = _made(settings)
    url = settings.state.url
    events = AuditServer(url.get_secret_value()) if url else AuditFile(_AUDIT.path(home))
    return SqlAudit(home, events)


def threads_of(settings: Settings) -> Path | str:
    """Where the agent remembers its threads: a file, or the address of a database."""
    url = settings.state.url
    return url.get_secret_value() if url else _made(settings) / "threads.sqlite"


def _made(settings: Settings) -> Path:
    home = home_of(settings)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return home


def vault_of(home: Path) -> Vault:
    """The identity vault of a data folder, which need not be held either."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteVault(home / "vault.sqlite")


def _state(
    settings: Settings, file: StateFile, *, durable: bool = False, versioned: bool = False
) -> StateDatabase:
    if settings.state.url is not None:
        return PostgresState(settings.state.url.get_secret_value(), file.schema, file.guards)
    path = file.path(_made(settings))
    return SqliteState(path, file.schema, file.guards, durable=durable, versioned=versioned)


@asynccontextmanager
async def local_auditor(settings: Settings) -> AsyncGenerator[Auditor]:
    """The audit record for whoever sits at this machine."""
    log = audit_of(settings)
    try:
        yield Auditor(log, site_secret(home_of(settings)), LOCAL_USER, "cli")
    finally:
        await log.close()


async def note_local(settings: Settings, action: AuditAction, detail: str, **told: object) -> None:
    """Write one event of whoever sits at this machine.

    Raises:
        DependencyDown: `AUDIT_UNAVAILABLE`.
    """
    async with local_auditor(settings) as by:
        await by.note(action, detail, **told)


def index_of(settings: Settings, home: Path) -> Index:
    """The engine the settings name; `home` is where one in process keeps its files.

    Raises:
        RadciteError: `CONFIG_INVALID` for a server without an address.
    """
    chosen = settings.index
    if chosen.kind == "server":
        from radcite.backends.index.qdrant_server import ServerIndex

        if chosen.url is None:
            raise RadciteError("CONFIG_INVALID", "index.url is needed for kind = server")
        return ServerIndex(chosen.url, chosen.api_key, shards=chosen.shards)
    from radcite.backends.index.qdrant_edge import EdgeIndex

    return EdgeIndex(home / "index")
