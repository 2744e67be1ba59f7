"""Makes an environment with vLLM for the CPU, outside the project: `environment.py FOLDER`.

vLLM's wheels are for GPUs, so its source package is taken, and those of its C++ files are compiled that a plain model
needs: without oneDNN and without libnuma, with whichever of AVX-512 and AVX2 the processor has. What is there already
is not made again. Needs g++ 12 or newer, Python's headers, about 5 GB of disk, 2 GB of memory and minutes of a
processor; the packages come from the index that pip is set to.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["VERSION", "Missing", "environment"]

VERSION = "0.32.0"
_TORCH = "2.13.0"
_BUILDING = ("setuptools<81", "setuptools-scm", "setuptools-rust", "wheel", "packaging", "jinja2")
_BESIDE = ("numba==0.65.0", "peft")
_SOURCES = (
    "torch_bindings",
    "layernorm",
    "mla_decode",
    "pos_encoding",
    "cpu_isa",
    "utils",
    "activation",
    "spec_decode_utils",
    "sampling_kernels",
    "mamba_cpu",
    "dynamic_4bit_int_moe_cpu",
    "cpu_fused_moe",
    "sgl-kernels/fla",
    "cpu_attn",
)
_WITH_AVX512 = ("shm", "cpu_wna16")
_FLAGS = {
    True: ("-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mfma"),
    False: ("-mavx2", "-mfma"),
}
_ONEDNN = re.compile(
    r"#if defined\(__AVX512F__\) \|\| defined\(__AVX2__\)(?:[^\n]*\\\n)+[^\n]*\n"
    r"(?=\s*// Helper function to release oneDNN)"
)
_SLOTS = re.compile(
    r"(def _compute_slot_mapping_kernel_impl\(.*?)    KV_CACHE_BLOCK_SIZE: int \| None = None,\n"
    r"    BLOCKS_PER_KV_BLOCK: int = 1,\n",
    re.DOTALL,
)


class Missing(Exception):
    """Why there is no such environment here, in words."""


def environment(folder: Path) -> Path:
    """The Python of the environment, made where it is not there.

    Raises:
        Missing: It cannot be made here; the text says why.
    """
    python = folder / "venv" / "bin" / "python"
    if (folder / "done").is_file():
        return python
    _fit()
    folder.mkdir(parents=True, exist_ok=True)
    if not python.is_file():
        _run([sys.executable, "-m", "venv", str(folder / "venv")], "no environment could be made")
    source = _source(python, folder)
    if not (folder / "installed").is_file():
        needs = source / "requirements" / "common.txt"
        _pip(python, "-r", str(needs), *_BESIDE, why="what vLLM needs could not be installed")
        (folder / "installed").touch()
    _patched(source)
    _compiled(source, folder / "objects", python)
    _placed(source, python)
    (folder / "done").touch()
    return python


def _fit() -> None:
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise Missing("the C++ files are compiled for Linux on x86-64 only")
    if shutil.which("g++") is None:
        raise Missing("g++ is not installed")
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        raise Missing("the headers of this Python (Python.h) are not installed")
    if "avx2" not in _processor():
        raise Missing("the processor has no AVX2")


def _processor() -> frozenset[str]:
    told = Path("/proc/cpuinfo").read_text("utf-8")
    return frozenset(next(line for line in told.splitlines() if line.startswith("flags")).split())


def _source(python: Path, folder: Path) -> Path:
    """vLLM's source, unpacked."""
    source = folder / f"vllm-{VERSION}"
    if source.is_dir():
        return source
    cpu = f"torch=={_TORCH}+cpu"
    try:
        _pip(python, cpu, *_BUILDING, why="")
    except Missing:
        # An index without CPU builds: the same release, whose GPU libraries stay unused.
        why = f"torch {_TORCH} could not be installed"
        _pip(python, f"torch=={_TORCH}", *_BUILDING, why=why)
    fetch = ("download", "--no-deps", "--no-build-isolation", "--no-binary", "vllm")
    _run(
        [str(python), "-m", "pip", *fetch, "-d", str(folder), f"vllm=={VERSION}"],
        f"the source of vLLM {VERSION} could not be fetched",
        VLLM_TARGET_DEVICE="empty",
        VLLM_VERSION_OVERRIDE=VERSION,
    )
    with tarfile.open(folder / f"vllm-{VERSION}.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    return source


def _patched(source: Path) -> None:
    """Without oneDNN's bindings, and with the parameters that the caller of the slot mapping gives."""
    bindings = source / "csrc" / "cpu" / "torch_bindings.cpp"
    bindings.write_text(_ONEDNN.sub("#if 0\n", bindings.read_text("utf-8")), "utf-8")
    kernels = source / "vllm" / "utils" / "cpu_triton_utils.py"
    told = _SLOTS.sub(r"\1", kernels.read_text("utf-8"))
    told = told.replace(
        "    if BLOCKS_PER_KV_BLOCK != 1:\n"
        "        assert block_size * BLOCKS_PER_KV_BLOCK == KV_CACHE_BLOCK_SIZE\n",
        "",
    )
    kernels.write_text(told, "utf-8")


def _compiled(source: Path, objects: Path, python: Path) -> None:
    """The C++ files one after another, torch's headers read once for all, linked beside the Python files."""
    objects.mkdir(exist_ok=True)
    wide = "avx512f" in _processor()
    torch = _told(python, "import torch; print(torch.__path__[0])")
    flags = (
        *("-O1", "-std=c++20", "-fPIC", "-fopenmp", "-mf16c", *_FLAGS[wide]),
        *("-DVLLM_CPU_EXTENSION", "-DVLLM_NUMA_DISABLED", f"-I{source / 'csrc'}"),
        *(f"-I{torch}/include", f"-I{torch}/include/torch/csrc/api/include"),
        f"-I{sysconfig.get_path('include')}",
    )
    cpu = source / "csrc" / "cpu"
    _run([str(python), str(cpu / "generate_cpu_attn_dispatch.py")], "no dispatch file", at=cpu)
    headers = objects / "all.hpp"
    headers.write_text("#include <torch/all.h>\n#include <torch/library.h>\n", "utf-8")
    read, library = objects / "all.hpp.gch", source / "vllm" / "_C.abi3.so"
    if not read.is_file() and not library.is_file():
        _compile(["-x", "c++-header", *flags, str(headers)], read)
    made: list[str] = []
    for name in (*_SOURCES, *(_WITH_AVX512 if wide else ())):
        target = objects / f"{Path(name).name}.o"
        if not target.is_file():
            _compile(["-c", "-include", str(headers), *flags, str(cpu / f"{name}.cpp")], target)
        made.append(str(target))
    if not library.is_file():
        _compile(["-shared", "-fopenmp", *made], library)
        # One build under each of the names, of which vLLM loads the processor's.
        for name in ("_C_AVX512", "_C_AVX2"):
            shutil.copy(library, library.with_name(f"{name}.abi3.so"))
    read.unlink(missing_ok=True)


def _compile(arguments: Sequence[str], target: Path) -> None:
    """One call of g++; what was broken off leaves nothing that looks whole."""
    part = target.with_name(f"{target.name}.part")
    sys.stderr.write(f"g++ {target.name}\n")
    _run(
        ["nice", "-n", "19", "g++", *arguments, "-o", str(part)], f"{target.name} does not compile"
    )
    part.replace(target)


def _placed(source: Path, python: Path) -> None:
    """Found by the environment's Python as a version for the CPU, without a build of its own."""
    egg = source / "vllm.egg-info" / "PKG-INFO"
    told = re.sub(
        r"^Version: .*$", f"Version: {VERSION}+cpu", egg.read_text("utf-8"), flags=re.MULTILINE
    )
    egg.write_text(told, "utf-8")
    site = Path(_told(python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
    (site / "vllm-source.pth").write_text(f"{source}\n", "utf-8")


def _pip(python: Path, *what: str, why: str) -> None:
    _run([str(python), "-m", "pip", "install", "--quiet", *what], why)


def _told(python: Path, program: str) -> str:
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"the environment's Python fails: {done.stderr[-300:]}")
    return done.stdout.strip()


def _run(command: Sequence[str], why: str, *, at: Path | None = None, **variables: str) -> None:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=at,
        env={**os.environ, **variables},
    )
    if done.returncode:
        raise Missing(f"{why}: {done.stderr.strip()[-600:]}")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{environment(Path(sys.argv[1]))}\n")
    except Missing as missing:
        sys.exit(f"no vLLM here: {missing}")
