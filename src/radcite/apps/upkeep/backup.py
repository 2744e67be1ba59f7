"""A data folder as one file, and back: every database as it stood at one moment, every other file with its digest."""

import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from pydantic import Field, ValidationError

from radcite import __version__
from radcite.apps.reviewing import moment
from radcite.backends.state.home_lock import LOCKS, hold_turn
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["BackupReport", "back_up", "restore"]

_MANIFEST = "radcite-backup.json"
# Made again when needed: the locks of running processes, downloads, and the index, which follows from the ledger and
# takes hundreds of times its content.
_LEFT_OUT = LOCKS | {"cache", "index"}
_BESIDE = ("-wal", "-shm", "-journal", ".part")
_BLOCK = 1 << 20


class _Entry(Frozen):
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Manifest(Frozen):
    schema_name: str = Field(alias="schema", pattern=r"^radcite\.backup/1$")
    version: str
    created_at: str
    files: dict[str, _Entry]


class BackupReport(Frozen):
    """What a backup holds: when it was made, by which version of radcite, how many files and bytes."""

    created_at: str
    version: str
    files: int
    bytes: int


def back_up(home: Path, target: Path) -> BackupReport:
    """Write a data folder into a new file, which is there whole or not at all, readable by its owner alone.

    Questions are asked, and images sent in, meanwhile; what adds to a collection or removes something waits. The
    embedded index is left out: `restore_index` makes it again.

    Args:
        home: The data folder.
        target: A tar file, outside the data folder.

    Raises:
        RadciteError: `HOME_LOCKED` while another run adds or removes; `NOT_FOUND` for a folder without a ledger;
            `VALIDATION` for a target that exists or cannot be written; `STORAGE_LOW`.
    """
    if not (home / "ledger.sqlite").is_file():
        raise RadciteError("NOT_FOUND", "there is no data folder here", "此处没有数据目录")
    if target.exists() or target.resolve().is_relative_to(home.resolve()):
        raise RadciteError(
            "VALIDATION",
            "a backup is a new file outside the data folder",
            "备份须是数据目录之外的新文件",
        )
    with hold_turn(home):
        files = list(_files(home))
        _check_room(target.parent, sum(path.stat().st_size for _, path in files))
        part = target.with_name(f"{target.name}.part")
        try:
            report = _written(home, files, part)
            part.replace(target)
        except OSError as exc:
            raise RadciteError(
                "VALIDATION", "the backup cannot be written", "无法写入备份"
            ) from exc
        finally:
            part.unlink(missing_ok=True)
    return report


def restore(source: Path, home: Path) -> BackupReport:
    """Make a data folder from a backup; it is there whole, every file as its digest says, or not at all.

    Args:
        source: A file that `back_up` wrote.
        home: A folder that is empty or not there yet.

    Raises:
        RadciteError: `NOT_FOUND` for the file; `VALIDATION` for a folder that holds something, or a file that is no
            backup, is damaged, or was made by something else; `STORAGE_LOW`.
    """
    if not source.is_file():
        raise RadciteError("NOT_FOUND", "there is no such backup", "没有此备份")
    if home.exists() and any(home.iterdir()):
        raise RadciteError(
            "VALIDATION", "a backup is restored into an empty folder", "备份只能还原到空目录"
        )
    home.parent.mkdir(parents=True, exist_ok=True)
    _check_room(home.parent, source.stat().st_size)
    with TemporaryDirectory(prefix=f".{home.name}-", dir=home.parent) as staging:
        made = Path(staging) / "home"
        made.mkdir(mode=0o700)
        try:
            with tarfile.open(source, "r:") as archive:
                manifest = _unpacked(archive, made)
        except (tarfile.TarError, EOFError, ValidationError) as exc:
            raise _damaged() from exc
        if home.exists():
            home.rmdir()
        made.rename(home)
    total = sum(one.size for one in manifest.files.values())
    return BackupReport(
        created_at=manifest.created_at,
        version=manifest.version,
        files=len(manifest.files),
        bytes=total,
    )


def _written(home: Path, files: Sequence[tuple[str, Path]], part: Path) -> BackupReport:
    entries: dict[str, _Entry] = {}
    with TemporaryDirectory(prefix="radcite-") as scratch, part.open("xb") as file:
        part.chmod(0o600)
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name, path in files:
                settled = _settled(path, Path(scratch)) if _is_database(home, path) else path
                entries[name] = _added(archive, name, settled)
            manifest = _Manifest(
                schema="radcite.backup/1",
                version=__version__,
                created_at=moment(),
                files=entries,
            )
            content = json.dumps(manifest.model_dump(mode="json", by_alias=True)).encode()
            last = tarfile.TarInfo(_MANIFEST)
            last.size = len(content)
            archive.addfile(last, io.BytesIO(content))
    total = sum(one.size for one in entries.values())
    return BackupReport(
        created_at=manifest.created_at, version=__version__, files=len(entries), bytes=total
    )


def _files(home: Path) -> Iterator[tuple[str, Path]]:
    """Each file to keep by its name in the backup, in order.

    The order counts where others write on: the head of the audit record goes before the record, which may run ahead
    of it, and a conversation before the images that it names.
    """
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        if name.parts[0] in _LEFT_OUT or path.name.endswith(_BESIDE):
            continue
        if path.is_file() and not path.is_symlink():
            yield name.as_posix(), path


def _is_database(home: Path, path: Path) -> bool:
    return path.parent == home and path.suffix == ".sqlite"


def _settled(path: Path, scratch: Path) -> Path:
    """The database as it stands now: accounts, reports and the audit record may be written by other commands."""
    copy = scratch / path.name
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(copy)) as still:
        live.backup(still)
        # One file, without a log beside it.
        still.execute("PRAGMA journal_mode=DELETE")
    return copy


def _added(archive: tarfile.TarFile, name: str, path: Path) -> _Entry:
    info = tarfile.TarInfo(name)
    digest = sha256()
    with path.open("rb") as content:
        info.size, info.mode = os.fstat(content.fileno()).st_size, 0o600
        while block := content.read(_BLOCK):
            digest.update(block)
        content.seek(0)
        archive.addfile(info, content)
    return _Entry(size=info.size, sha256=digest.hexdigest())


def _unpacked(archive: tarfile.TarFile, made: Path) -> _Manifest:
    found: dict[str, _Entry] = {}
    manifest: _Manifest | None = None
    for member in archive:
        content = archive.extractfile(member) if member.isreg() else None
        if content is None or manifest is not None:
            raise _damaged()
        if member.name == _MANIFEST:
            manifest = _Manifest.model_validate_json(content.read())
            continue
        place = PurePosixPath(member.name)
        if place.is_absolute() or ".." in place.parts or member.name in found:
            raise _damaged()
        path = made / place
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = sha256()
        with path.open("xb") as kept:
            path.chmod(0o600)
            while block := content.read(_BLOCK):
                digest.update(block)
                kept.write(block)
        found[member.name] = _Entry(size=member.size, sha256=digest.hexdigest())
    if manifest is None or manifest.files != found:
        raise _damaged()
    return manifest


def _check_room(folder: Path, needed: int) -> None:
    if folder.is_dir() and shutil.disk_usage(folder).free < needed:
        raise RadciteError(
            "STORAGE_LOW", f"{needed >> 20} MiB are needed", f"需要 {needed >> 20} MiB"
        )


def _damaged() -> RadciteError:
    return RadciteError(
        "VALIDATION",
        "this is no backup of radcite, or it is damaged",
        "这不是 radcite 的备份，或已损坏",
    )
