import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.core.accounts import Accounts

T = TypeVar("T")

app = new_app("Who may use the web service.")
_SCOPES = ("ask", "upload", "archive", "sign", "ingest", "metrics", "admin")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Letters, digits and . _ @ -")],
    role: Annotated[
        Literal["reader", "signer", "admin"] | None,
        typer.Option(
            help="reader asks; signer also signs; admin also manages. Default: reader, or as it was."
        ),
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option(
            help="May search this one alone; repeatable; * for all. Default: all, or as it was."
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Add a user, or give one a new password. It is asked for, or read from a pipe.

    Sessions and API keys of a user who gets a new password end.
    """
    from pydantic import ValidationError

    from radcite.core.accounts import User
    from radcite.core.errors import RadciteError

    try:
        new = User(name=name, role=role or "reader", collections=_collections(collection))
    except ValidationError as exc:
        raise RadciteError(
            "VALIDATION",
            "a name is letters, digits and . _ @ -",
            "用户名由字母、数字和 . _ @ - 组成",
        ) from exc
    password = (
        typer.prompt("Password / 密码", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )

    async def added(accounts: "Accounts") -> None:
        before = next((one for one in await accounts.users() if one.name == name), new)
        user = User(
            name=name,
            role=role or before.role,
            collections=new.collections if collection else before.collections,
        )
        await accounts.add(user, password)

    _with_accounts(home, "user add", name, added)


def _collections(given: list[str] | None) -> tuple[str, ...] | None:
    return tuple(given) if given and "*" not in given else None


@app.command()
def ls(as_json: AsJson = False, home: Home = None) -> None:
    """List the users."""
    users = _with_accounts(home, "user ls", None, lambda accounts: accounts.users())
    if as_json:
        print_json({"schema": "radcite.users/1", "users": [one.model_dump() for one in users]})
        return
    for one in users:
        console().print(f"{one.name}  {one.role}  {', '.join(one.collections or ('*',))}")


@app.command()
def rm(name: str, home: Home = None) -> None:
    """Remove a user with sessions and keys; threads stay."""
    _with_accounts(home, "user rm", name, lambda accounts: accounts.remove(name))


@app.command()
def key(
    name: str,
    scope: Annotated[list[str], typer.Option(help=f"Repeatable: {', '.join(_SCOPES)}.")],
    home: Home = None,
) -> None:
    """Make an API key. It is shown this once; what is kept is its hash."""
    from radcite.core.accounts import Permission
    from radcite.core.errors import RadciteError

    if unknown := sorted(set(scope) - set(_SCOPES)):
        raise RadciteError("VALIDATION", f"unknown scope: {', '.join(unknown)}")
    scopes: frozenset[Permission] = frozenset(one for one in _SCOPES if one in scope)
    made = _with_accounts(home, "user key", name, lambda accounts: accounts.make_key(name, scopes))
    sys.stdout.write(f"{made}\n")


@app.command()
def keys(as_json: AsJson = False, home: Home = None) -> None:
    """List the API keys: what names each, whose it is, and its scopes."""
    found = _with_accounts(home, "user keys", None, lambda accounts: accounts.keys())
    if as_json:
        print_json({"schema": "radcite.keys/1", "keys": [one.model_dump() for one in found]})
        return
    for one in found:
        console().print(f"{one.key}  {one.name}  {', '.join(one.scopes)}", highlight=False)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As `keys` lists it.")],
    home: Home = None,
) -> None:
    """End an API key."""
    from radcite.core.errors import RadciteError

    # The key itself would go on record.
    if not re.fullmatch("[0-9a-f]{16}", key):
        raise RadciteError(
            "VALIDATION", "a key is named as `user keys` lists it", "密钥须按 `user keys` 所列指明"
        )
    _with_accounts(home, "user revoke", key, lambda accounts: accounts.revoke(key))


def _with_accounts(
    home: Path | None,
    detail: str,
    account: str | None,
    work: "Callable[[Accounts], Awaitable[T]]",
) -> T:
    """Run on the accounts alone, which can be changed while `serve` runs; on record before it is done."""
    from radcite.apps.configuration import load_settings
    from radcite.apps.stores import accounts_of, local_auditor

    async def run() -> T:
        settings = load_settings({"home": home})
        accounts = accounts_of(settings)
        try:
            async with local_auditor(settings) as by, by.guard(detail):
                await by.note("manage" if account else "read", detail, account=account)
                return await work(accounts)
        finally:
            await accounts.close()

    return asyncio.run(run())
