"""The packages that stand at the top are one with `radcite.*`, in the checkout and in what is shipped."""

import ast
import os
import subprocess
import sys
import tarfile
from importlib import import_module
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
LINKED = ("agent", "tools", "ingestion", "prompts", "evals")
SHIPPED = (
    "__init__.py",
    "py.typed",
    "core/errors.py",
    "backends/ledger/sqlite.py",
    "apps/cli/__init__.py",
    "apps/template.toml",
    "training/__init__.py",
    "agent/graph.py",
    "agent/safety/red_flags.toml",
    "tools/hybrid.py",
    "tools/knowledge/terms.tsv",
    "ingestion/worker.py",
    "prompts/registry.py",
    "evals/__init__.py",
)


def built(target: str, source: Path, into: Path) -> Path:
    """The one file that hatchling makes of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    without_npm = {**os.environ, "RADCITE_WEB": "skip"}
    subprocess.run(
        command, cwd=source, check=True, capture_output=True, timeout=120, env=without_npm
    )
    [made] = into.iterdir()
    return made


def data_files() -> set[str]:
    """Every file beside the code that the packages read, by its place in `radcite`."""
    folders = {name: ROOT / name for name in LINKED}
    folders |= {name: ROOT / "src/radcite" / name for name in ("core", "backends", "apps")}
    kinds = {".md", ".toml", ".tsv", ".txt"}
    return {
        f"{name}/{file.relative_to(folder).as_posix()}"
        for name, folder in folders.items()
        for file in folder.rglob("*")
        if file.suffix in kinds
    }


def listed(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.mark.parametrize("name", LINKED)
def test_a_package_at_the_top_is_linked_into_radcite(name: str) -> None:
    link = ROOT / "src/radcite" / name
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.resolve(strict=True) == ROOT / name
    assert (link / "__init__.py").is_file()


@pytest.mark.parametrize("name", LINKED)
def test_a_linked_package_is_imported_from_the_top(name: str) -> None:
    module = import_module(f"radcite.{name}")
    assert Path(str(module.__file__)).resolve() == ROOT / name / "__init__.py"


def test_no_file_imports_a_linked_package_by_its_bare_name() -> None:
    bare: list[str] = []
    for folder in (*LINKED, "src", "tests", "bench"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    names = [node.module or ""]
                bare += [f"{file}: {name}" for name in names if name.split(".")[0] in LINKED]
    assert bare == []


def test_a_bare_package_is_not_loaded_beside_the_linked_one() -> None:
    for name in LINKED:
        import_module(f"radcite.{name}")
    assert not set(LINKED) & set(sys.modules)


def test_the_wheel_holds_every_package_with_its_data(wheel: Path) -> None:
    files = listed(wheel)
    wanted = {f"radcite/{name}" for name in (*SHIPPED, *data_files())}
    assert wanted - files == set()
    assert any(name.startswith("radcite/prompts/library/answer.v1.zh") for name in files)
    assert any(name.startswith("radcite/core/grounding/data/cues.zh") for name in files)


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    files = listed(wheel)
    assert {name.split("/")[0].split("-")[0] for name in files} == {"radcite"}
    assert not [name for name in files if "__pycache__" in name or name.startswith("radcite/tests")]


def test_the_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = built("sdist", ROOT, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    assert (source / "tests/test_layout_links.py").is_file()
    # What its own Makefile and Dockerfile read.
    assert (source / "requirements.lock").is_file()
    assert (source / "requirements-extras.in").is_file()
    assert (source / "deploy/install.sh").is_file()
    assert (source / "compose.yaml").is_file()
    again = built("wheel", source, tmp_path / "again")
    assert listed(again) == listed(wheel)
