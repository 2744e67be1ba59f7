import asyncio
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
        Literal["reader", "signer", "admin"],
        typer.Option(help="reader asks; signer also signs reports; admin also manages."),
    ] = "reader",
    collection: Annotated[
        list[str] | None, typer.Option(help="May search this one alone; repeatable. Default: all.")
    ] = None,
    home: Home = None,
) -> None:
    """Add a user, or give one a new password. It is asked for, or read from a pipe."""
    from pydantic import ValidationError

    from radcite.core.accounts import User
    from radcite.core.errors import RadciteError

    try:
        user = User(name=name, role=role, collections=tuple(collection) if collection else None)
    except ValidationError as exc:
        raise RadciteError("VALIDATION", "a name is letters, digits and . _ @ -") from exc
    password = (
        typer.prompt("Password / 密码", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    _with_accounts(home, "user add", name, lambda accounts: accounts.add(user, password))


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
