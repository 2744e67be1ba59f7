"""What else can go wrong with a data folder: a full disk, a damaged index, two processes at once.

Each is tried from outside, with the command as a user has it, and judged by what a search finds afterwards.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import varied
from bench.timing import Row
from tests.ingestion.studio import write_jsonl

__all__ = ["damage_rows"]

_QUERIES = ("pulmo cardia neuro", "genta rios lys")
_DISK_MIB = 272
_DAMAGES = 8
# What is searched is on record before it is shown: without room for the record nothing is.
_REFUSED = frozenset({"AUDIT_UNAVAILABLE", "STORAGE_LOW"})
_Hits = list[list[str]]
# The carried encoder alone is quicker to load, and a damaged index knows no encoder.
_SETTINGS = {**os.environ, "RADCITE_ENCODERS__TEXT": "static", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a command ended: its exit code and, for a failure, the published code."""

    status: int
    code: str
    document: Mapping[str, object]


def damage_rows(folder: Path, records: int, seed: int = 5) -> list[Row]:
    """Every way of damage against an undisturbed home."""
    source = _input(folder / "passages.jsonl", records, seed)
    whole = folder / "whole"
    assert _radcite(whole, "ingest", str(source)).status == 0
    wanted = _hits(whole)
    return [
        *_index_rows(folder, whole, source, wanted, seed),
        *_together_rows(folder / "together", source, wanted),
        *_disk_rows(folder / "disk", source, wanted),
    ]


def _input(path: Path, records: int, seed: int) -> Path:
    made = [{"id": f"m{i}", "text": text} for i, text in enumerate(varied(records, seed))]
    return write_jsonl(path, made)


def _index_rows(folder: Path, whole: Path, source: Path, wanted: _Hits, seed: int) -> Iterator[Row]:
    draw = random.Random(seed)
    silent = untyped = dead = different = 0
    files = sorted(path for path in (whole / "index").rglob("*") if path.stat().st_size > 0)
    files = [path.relative_to(whole) for path in files if path.is_file()]
    for number in range(_DAMAGES):
        home = folder / f"damaged{number}"
        shutil.copytree(whole, home)
        _damage(home / files[number % len(files)], draw)
        told = [_radcite(home, "search", "literature", query) for query in _QUERIES]
        dead += any(one.status < 0 for one in told)
        failed = [one for one in told if one.status > 0]
        untyped += any(one.code in {"", "INTERNAL"} for one in failed)
        silent += not failed and [_ids(one) for one in told] != wanted
        rebuilt = _radcite(home, "index", "rebuild")
        different += rebuilt.status != 0 or _hits(home) != wanted
        shutil.rmtree(home)
    yield Row("damaged index files", _DAMAGES, note="16 bytes overwritten, or cut short; each kind")
    yield Row("searches that died", dead, goal="<= 0")
    yield Row("failures without a code", untyped, goal="<= 0")
    yield Row("other hits without a word", silent, note="the engine does not check its files")
    yield Row("homes not restored by index rebuild", different, goal="<= 0")


def _damage(path: Path, draw: random.Random) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        if draw.random() < 0.25:
            file.truncate(size // 2)
            return
        file.seek(draw.randrange(max(1, min(size, 1 << 20) - 16)))
        file.write(draw.randbytes(16))


def _together_rows(home: Path, source: Path, wanted: _Hits) -> Iterator[Row]:
    command = _command(home, "ingest", str(source))
    pair = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_SETTINGS)
        for _ in "ab"
    ]
    ended = [_ended(one.wait(), one.communicate()[0]) for one in pair]
    refused = [one for one in ended if one.status != 0]
    told = [one.code for one in refused] == ["HOME_LOCKED"] or not refused
    yield Row("two ingests at once: a clear end", float(told), goal=">= 1")
    same = _radcite(home, "ingest", str(source)).status == 0 and _hits(home) == wanted
    yield Row("two ingests at once: the same hits", float(same), goal=">= 1")
    (stats,) = _stats(home)
    doubled = stats["points"] != stats["passages"]
    yield Row("two ingests at once: points doubled", float(doubled), goal="<= 0")


def _disk_rows(mount: Path, source: Path, wanted: _Hits) -> Iterator[Row]:
    with _small_disk(mount) as home:
        if home is None:
            yield Row("full disk", 0, note="skipped: no file system may be mounted here")
            return
        filler = mount / "filler"
        first = _radcite(home, "ingest", str(source))
        yield Row(
            "full disk: STORAGE_LOW",
            float(first.code == "STORAGE_LOW"),
            goal=">= 1",
            note=f"{_DISK_MIB} MiB, exit code {first.status}",
        )
        # Now the ledger itself meets the end of the disk, with the guard before it out of the way.
        subprocess.run(["mount", "-o", "remount,size=600m", str(mount)], check=True)
        half = _radcite(home, "ingest", str(source))
        assert half.status == 0, half
        free = shutil.disk_usage(mount).free
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - (1 << 16))
        more = _input(mount.with_suffix(".more.jsonl"), 2_000, 9)
        full = _radcite(home, "ingest", str(more), "--collection", "more")
        yield Row("no byte left: STORAGE_LOW", float(full.code == "STORAGE_LOW"), goal=">= 1")
        told = [_radcite(home, "search", "literature", query) for query in _QUERIES]
        clear = [_ids(one) for one in told] == wanted or {one.code for one in told} <= _REFUSED
        note = ", ".join(sorted({one.code for one in told} - {""}))
        yield Row("no byte left: the same hits, or why not", float(clear), goal=">= 1", note=note)
        filler.unlink()
        again = _radcite(home, "ingest", str(more), "--collection", "more")
        found = {str(one["name"]): one for one in _stats(home)}
        whole = again.status == 0 and found["more"]["documents"] == 2_000
        yield Row("after space was freed: nothing lost", float(whole), goal=">= 1")
        yield Row("after space was freed: the same hits", float(_hits(home) == wanted), goal=">= 1")


@contextmanager
def _small_disk(mount: Path) -> Iterator[Path | None]:
    mount.mkdir(parents=True)
    options = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MIB}m", "tmpfs", str(mount)]
    try:
        allowed = subprocess.run(options, check=False, capture_output=True).returncode == 0
    except OSError:
        allowed = False
    if not allowed:
        yield None
        return
    try:
        yield mount / "home"
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def _hits(home: Path) -> _Hits:
    return [_ids(_radcite(home, "search", "literature", query)) for query in _QUERIES]


def _ids(ended: _Ended) -> list[str]:
    hits = ended.document.get("hits")
    assert hits is None or isinstance(hits, list)
    return [hit["source"]["document_id"] for hit in hits or ()]


def _stats(home: Path) -> list[dict[str, object]]:
    told = _radcite(home, "index", "stats").document["collections"]
    assert isinstance(told, list)
    return told


def _radcite(home: Path, *arguments: str) -> _Ended:
    ran = subprocess.run(
        _command(home, *arguments), check=False, capture_output=True, env=_SETTINGS
    )
    return _ended(ran.returncode, ran.stdout)


def _command(home: Path, *arguments: str) -> list[str]:
    run = "from radcite.apps.cli import main; main()"
    return [sys.executable, "-c", run, *arguments, "--json", "--home", str(home)]


def _ended(status: int, stdout: bytes) -> _Ended:
    lines = stdout.decode().strip().splitlines()
    document = json.loads(lines[-1]) if lines else {}
    return _Ended(status, str(document.get("code", "")), document)
