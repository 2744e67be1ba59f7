"""The queue of held images on the command line: listed, decided about by name, on record."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from radcite.apps.configuration import load_settings
from radcite.apps.stores import phi_reviews_of
from radcite.core.phi_review import HeldImage, HeldPlace

KEY = "ab" * 32


def _hold(home: Path) -> None:
    async def hold() -> None:
        reviews = phi_reviews_of(load_settings({"home": home}))
        place = HeldPlace(frame=0, box=(1, 2, 30, 40), score=0.3, verdict="hold")
        await reviews.hold(HeldImage(key=KEY, places=(place,), held_at="2026-01-01T00:00:00"))
        await reviews.close()

    asyncio.run(hold())


def test_a_decision_needs_a_reason_is_kept_with_its_name_and_on_record(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    _hold(tmp_path / "home")
    [waiting] = json.loads(run("review", "phi", "ls", "--json").stdout)["images"]
    assert waiting["key"] == KEY
    run("review", "phi", "release", KEY[:12], "--by", "lin", "--reason", " ", code=2)
    told = json.loads(
        run(
            "review", "phi", "release", KEY[:12], "--by", "lin", "--reason", "seen", "--json"
        ).stdout
    )
    assert (told["decision"], told["user"], told["reason"]) == ("masked", "lin", "seen")
    assert json.loads(run("review", "phi", "ls", "--json").stdout)["images"] == []
    assert "[1, 2, 30, 40]" in run("review", "phi", "show", KEY).stdout
    assert "phi masked" in run("audit", "export").stdout


def test_an_unknown_key_is_not_found(run: Callable[..., Any]) -> None:
    assert (
        "NOT_FOUND"
        in run("review", "phi", "reject", "x", "--by", "a", "--reason", "b", code=2).stderr
    )
