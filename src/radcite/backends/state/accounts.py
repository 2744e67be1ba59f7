"""Users, sessions and API keys of a served radcite, in a database."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from radcite.backends.state.database import StateDatabase
from radcite.core.accounts import (
    LOCAL_USER,
    PERMISSIONS,
    Identity,
    KeyRecord,
    Permission,
    Role,
    User,
)
from radcite.core.errors import RadciteError

__all__ = ["ACCOUNTS_SCHEMA", "SqlAccounts"]

ACCOUNTS_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
  name TEXT PRIMARY KEY, role TEXT NOT NULL, collections TEXT, password TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
  token TEXT PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL, expires TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL);
"""
_SHORTEST_PASSWORD = 12
_SESSION = timedelta(hours=12)
_KEY_NAME = 16
# A password that nobody has, hashed, so that an unknown name takes as long as a wrong password.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$Lxtk8Gh2x2C4oQd6D5cFv0Cq9f2m1i8mW0i3m0Y2t5w"


class SqlAccounts:
    """`Accounts` in a database, passwords by argon2id.

    Args:
        database: One with the tables of `ACCOUNTS_SCHEMA`.
    """

    def __init__(self, database: StateDatabase) -> None:
        self._db = database

    async def close(self) -> None:
        """Close the database."""
        self._db.close()

    async def add(self, user: User, password: str) -> None:
        """Add a user, or give an existing one a new password and role; their sessions and keys end."""
        if user.name == LOCAL_USER:
            raise RadciteError(
                "VALIDATION",
                f"the name {LOCAL_USER} is that of whoever sits at this machine",
                f"{LOCAL_USER} 是本机使用者的名称，不能用作用户名",
            )
        if len(password) < _SHORTEST_PASSWORD:
            raise RadciteError(
                "VALIDATION",
                f"a password has at least {_SHORTEST_PASSWORD} characters",
                f"密码至少 {_SHORTEST_PASSWORD} 个字符",
            )
        hashed = await asyncio.to_thread(_hash, password)
        allowed = None if user.collections is None else "\n".join(user.collections)
        self._db.execute(
            "INSERT INTO users (name, role, collections, password) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET role = excluded.role,"
            " collections = excluded.collections, password = excluded.password",
            (user.name, user.role, allowed, hashed),
        )
        self._db.execute("DELETE FROM sessions WHERE name = ?", (user.name,))
        self._db.execute("DELETE FROM keys WHERE name = ?", (user.name,))

    async def exist(self) -> bool:
        """Whether there is any user."""
        return self._db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is not None

    async def users(self) -> list[User]:
        """All users by name."""
        rows = self._db.execute("SELECT name, role, collections FROM users ORDER BY name")
        return [_user(*row) for row in rows]

    async def remove(self, name: str) -> None:
        """Remove a user with sessions and keys."""
        if not self._db.execute("DELETE FROM users WHERE name = ?", (name,)).rowcount:
            raise RadciteError("NOT_FOUND", "no such user", "没有此用户")
        self._db.execute("DELETE FROM sessions WHERE name = ?", (name,))
        self._db.execute("DELETE FROM keys WHERE name = ?", (name,))

    async def sign_in(self, name: str, password: str) -> tuple[str, Identity]:
        """A new session's token, and whose it is."""
        row = self._db.execute(
            "SELECT name, role, collections, password FROM users WHERE name = ? AND name <> ?",
            (name, LOCAL_USER),
        ).fetchone()
        hashed = row[3] if row else _NOBODY
        if not await asyncio.to_thread(_matches, hashed, password) or row is None:
            raise RadciteError("UNAUTHENTICATED", "name or password is wrong", "用户名或密码错误")
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        self._db.execute("DELETE FROM sessions WHERE expires < ?", (now.isoformat(),))
        self._db.execute(
            "INSERT INTO sessions (token, name, csrf, expires) VALUES (?, ?, ?, ?)",
            (_digest(token), name, csrf, (now + _SESSION).isoformat()),
        )
        return token, _identity(_user(*row[:3]), csrf=csrf)

    async def session(self, token: str) -> Identity | None:
        """Whose session a token is."""
        row = self._db.execute(
            "SELECT u.name, u.role, u.collections, s.csrf FROM sessions s"
            " JOIN users u ON u.name = s.name WHERE s.token = ? AND s.expires > ? AND u.name <> ?",
            (_digest(token), datetime.now(UTC).isoformat(), LOCAL_USER),
        ).fetchone()
        return None if row is None else _identity(_user(*row[:3]), csrf=row[3])

    async def sign_out(self, token: str) -> None:
        """End a session."""
        self._db.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))

    async def make_key(self, name: str, scopes: frozenset[Permission]) -> str:
        """A new API key of a user, shown this once."""
        user = next((one for one in await self.users() if one.name == name), None)
        if user is None:
            raise RadciteError("NOT_FOUND", "no such user", "没有此用户")
        if beyond := sorted(scopes - PERMISSIONS[user.role]):
            raise RadciteError("FORBIDDEN", f"{user.role}: {', '.join(beyond)}")
        key = f"rck_{secrets.token_urlsafe(32)}"
        self._db.execute(
            "INSERT INTO keys (key, name, scopes) VALUES (?, ?, ?)",
            (_digest(key), name, " ".join(sorted(scopes))),
        )
        return key

    async def key(self, key: str) -> Identity | None:
        """Whose key it is."""
        row = self._db.execute(
            "SELECT u.name, u.role, u.collections, k.scopes FROM keys k"
            " JOIN users u ON u.name = k.name WHERE k.key = ? AND u.name <> ?",
            (_digest(key), LOCAL_USER),
        ).fetchone()
        if row is None:
            return None
        user, scopes = _user(*row[:3]), frozenset(row[3].split())
        return _identity(user).model_copy(
            update={"permissions": PERMISSIONS[user.role].intersection(scopes)}
        )

    async def keys(self) -> list[KeyRecord]:
        """All keys, by whose they are."""
        rows = self._db.execute("SELECT key, name, scopes FROM keys ORDER BY name, key")
        return [
            KeyRecord(key=key[:_KEY_NAME], name=name, scopes=tuple(scopes.split()))
            for key, name, scopes in rows
        ]

    async def revoke(self, key: str) -> None:
        """End a key."""
        ended = self._db.execute("DELETE FROM keys WHERE substr(key, 1, ?) = ?", (_KEY_NAME, key))
        if not ended.rowcount:
            raise RadciteError("NOT_FOUND", "no such key", "没有此密钥")


def _user(name: str, role: Role, collections: str | None) -> User:
    allowed = None if collections is None else tuple(collections.split("\n"))
    return User(name=name, role=role, collections=allowed)


def _identity(user: User, csrf: str | None = None) -> Identity:
    return Identity(
        name=user.name,
        role=user.role,
        permissions=PERMISSIONS[user.role],
        collections=user.collections,
        csrf=csrf,
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _hash(password: str) -> str:
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def _matches(hashed: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
