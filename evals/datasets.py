"""The measuring data: rows of a dataset, the digests of what was read, and collections made of them."""

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from radcite.core.errors import RadciteError

__all__ = ["DEFAULT_FOLDER", "Data", "Listed", "Row", "digest_of", "write_records"]

DEFAULT_FOLDER = Path("../shared/data")


class Row(BaseModel):
    """A row of a dataset; fields that a task does not read are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


RowT = TypeVar("RowT", bound=Row)


@dataclass(slots=True)
class Data:
    """A folder of datasets. `digests` are of the files read so far, by their paths within it.

    `elsewhere` are files that lie outside the folder, by the same paths.
    """

    folder: Path
    digests: dict[str, str] = field(default_factory=dict[str, str])
    elsewhere: Mapping[str, Path] = field(default_factory=dict[str, Path])

    def file(self, name: str) -> Path:
        """A file of the folder, its digest noted.

        Raises:
            RadciteError: `NOT_FOUND` naming the file.
        """
        path = self._existing(name)
        if name not in self.digests:
            self.digests[name] = digest_of(path)
        return path

    def member(self, folder: str, name: str) -> Path:
        """One of many files of a folder, noted in one digest of all that were read, in their order.

        Raises:
            RadciteError: `NOT_FOUND` naming the file.
        """
        path = self._existing(f"{folder}/{name}")
        so_far = self.digests.get(f"{folder}/*", "") + digest_of(path)
        self.digests[f"{folder}/*"] = sha256(so_far.encode()).hexdigest()
        return path

    def rows(self, name: str, kind: type[RowT]) -> list[RowT]:
        """The rows of a JSONL file, gzipped or not, in order.

        Raises:
            RadciteError: `NOT_FOUND`, `RECORD_INVALID` naming the field.
        """
        path = self.file(name)
        opened = gzip.open if name.endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8") as lines:
            try:
                return [kind.model_validate_json(line) for line in lines if line.strip()]
            except ValidationError as exc:
                where = ".".join(map(str, exc.errors()[0]["loc"]))
                raise RadciteError("RECORD_INVALID", f"{name}: {where}") from exc

    def found(self, name: str) -> Path:
        """A file of the folder, without a digest: its list has one.

        Raises:
            RadciteError: `NOT_FOUND` naming the file.
        """
        return self._existing(name)

    def _existing(self, name: str) -> Path:
        path = self.elsewhere.get(name, self.folder / name)
        if not path.is_file():
            raise RadciteError(
                "NOT_FOUND",
                f"{name} in the data folder; name the folder with --data",
                f"数据目录中的 {name}；请用 --data 指定目录",
            )
        return path


@dataclass(frozen=True, slots=True)
class Listed:
    """A written list of records and the digest of its content."""

    path: Path
    digest: str


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    digest = sha256()
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_records(folder: Path, name: str, records: Iterable[Mapping[str, object]]) -> Listed:
    """Write `<folder>/<name>.jsonl`; the same records give the same digest."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = sha256()
    path = folder / f"{name}.jsonl"
    with path.open("wb") as out:
        for line in _lines(records):
            digest.update(line)
            out.write(line)
    return Listed(path, digest.hexdigest())


def _lines(records: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    for record in records:
        yield json.dumps(record, ensure_ascii=False, sort_keys=True).encode() + b"\n"
