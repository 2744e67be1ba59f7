import asyncio
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits
from radcite.ingestion.worker import ParserPool

READERS = """
import ctypes, os, sys, time
from radcite.core.errors import RadciteError

class Panic(BaseException):
    pass

def size(path, limits):
    return len(path.read_bytes())

def pid(path, limits):
    return os.getpid()

def word(path, limits, *, say):
    return say

def noisy(path, limits):
    print("noise")
    os.write(1, b"noise of a C library")
    os.write(2, b"noise of a C library")
    return "clean"

def refuses(path, limits):
    raise RadciteError("PDF_ENCRYPTED", "locked", "已加密")

def panics(path, limits):
    raise Panic("a name that must not be shown")

def exits(path, limits):
    sys.exit(3)

def dies(path, limits):
    ctypes.string_at(0)

def hangs(path, limits):
    while True:
        time.sleep(1)

def begins_and_hangs(path, limits):
    path.with_suffix(".begun").touch()
    hangs(path, limits)

def burns(path, limits):
    while True:
        pass

def swells(path, limits):
    return len(bytearray(limits.memory_bytes + (1 << 20)))

def recurses(path, limits):
    return recurses(path, limits)
"""


@pytest.fixture
def readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "odd_readers.py").write_text(READERS)
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop("odd_readers", None)
    return __import__("odd_readers")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    return path


@pytest.fixture
async def pool() -> AsyncIterator[ParserPool]:
    limits = Limits(wall_seconds=2, memory_bytes=256 << 20, file_bytes=1 << 20)
    async with ParserPool(limits, jobs=1) as pool:
        yield pool


async def test_a_reader_runs_in_another_process_that_stays(
    pool: ParserPool, readers: ModuleType, file: Path
) -> None:
    first = await pool.run(readers.pid, file)

    assert first != os.getpid()
    assert await pool.run(readers.pid, file) == first
    assert await pool.run(readers.size, file) == 5


async def test_a_partial_carries_options_to_the_worker(
    pool: ParserPool, readers: ModuleType, file: Path
) -> None:
    assert await pool.run(functools.partial(readers.word, say="胸部"), file) == "胸部"


async def test_noise_on_standard_output_neither_shows_nor_disturbs_replies(
    pool: ParserPool, readers: ModuleType, file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await pool.run(readers.noisy, file) == "clean"
    assert await pool.run(readers.size, file) == 5
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("reader", "code"),
    [
        ("refuses", "PDF_ENCRYPTED"),
        ("panics", "PARSER_CRASH"),
        ("exits", "PARSER_CRASH"),
        ("dies", "PARSER_CRASH"),
        ("swells", "LIMIT_EXCEEDED"),
        ("recurses", "LIMIT_EXCEEDED"),
    ],
)
async def test_every_failure_has_a_code_and_the_pool_goes_on(
    pool: ParserPool, readers: ModuleType, file: Path, reader: str, code: str
) -> None:
    with pytest.raises(RadciteError) as raised:
        await pool.run(getattr(readers, reader), file)

    assert raised.value.code == code
    assert "name that must not" not in str(raised.value)
    assert await pool.run(readers.size, file) == 5


async def test_a_typed_error_keeps_both_wordings_and_the_worker(
    pool: ParserPool, readers: ModuleType, file: Path
) -> None:
    worker = await pool.run(readers.pid, file)

    with pytest.raises(RadciteError) as raised:
        await pool.run(readers.refuses, file)

    assert (raised.value.detail, raised.value.detail_zh) == ("locked", "已加密")
    assert await pool.run(readers.pid, file) == worker


async def test_a_reader_that_hangs_is_killed_at_the_wall_clock(
    readers: ModuleType, file: Path
) -> None:
    async with ParserPool(Limits(wall_seconds=0.3), jobs=1) as pool:
        began = time.monotonic()
        with pytest.raises(RadciteError, match="PARSER_TIMEOUT"):
            await pool.run(readers.hangs, file)

        assert time.monotonic() - began < 5
        assert await pool.run(readers.size, file) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="CPU limits")
async def test_a_reader_that_burns_cpu_times_out_before_the_wall_clock(
    readers: ModuleType, file: Path
) -> None:
    async with ParserPool(Limits(wall_seconds=60, cpu_seconds=1), jobs=1) as pool:
        with pytest.raises(RadciteError, match="PARSER_TIMEOUT"):
            await pool.run(readers.burns, file)


async def test_a_file_over_the_size_limit_is_not_read(
    pool: ParserPool, readers: ModuleType, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes((1 << 20) + 1))

    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        await pool.run(readers.size, large)


async def test_a_missing_file_is_named_by_no_path(
    pool: ParserPool, readers: ModuleType, tmp_path: Path
) -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND") as raised:
        await pool.run(readers.size, tmp_path / "Zhang-San.dcm")

    assert "Zhang" not in str(raised.value)


async def test_files_are_read_at_once_up_to_the_number_of_jobs(
    readers: ModuleType, file: Path
) -> None:
    async with ParserPool(jobs=2) as pool:
        pids = await asyncio.gather(*(pool.run(readers.pid, file) for _ in range(6)))

    assert len(set(pids)) == 2


async def test_cancelling_a_reading_ends_its_worker(readers: ModuleType, file: Path) -> None:
    async with ParserPool(jobs=1) as pool:
        reading = asyncio.create_task(pool.run(readers.begins_and_hangs, file))
        async with asyncio.timeout(60):
            while not file.with_suffix(".begun").exists():  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

        assert await pool.run(readers.size, file) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="parent-death signal")
def test_workers_die_with_a_killed_parent(readers: ModuleType, file: Path) -> None:
    parent = f"""
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {str(Path(str(readers.__file__)).parent)!r})
import odd_readers
from radcite.ingestion.worker import ParserPool

async def main():
    pool = ParserPool(jobs=1)
    print(await pool.run(odd_readers.pid, Path({str(file)!r})), flush=True)
    await pool.run(odd_readers.burns, Path({str(file)!r}))

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{worker}/stat").exists() and time.monotonic() < deadline:
        if Path(f"/proc/{worker}/stat").read_text().split()[2] == "Z":
            break
        time.sleep(0.05)
    else:
        assert not Path(f"/proc/{worker}").exists()
