"""`radcite serve` in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import httpx

RADCITE = str(Path(sys.executable).with_name("radcite"))


@contextmanager
def served(home: Path, environment: Mapping[str, str] | None = None) -> Generator[str]:
    """`radcite serve` over a home; its address."""
    with server_process(home, environment) as (base, _):
        yield base


@contextmanager
def server_process(
    home: Path, environment: Mapping[str, str] | None = None, log: BinaryIO | None = None
) -> "Generator[tuple[str, subprocess.Popen[bytes]]]":
    """The same with its process; what it prints goes to `log`, if there is one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [RADCITE, "serve", "--home", str(home)]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=home,
        env={**os.environ, **(environment or {})},
        stdout=log,
        stderr=log,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(base, process)
        yield base, process
    finally:
        process.terminate()
        process.wait(20)


def _wait(base: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        assert process.poll() is None, "the server ended"
        try:
            assert httpx.get(f"{base}/health/live", timeout=2).json() == {"status": "ok"}
            return
        except httpx.HTTPError:
            time.sleep(0.25)
    raise AssertionError("the server did not start")
