"""A set's data file from an address: resumed where it broke off, and there only once its digest is right."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from radcite.core.errors import DependencyDown, RadciteError
from radcite.evals.datasets import digest_of
from radcite.evals.questions.definition import QuestionSet

if TYPE_CHECKING:
    import httpx

__all__ = ["fetch", "is_address"]

_TRIES = 3
_SILENCE_S = 60.0
_PARTIAL, _BEYOND = 206, 416


def is_address(place: str) -> bool:
    """Whether a place is on the web rather than a path."""
    return urlsplit(place).scheme in {"http", "https"}


def fetch(work: Path, definition: QuestionSet, url: str) -> Path:
    """The data file of a set, fetched into `work/downloads`; a file that is there already is not fetched again.

    A transfer that breaks off is taken up where it stopped, three times in a run and by every further run.

    Raises:
        RadciteError: `NOT_FOUND` for an unknown address, `VALIDATION` for another refusal, `RECORD_INVALID` for
            another file than the set's, which is removed.
        DependencyDown: `RETRIEVAL_UNAVAILABLE`; what came is kept for the next run.
    """
    wanted, name = definition.data.sha256, definition.name
    target = work / "downloads" / f"{wanted[:16]}-{Path(definition.data.path).name}"
    if target.is_file() and digest_of(target) == wanted:
        return target
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    _transfer(url, part)
    if (found := digest_of(part)) != wanted:
        part.unlink()
        raise RadciteError(
            "RECORD_INVALID",
            f"the fetched file has SHA-256 {found[:16]}…; {name} needs {wanted[:16]}…",
            f"下载的文件 SHA-256 为 {found[:16]}…；{name} 需要 {wanted[:16]}…",
        )
    part.replace(target)
    return target


def _transfer(url: str, part: Path) -> None:
    import httpx

    told = ""
    with httpx.Client(follow_redirects=True, timeout=_SILENCE_S) as client:
        for _ in range(_TRIES):
            try:
                return _take(client, url, part)
            except httpx.HTTPError as exc:
                told = type(exc).__name__
    raise DependencyDown("RETRIEVAL_UNAVAILABLE", f"download: {told}", f"下载：{told}")


def _take(client: "httpx.Client", url: str, part: Path) -> None:
    """The rest of the file, appended; all of it where the server does not resume."""
    had = part.stat().st_size if part.is_file() else 0
    headers = {"Range": f"bytes={had}-", "Accept-Encoding": "identity"} if had else {}
    with client.stream("GET", url, headers=headers) as reply:
        if had and reply.status_code == _BEYOND:
            return
        if reply.status_code == 404:
            raise RadciteError("NOT_FOUND", "nothing at this address", "该地址没有文件")
        if reply.status_code >= 500:
            reply.raise_for_status()
        if reply.status_code >= 300:
            raise RadciteError(
                "VALIDATION",
                f"the address refuses ({reply.status_code})",
                f"该地址拒绝请求（{reply.status_code}）",
            )
        with part.open("ab" if reply.status_code == _PARTIAL else "wb") as out:
            # As it comes: what waits for a full block is lost when the transfer breaks off.
            for block in reply.iter_raw():
                out.write(block)
