"""`inspect eval` and `inspect view` as a user starts them: `make test-extras`, with the measuring data there."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

DATA = Path(__file__).parents[2] / "../shared/data"
pytestmark = [
    pytest.mark.extras,
    pytest.mark.data,
    pytest.mark.skipif(importlib.util.find_spec("inspect_ai") is None, reason="no inspect"),
    pytest.mark.skipif(not DATA.exists(), reason="the measuring data is not beside the checkout"),
]


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`inspect …` in a folder of its own, without a model, a key or a display."""
    program = Path(sys.executable).with_name("inspect")
    environment = {**os.environ, "HOME": str(folder), "INSPECT_DISPLAY": "none"}
    return subprocess.Popen(
        [str(program), *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def fetched(address: str) -> bytes:
    """What the viewer serves, once it has started."""
    for _ in range(150):
        try:
            with urlopen(address, timeout=10) as reply:  # noqa: S310 - loopback
                return reply.read()
        except (URLError, ConnectionError):
            time.sleep(0.4)
    raise TimeoutError(address)


def test_a_set_is_run_by_inspect_eval_and_its_log_opened_by_inspect_view(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    arguments = (f"data={DATA.resolve()}", f"work={tmp_path / 'work'}", "samples=2")
    options = [part for one in arguments for part in ("-T", one)]
    run = started(tmp_path, "eval", "radcite/smears-bccd", "--log-dir", str(logs), *options)
    said, _ = run.communicate(timeout=280)
    assert run.returncode == 0, said
    (log,) = logs.glob("*.eval")
    port = free_port()
    viewer = started(tmp_path, "view", "--log-dir", str(logs), "--port", str(port))
    try:
        assert b"<html" in fetched(f"http://127.0.0.1:{port}/").lower()
        listed = json.loads(fetched(f"http://127.0.0.1:{port}/api/logs"))
        assert [Path(one["name"]).name for one in listed["files"]] == [log.name]
    finally:
        viewer.terminate()
        viewer.communicate(timeout=20)


def test_a_set_and_a_task_are_run_by_one_command(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("radcite")
    options = ("--limit", "2", "--data", str(DATA.resolve()), "--work", str(tmp_path))
    run = subprocess.run(
        [str(program), "eval", "run", "smears-bccd", "gate-benign", "--resume", "--json", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)["tasks"]
    assert [(one["name"], one["state"]) for one in told] == [
        ("smears-bccd", "measured"),
        ("gate-benign", "measured"),
    ]
