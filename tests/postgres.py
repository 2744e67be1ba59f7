"""A PostgreSQL of the suite's own: Debian's server in a folder of its own, on loopback, with a password."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

__all__ = ["fresh_database", "postgres"]

_PASSWORD = "-".join(("of", "the", "suite"))


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """The address of a server; skipped where Debian's package is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv")
    with _server(programs) as address:
        yield address


def fresh_database(server: str) -> str:
    """The address of a new database."""
    import psycopg

    name = f"t{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
    return f"{server}/{name}"


@contextmanager
def _server(programs: Path) -> Generator[str]:
    folder = Path(tempfile.mkdtemp(prefix="radcite-postgres-"))
    try:
        (folder / "password").write_text(_PASSWORD)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            shutil.chown(folder / "password", "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        make = ["-D", f"{folder}/data", "-U", "radcite", "--auth=scram-sha-256", "--no-sync"]
        _run([f"{programs}/initdb", *make, f"--pwfile={folder}/password", "--encoding=UTF8"])
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        control = [f"{programs}/pg_ctl", "-D", f"{folder}/data", "-w", "-t", "60"]
        _run([*control, "-l", f"{folder}/log", "-o", settings, "start"])
        try:
            yield f"postgresql://radcite:{_PASSWORD}@127.0.0.1:{port}"
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[str]) -> None:
    """As the server's own user where the suite runs as root, which PostgreSQL refuses."""
    other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    lead = other if os.getuid() == 0 else []
    ran = subprocess.run(
        [*lead, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
