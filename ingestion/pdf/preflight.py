"""What a PDF would cost to read, found out before the fast reader touches it.

PyMuPDF cannot be stopped inside a call, and a few kilobytes of nested forms or filters keep it busy
for minutes. pypdf is slow but bounds every stream it inflates, so it adds up the work first.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Any, cast

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits

__all__ = ["preflight"]

_DO = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")
_INVOCATION_BYTES = 1000
"""Running an empty form costs about as much as reading this many bytes of operators."""

_DEPTH = 64
_PAGE_SHARE = 8
"""Operators cost far more than other inflated bytes: one page may run this part of the limit."""

_STACKED = re.compile(rb"/Filter\s*\[(?:\s*/(?:Flate|LZW|RunLength|Fl\b|RL\b)\w*){3,}")


def preflight(path: Path, limits: Limits) -> None:
    """Refuse a PDF that is too large, locked, broken or a bomb.

    Raises:
        RadciteError: `LIMIT_EXCEEDED`, `PDF_ENCRYPTED`, or `PDF_DAMAGED` for a file without a page.
    """
    if path.stat().st_size == 0:
        raise RadciteError("PDF_DAMAGED", "the file is empty", "文件为空")
    if path.stat().st_size > limits.file_bytes:
        raise _exceeded("bytes of the file", "文件字节数", limits.file_bytes)
    with _translated(limits):
        from pypdf import PdfReader

        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as stream:
            if _STACKED.search(stream):
                raise _exceeded("filters of a stream", "流的过滤器层数", 2)
            reader = PdfReader(cast("IO[bytes]", stream), strict=False)
            if reader.is_encrypted and not _opens_without_password(reader):
                raise RadciteError("PDF_ENCRYPTED", "a password is needed", "需要密码")
            _weigh(reader, limits)


def _opens_without_password(reader: Any) -> bool:
    from pypdf.errors import DependencyError

    try:
        return bool(reader.decrypt(""))
    except DependencyError:
        # The cipher is not at hand, so the streams cannot be weighed before they are read.
        return False


def _weigh(reader: Any, limits: Limits) -> None:
    pages = reader.pages
    count = len(pages)
    if count == 0:
        raise RadciteError("PDF_DAMAGED", "it has no pages", "没有页面")
    if count > limits.pages:
        raise _exceeded("pages", "页数", limits.pages)
    scale = _Scale(limits)
    for page in pages:
        scale.add_page(page)


class _Scale:
    """Adds up the inflated bytes that reading the pages takes; a form counts each time it runs."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._page_bytes = limits.inflated_bytes // _PAGE_SHARE
        self._inflated = 0
        self._costs: dict[int, int] = {}

    def add_page(self, page: Any) -> None:
        contents = _resolved(page.get("/Contents"))
        if contents is None:
            return
        parts = cast("list[Any]", contents if isinstance(contents, list) else [contents])
        data = b"\n".join(self._inflate(_resolved(part)) for part in parts)
        resources = _resolved(page.get("/Resources")) or _inherited_resources(page)
        if self._cost(data, resources, 0) > self._page_bytes:
            raise _exceeded("bytes run on a page", "单页执行字节数", self._page_bytes)

    def _cost(self, data: bytes, resources: Any, depth: int) -> int:
        """Bytes read when this content runs, with every form it draws."""
        cost = len(data)
        if depth > _DEPTH or b"Do" not in data:
            return cost
        forms = _forms(resources)
        for name in _DO.findall(data):
            form = forms.get("/" + name.decode("latin-1"))
            if form is not None:
                cost += self._form_cost(form, depth + 1)
                self._check(cost)
        return cost

    def _form_cost(self, reference: Any, depth: int) -> int:
        form = _resolved(reference)
        key = id(form)
        if key not in self._costs:
            # A form that draws itself is cut off by the reader: it counts once.
            self._costs[key] = 0
            if form.get("/Subtype") == "/Form":
                resources = _resolved(form.get("/Resources"))
                data = self._inflate(form)
                self._costs[key] = _INVOCATION_BYTES + self._cost(data, resources, depth)
        return self._costs[key]

    def _inflate(self, stream: Any) -> bytes:
        data = cast("bytes", stream.get_data()) if hasattr(stream, "get_data") else b""
        self._inflated += len(data)
        self._check(self._inflated)
        return data

    def _check(self, amount: int) -> None:
        if amount > self._limits.inflated_bytes:
            raise _exceeded("inflated bytes", "解压后字节数", self._limits.inflated_bytes)


def _forms(resources: Any) -> dict[str, Any]:
    found = _resolved(resources.get("/XObject")) if resources else None
    return {name: found.raw_get(name) for name in found} if found else {}


def _inherited_resources(page: Any) -> Any:
    node, steps = _resolved(page.get("/Parent")), 0
    while node is not None and steps < _DEPTH:
        if "/Resources" in node:
            return _resolved(node["/Resources"])
        node, steps = _resolved(node.get("/Parent")), steps + 1
    return None


def _resolved(value: Any) -> Any:
    from pypdf.generic import NullObject

    value = value.get_object() if hasattr(value, "get_object") else value
    return None if isinstance(value, NullObject) else value


def _exceeded(what: str, what_zh: str, limit: int) -> RadciteError:
    return RadciteError("LIMIT_EXCEEDED", f"{what} > {limit}", f"{what_zh}超过 {limit}")


@contextmanager
def _translated(limits: Limits) -> Generator[None]:
    """Translate pypdf's failures into ours.

    A file whose structure it cannot follow passes: the reader may repair it, and works where it can
    be killed.
    """
    import logging

    from pypdf.errors import FileNotDecryptedError, LimitReachedError

    logger = logging.getLogger("pypdf")
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    except (RadciteError, OSError):
        raise
    except (LimitReachedError, RecursionError) as exc:
        raise _exceeded("inflated bytes", "解压后字节数", limits.inflated_bytes) from exc
    except FileNotDecryptedError as exc:
        raise RadciteError("PDF_ENCRYPTED", "a password is needed", "需要密码") from exc
    except Exception as exc:  # noqa: BLE001 - pypdf lets any Python error out of a damaged file
        logger.debug("pypdf cannot follow the file: %s", type(exc).__name__)
