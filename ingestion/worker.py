"""Readers of untrusted files run in child processes that can be killed.

The libraries that parse images, DICOM and PDF hold the interpreter lock for a whole call and can
crash on hostile input, so neither threads nor signals bound them; a process does.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, TypeVar, cast

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits

__all__ = ["ParserPool", "Readers", "check_jobs", "check_size"]

T = TypeVar("T")

_PIECE = 1 << 20
_LENGTH = struct.Struct("<Q")
_JOBS_PER_WORKER = 500
_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 0.05
_START_SECONDS = 60.0


class Readers(Protocol):
    """Whatever reads untrusted files under limits: worker processes here, or the nodes of a cluster."""

    limits: Limits

    async def run(self, read: Callable[[Path, Limits], T], path: Path) -> T:
        """What `read(path, limits)` returns. Raises as `ParserPool.run`."""
        ...

    async def close(self) -> None:
        """End whatever reads."""
        ...


class ParserPool:
    """A few persistent workers, each reading one file at a time under limits.

    Args:
        limits: What each file may cost.
        jobs: How many files are read at once.

    Raises:
        RadciteError: `VALIDATION` for less than one.
    """

    def __init__(self, limits: Limits | None = None, *, jobs: int = 2) -> None:
        check_jobs(jobs)
        self.limits = limits or Limits()
        self._slots = asyncio.Semaphore(jobs)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()

    async def run(self, read: Callable[[Path, Limits], T], path: Path) -> T:
        """What `read(path, limits)` returns in a worker.

        Args:
            read: A picklable callable (a top-level function, or a `functools.partial` of one) with
                a picklable result.
            path: The file; it is not opened in this process.

        Raises:
            RadciteError: What the reader raised; `PARSER_TIMEOUT` past the wall or CPU limit,
                `LIMIT_EXCEEDED` past the memory, depth or file size limit, `PARSER_CRASH` when the
                worker died or the reader failed in an untyped way.
        """
        request = pickle.dumps((read, path, self.limits))
        async with self._slots:
            worker = self._idle.pop() if self._idle else await _start()
            self._busy.add(worker)
            try:
                outcome, value = await self._ask(worker, request)
            except BaseException:
                await worker.kill()
                raise
            finally:
                self._busy.discard(worker)
            if outcome == "unsound" or worker.answered >= _JOBS_PER_WORKER:
                await worker.kill()
            else:
                self._idle.append(worker)
        if isinstance(value, RadciteError):
            raise value
        return cast("T", value)

    async def _ask(self, worker: "_Worker", request: bytes) -> "tuple[_Outcome, object]":
        try:
            async with asyncio.timeout(self.limits.wall_seconds):
                return await worker.ask(request)
        except TimeoutError as exc:
            raise _timed_out(f"{self.limits.wall_seconds:g} s") from exc
        except (EOFError, OSError, pickle.UnpicklingError) as exc:
            status = await worker.kill()
            if status == -signal.SIGXCPU:
                raise _timed_out(f"{self.limits.cpu_seconds} s CPU") from exc
            raise _crashed("the worker process died", "工作进程意外终止") from exc

    async def close(self) -> None:
        """End every worker; readings still under way end in `PARSER_CRASH`."""
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.kill() for worker in workers))

    async def __aenter__(self) -> "ParserPool":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


_Outcome = Literal["sound", "unsound"]


class _Worker:
    def __init__(self, process: Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both ends are asked for in `_start`
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._requests = process.stdin
        self._replies = process.stdout
        self.answered = 0

    async def ready(self) -> None:
        await self._replies.readexactly(_LENGTH.size)

    async def ask(self, request: bytes) -> tuple[_Outcome, object]:
        self._requests.write(_LENGTH.pack(len(request)) + request)
        await self._requests.drain()
        (count,) = _LENGTH.unpack(await self._replies.readexactly(_LENGTH.size))
        reply, *arrays = [await self._part() for _ in range(count)]
        self.answered += 1
        return cast("tuple[_Outcome, object]", pickle.loads(reply, buffers=arrays))  # noqa: S301 - our own child wrote it

    async def _part(self) -> bytearray:
        """Read piece by piece: copying the pixels of a mammogram at once would hold up the loop of a server."""
        (length,) = _LENGTH.unpack(await self._replies.readexactly(_LENGTH.size))
        part, done = bytearray(length), 0
        while done < length:
            piece = await self._replies.read(min(_PIECE, length - done))
            if not piece:
                raise EOFError
            part[done : done + len(piece)] = piece
            done += len(piece)
        return part

    async def kill(self) -> int:
        # The pipe first: a child that died by itself keeps its own status.
        self._requests.close()
        if self._process.returncode is None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._process.wait()), _GRACE_SECONDS)
        if self._process.returncode is None:
            self._process.kill()
        return await self._process.wait()


async def _start() -> _Worker:
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    own = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "RUST_BACKTRACE": "0"}
    serve = f"from {__name__} import serve; serve({os.getpid()})"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-W", "ignore", "-c", serve),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=_PIECE,
        env=os.environ | single | own,
    )
    worker = _Worker(process)
    try:
        async with asyncio.timeout(_START_SECONDS):
            await worker.ready()
    except BaseException as exc:
        await worker.kill()
        if isinstance(exc, (TimeoutError, EOFError, OSError)):
            raise _crashed("a worker did not start", "工作进程未能启动") from exc
        raise
    return worker


def serve(parent: int) -> None:
    """Answer requests on standard input until it closes; the body of a worker process."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    # Loading is over: what a file costs is measured from here.
    replies.write(_LENGTH.pack(0))
    replies.flush()
    while (request := _receive(requests)) is not None:
        parts = _answer(request)
        replies.write(_LENGTH.pack(len(parts)))
        for part in parts:
            replies.write(_LENGTH.pack(len(part)))
            replies.write(part)
        replies.flush()


def _receive(requests: BinaryIO) -> bytes | None:
    head = requests.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return requests.read(_LENGTH.unpack(head)[0])


def _answer(request: bytes) -> list[bytes | memoryview]:
    outcome: _Outcome = "unsound"
    try:
        read, path, limits = cast(
            "tuple[Callable[[Path, Limits], object], Path, Limits]",
            pickle.loads(request),  # noqa: S301 - the parent wrote it
        )
        _confine(limits)
        check_size(path, limits)
        return _pickled("sound", read(path, limits))
    except RadciteError as exc:
        value, outcome = exc, "sound"
    except (MemoryError, RecursionError):
        value = RadciteError("LIMIT_EXCEEDED", "memory or nesting depth", "内存或嵌套深度")
    except BaseException as exc:  # noqa: BLE001 - panics of native extensions are no `Exception`
        value = _crashed(type(exc).__name__)
    return _pickled(outcome, value)


def _pickled(outcome: _Outcome, value: object) -> list[bytes | memoryview]:
    """The pickle, and beside it the arrays of it without a copy."""
    arrays: list[pickle.PickleBuffer] = []
    reply = pickle.dumps((outcome, value), protocol=5, buffer_callback=arrays.append)
    return [reply, *(array.raw() for array in arrays)]


def check_jobs(jobs: int) -> None:
    """Refuse to read less than one file at once, which would read none.

    Raises:
        RadciteError: `VALIDATION`.
    """
    if jobs < 1:
        raise RadciteError("VALIDATION", f"jobs: {jobs} is less than 1", f"jobs：{jobs} 小于 1")


def check_size(path: Path, limits: Limits) -> None:
    """Refuse a file that is too long to be read.

    Raises:
        RadciteError: `NOT_FOUND`, `LIMIT_EXCEEDED`.
    """
    try:
        size = path.stat().st_size
    except OSError as exc:
        raise RadciteError("NOT_FOUND", "the file cannot be opened", "无法打开文件") from exc
    if size > limits.file_bytes:
        bound = f"{size} > {limits.file_bytes} bytes"
        raise RadciteError("LIMIT_EXCEEDED", f"file size {bound}", f"文件大小 {bound}")


def _confine(limits: Limits) -> None:
    # Where the platform knows no such limits, the wall clock still holds.
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold patient data
        usage = resource.getrusage(resource.RUSAGE_SELF)
        cpu = int(usage.ru_utime + usage.ru_stime) + limits.cpu_seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        space = pages * resource.getpagesize() + limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (space, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _die_with(parent: int) -> None:
    # Standard input closes with the parent too, but a child busy in native code does not look.
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()


def _timed_out(bound: str) -> RadciteError:
    return RadciteError("PARSER_TIMEOUT", f"gave up after {bound}", f"超过 {bound}，已放弃")


def _crashed(detail: str, detail_zh: str | None = None) -> RadciteError:
    return RadciteError("PARSER_CRASH", detail, detail_zh)
