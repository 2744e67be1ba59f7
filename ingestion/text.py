import re
from pathlib import Path
from typing import Literal

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits

__all__ = ["legacy_encoding", "read_text", "title_of"]

_HEADING = re.compile(r"^\s{0,3}#{1,2}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
_IN_RUNS, _MOST_ACCENTED = 0.5, 0.3
_TITLE_CHARS = 300


def read_text(path: Path, limits: Limits) -> str:
    """A plain text or Markdown file, from UTF-8, UTF-16 with its mark, GB 18030, or Windows-1252.

    Raises:
        RadciteError: `LIMIT_EXCEEDED`; `UNSUPPORTED_FILE` for bytes that are no text.
    """
    if path.stat().st_size > limits.inflated_bytes:
        raise RadciteError("LIMIT_EXCEEDED", f"a text of more than {limits.inflated_bytes} bytes")
    content = path.read_bytes()
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if marked else ("utf-8-sig", legacy_encoding(content))
    for encoding in filter(None, encodings):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n")
    raise RadciteError("UNSUPPORTED_FILE", "the bytes are no text", "内容不是文本")


def legacy_encoding(content: bytes) -> Literal["gb18030", "cp1252"] | None:
    """How bytes that are no UTF-8 are to be read: as Chinese where this gives runs of it, else as a Western text.

    An accented letter of a Western text and the letter after it are a single Chinese character in GB 18030.
    """
    try:
        found = [len(run) for run in _CHINESE.findall(content.decode("gb18030"))]
    except UnicodeDecodeError:
        found = []
    if sum(length for length in found if length > 1) > _IN_RUNS * sum(found):
        return "gb18030"
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    accented = sum(not char.isascii() for char in text)
    return None if _CONTROLS.search(text) or accented > _MOST_ACCENTED * len(text) else "cp1252"


def title_of(text: str) -> str:
    """The first Markdown heading, else the first line if it is short; empty where there is neither."""
    if heading := _HEADING.search(text):
        return heading.group(1)[:_TITLE_CHARS]
    first = text.strip().split("\n", 1)[0].strip()
    return first if 0 < len(first) <= _TITLE_CHARS and first[-1] not in ".。!?！？" else ""
