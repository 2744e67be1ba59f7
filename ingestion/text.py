import re
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits

__all__ = ["read_text", "title_of"]

_HEADING = re.compile(r"^\s{0,3}#{1,2}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_ENCODINGS = ("utf-8-sig", "gb18030")
_TITLE_CHARS = 300


def read_text(path: Path, limits: Limits) -> str:
    """A plain text or Markdown file, from UTF-8, UTF-16 with its mark, or GB 18030.

    Raises:
        RadciteError: `LIMIT_EXCEEDED`; `UNSUPPORTED_FILE` for bytes that are no text.
    """
    if path.stat().st_size > limits.inflated_bytes:
        raise RadciteError("LIMIT_EXCEEDED", f"a text of more than {limits.inflated_bytes} bytes")
    content = path.read_bytes()
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n")
    raise RadciteError("UNSUPPORTED_FILE", "the bytes are no text", "内容不是文本")


def title_of(text: str) -> str:
    """The first Markdown heading, else the first line if it is short; empty where there is neither."""
    if heading := _HEADING.search(text):
        return heading.group(1)[:_TITLE_CHARS]
    first = text.strip().split("\n", 1)[0].strip()
    return first if 0 < len(first) <= _TITLE_CHARS and first[-1] not in ".。!?！？" else ""
