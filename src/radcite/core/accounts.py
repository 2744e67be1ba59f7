"""Who may do what on a served radcite."""

from collections.abc import Mapping
from typing import Literal, Protocol

from pydantic import Field

from radcite.core.frozen import Frozen

__all__ = [
    "LOCAL_IDENTITY",
    "LOCAL_USER",
    "PERMISSIONS",
    "Accounts",
    "Identity",
    "KeyRecord",
    "Permission",
    "Role",
    "User",
]

Role = Literal["reader", "signer", "admin"]
Permission = Literal["ask", "upload", "archive", "sign", "ingest", "metrics", "admin"]
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    "reader": frozenset({"ask", "upload", "archive"}),
    "signer": frozenset({"ask", "upload", "archive", "sign"}),
    "admin": frozenset({"ask", "upload", "archive", "sign", "ingest", "metrics", "admin"}),
}
LOCAL_USER = "local"
"""Who asks where no login is needed: whoever sits at this machine. No user bears this name."""


class User(Frozen):
    """A person with a login. `collections` are those they may search; None for all."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")
    role: Role
    collections: tuple[str, ...] | None = None


class Identity(Frozen):
    """Who sends a request, and what the way they came lets them do.

    `csrf` is what a browser's session must repeat in a header; None for any other way.
    """

    name: str
    role: Role
    permissions: frozenset[Permission]
    collections: tuple[str, ...] | None = None
    csrf: str | None = None

    def may_search(self, collection: str) -> bool:
        """Whether the collection is among those of this user."""
        return self.collections is None or collection in self.collections


class KeyRecord(Frozen):
    """An API key as it is listed: `key` names it and opens nothing."""

    key: str
    name: str
    scopes: tuple[str, ...]


LOCAL_IDENTITY = Identity(name=LOCAL_USER, role="admin", permissions=PERMISSIONS["admin"])
"""Whoever sits at this machine may do everything."""


class Accounts(Protocol):
    """Users, their sessions and their keys. Passwords, tokens and keys are kept as hashes alone."""

    async def add(self, user: User, password: str) -> None:
        """Add a user, or give an existing one a new password and role; their sessions and keys end.

        Raises:
            RadciteError: `VALIDATION` for a password that is too short, or for the name `LOCAL_USER`.
        """
        ...

    async def exist(self) -> bool:
        """Whether there is any user."""
        ...

    async def users(self) -> list[User]:
        """All users by name."""
        ...

    async def remove(self, name: str) -> None:
        """Remove a user with sessions and keys.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def sign_in(self, name: str, password: str) -> tuple[str, Identity]:
        """A new session's token, and whose it is.

        Raises:
            RadciteError: `UNAUTHENTICATED`, the same for an unknown name and a wrong password.
        """
        ...

    async def session(self, token: str) -> Identity | None:
        """Whose session a token is; None for an unknown or ended one."""
        ...

    async def sign_out(self, token: str) -> None:
        """End a session; an unknown one is no error."""
        ...

    async def make_key(self, name: str, scopes: frozenset[Permission]) -> str:
        """A new API key of a user, shown this once.

        Raises:
            RadciteError: `NOT_FOUND` for an unknown user, `FORBIDDEN` for a scope beyond their role.
        """
        ...

    async def key(self, key: str) -> Identity | None:
        """Whose key it is; None for an unknown one."""
        ...

    async def keys(self) -> list[KeyRecord]:
        """All keys, by whose they are."""
        ...

    async def revoke(self, key: str) -> None:
        """End a key, by the name it is listed under.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def close(self) -> None:
        """Close the store."""
        ...
