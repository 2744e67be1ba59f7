"""`make test-vllm`: vLLM on this processor over a tiny model and its LoRA adapter, and the tests against it.

The environment is made once, in RADCITE_VLLM_HOME (by default `radcite-vllm` in the user's cache folder). Where it
cannot be made, or the server does not start, the program says why and exits with 1.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.vllm.environment import Missing, environment
from tests.vllm.tiny_served import CONTEXT

_READY_S = 600
_STOP_S = 30


def main() -> int:
    """Exit code of the tests; 1 where there is no server to test against."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("RADCITE_VLLM_HOME") or cache / "radcite-vllm")
    try:
        python = environment(home)
        with tempfile.TemporaryDirectory() as scratch:
            return _tested(python, Path(scratch))
    except Missing as missing:
        sys.stderr.write(f"make test-vllm: not run: {missing}\n")
        return 1


def _tested(python: Path, scratch: Path) -> int:
    program = Path(__file__).with_name("tiny_served.py")
    made = subprocess.run(
        [python, program, scratch], capture_output=True, text=True, check=False, env=_quiet()
    )
    if made.returncode:
        raise Missing(f"the tiny model could not be written: {made.stderr[-600:]}")
    port = _free_port()
    log = scratch / "server.log"
    with log.open("w", encoding="utf-8") as told:
        server = subprocess.Popen(
            _command(python, scratch, port), stdout=told, stderr=told, env=_quiet()
        )
    try:
        _wait(server, f"http://127.0.0.1:{port}/health", log)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "tests/vllm", "-q", *sys.argv[1:]],
            check=False,
            env={**os.environ, "RADCITE_TEST_VLLM": f"http://127.0.0.1:{port}/v1"},
        ).returncode
    finally:
        server.terminate()
        try:
            server.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()


def _command(python: Path, scratch: Path, port: int) -> list[str]:
    return [
        *(str(python), "-m", "vllm.entrypoints.cli.main", "serve", str(scratch / "base")),
        *("--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(port)),
        *("--max-model-len", str(CONTEXT), "--dtype", "float32", "--enforce-eager"),
        *(
            "--enable-lora",
            "--max-lora-rank",
            "8",
            "--lora-modules",
            f"tiny-lora={scratch / 'lora'}",
        ),
        *("--generation-config", "vllm", "--max-num-seqs", "8"),
    ]


def _quiet() -> dict[str, str]:
    """Nothing is asked of the network, and one thread and a little memory are taken."""
    return {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_HOST_IP": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
    }


def _wait(server: subprocess.Popen[bytes], health: str, log: Path) -> None:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise Missing(f"the server ended: {log.read_text('utf-8')[-1500:]}")
        try:
            if httpx.get(health, timeout=2, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(1)
    raise Missing(f"the server was not ready in {_READY_S} s: {log.read_text('utf-8')[-1500:]}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
