"""Users and their keys at the command line: nobody gains or keeps a right by a new password."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def add(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`radcite user add` with a password from a pipe."""

    def added(*words: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
        run("user", "add", *words)

    return added


def users(run: Run) -> dict[str, tuple[str, list[str] | None]]:
    told = json.loads(run("user", "ls", "--json").stdout)["users"]
    return {one["name"]: (one["role"], one["collections"]) for one in told}


def keys(run: Run) -> list[dict[str, Any]]:
    return json.loads(run("user", "keys", "--json").stdout)["keys"]


def test_a_new_password_changes_no_right_that_is_not_named(
    run: Run, add: Callable[..., None]
) -> None:
    add("root", "--role", "admin")
    add("carol", "--collection", "other")
    add("root")
    add("carol", "--role", "signer")
    assert users(run) == {"root": ("admin", None), "carol": ("signer", ["other"])}
    add("carol", "--collection", "*")
    assert users(run)["carol"] == ("signer", None)


def test_keys_are_listed_ended_one_by_one_and_end_with_the_password(
    run: Run, add: Callable[..., None]
) -> None:
    add("carol", "--role", "signer")
    made = [run("user", "key", "carol", "--scope", one).stdout.strip() for one in ("ask", "sign")]
    listed = keys(run)
    assert sorted(one["scopes"] for one in listed) == [["ask"], ["sign"]]
    assert not any(secret in json.dumps(listed) for secret in made)
    run("user", "revoke", listed[0]["key"])
    assert keys(run) == listed[1:]
    run("user", "revoke", listed[0]["key"], code=2)
    run("user", "revoke", made[0], code=2)
    add("carol")
    assert keys(run) == []
