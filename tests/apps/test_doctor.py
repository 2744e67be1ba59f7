import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from radcite.apps.checkup import EXTRAS, build_models
from radcite.backends.state.home_lock import hold_home

Run = Callable[..., Any]


def checks(told: Any) -> dict[str, dict[str, Any]]:
    document = json.loads(told.stdout)
    assert document["schema"] == "radcite.doctor/1"
    return {one["name"]: one for one in document["checks"]}


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def test_the_default_path_works_while_another_process_owns_the_home(
    run: Run, tmp_path: Path
) -> None:
    with hold_home(tmp_path / "home"):
        found = checks(run("doctor", "--json"))
    assert found["index (edge)"]["state"] == "works"
    assert found["image (builtin)"]["state"] == "works"
    assert found["JPEG 2000 Image Compression"]["state"] == "works"
    assert found["language model"]["state"] == "absent"
    assert set(EXTRAS) <= set(found)


def test_what_is_absent_says_how_to_get_it(run: Run) -> None:
    absent = [
        one
        for one in checks(run("doctor", "--json")).values()
        if one["group"] == "extra" and one["state"] == "absent"
    ]
    for one in absent:
        assert one["hint"]["en"] == f"pip install 'radcite[{one['name']}]'"


def test_a_configured_model_server_that_is_down_is_exit_code_four(
    run: Run, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADCITE_LLM__BASE_URL", f"http://127.0.0.1:{closed_port}/v1")
    monkeypatch.setenv("RADCITE_LLM__MODEL", "absent")
    assert checks(run("doctor", "--json", code=4))["language model"]["state"] == "down"


def test_a_configured_encoder_that_is_missing_is_exit_code_four(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADCITE_ENCODERS__TEXT", "no-such-folder")
    told = run("doctor", "--quiet", code=4)
    assert "no-such-folder" in told.stdout
    assert "Engines" not in told.stdout


def test_quiet_says_nothing_when_all_is_well(run: Run) -> None:
    told = run("doctor", "--fix", "--quiet")
    assert told.stdout == ""


def test_building_again_leaves_the_model_as_it_is() -> None:
    model = build_models()
    if model is None:
        pytest.skip("the weights are not installed")
    built = model.stat().st_mtime_ns
    assert build_models() == model
    assert model.stat().st_mtime_ns == built
