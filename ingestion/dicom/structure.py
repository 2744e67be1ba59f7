"""The outline of a DICOM file, walked before anything is parsed.

A parser believes the lengths a file declares and keeps silent about a file cut short. The walk
reads only tags and lengths, so it costs next to nothing and ends early at a bomb.

Source: DICOM PS3.5 sections 7.1 to 7.5 and A.4, PS3.10 section 7.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from mmap import mmap

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits

__all__ = ["Outline", "outline", "starts_like_dicom"]

Buffer = bytes | mmap

_PREAMBLE = 128
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_DELIMITERS = frozenset({_ITEM, _ITEM_END, _SEQUENCE_END})
_TRANSFER_SYNTAX = 0x00020010
_PIXEL_DATA = 0x7FE00010
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT = frozenset(b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())
_OPAQUE = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW"})
_IMPLICIT, _BIG_ENDIAN, _DEFLATED = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
)


@dataclass(frozen=True, slots=True)
class Outline:
    """What the walk found.

    `transfer_syntax` is None where the file has no file meta information; `last_tag` is the last
    one of the dataset's top level, so a required tag above it may have been cut off.
    """

    transfer_syntax: str | None
    elements: int
    last_tag: int


def outline(data: Buffer, limits: Limits) -> Outline:
    """Walk every declared length of a DICOM file.

    Raises:
        RadciteError: `DICOM_TRUNCATED` when a length reaches past the end of the file or of what
            holds it; `LIMIT_EXCEEDED` for too many elements, too deep nesting or too much deflated
            data.
    """
    start = _PREAMBLE + 4 if data[_PREAMBLE : _PREAMBLE + 4] == b"DICM" else 0
    walk = _Walk(data, len(data), "<", implicit=False, limits=limits)
    start = walk.elements_of_group_2(start)
    syntax = walk.transfer_syntax
    if syntax == _DEFLATED:
        data, start = _inflate(data[start:], limits), 0
    order, implicit = _encoding(data, start, syntax)
    body = _Walk(data, len(data), order, implicit=implicit, limits=limits, elements=walk.elements)
    body.dataset(start, len(data), 0)
    return Outline(syntax, body.elements, body.last_tag)


def starts_like_dicom(head: bytes, size: int) -> bool:
    """Whether a file without preamble begins with elements of group 2 or 8 in ascending order.

    Args:
        head: Its first bytes; a kilobyte does.
        size: Its whole length in bytes.
    """
    if len(head) < 16 or _first_group(head) not in {0x0002, 0x0008}:
        return False
    order, implicit = _encoding(head, 0, None)
    walk = _Walk(head, size, order, implicit=implicit, limits=Limits())
    tags: list[int] = []
    at = 0
    try:
        while at + 12 <= len(head) and len(tags) < 3:
            tag, vr, length, at = walk.header(at)
            if length == _UNDEFINED or at + length > size or not (vr or implicit):
                return False
            tags.append(tag)
            at += length
    except RadciteError:
        return False
    return len(tags) > 1 and tags == sorted(set(tags)) and tags[-1] >> 16 <= 0x0010


class _Walk:
    def __init__(
        self,
        data: Buffer,
        size: int,
        order: str,
        *,
        implicit: bool,
        limits: Limits,
        elements: int = 0,
    ) -> None:
        self.data = data
        self.size = size
        self.implicit = implicit
        self.limits = limits
        self.elements = elements
        self.last_tag = 0
        self.transfer_syntax: str | None = None
        self._long: Callable[..., tuple[int, ...]] = struct.Struct(f"{order}HHL").unpack_from
        self._short: Callable[..., tuple[int, ...]] = struct.Struct(f"{order}H").unpack_from
        self._extra: Callable[..., tuple[int, ...]] = struct.Struct(f"{order}L").unpack_from

    def header(self, at: int) -> tuple[int, bytes, int, int]:
        """Tag, VR (empty when implicit), length and where the value begins."""
        if at + 8 > self.size:
            raise _truncated()
        group, element, length = self._long(self.data, at)
        tag = group << 16 | element
        vr = bytes(self.data[at + 4 : at + 6])
        if self.implicit or group == 0xFFFE:
            return tag, b"", length, at + 8
        if vr in _LONG:
            if at + 12 > self.size:
                raise _truncated()
            return tag, vr, self._extra(self.data, at + 8)[0], at + 12
        if vr in _SHORT or (vr.isalpha() and vr.isupper()):
            return tag, vr, self._short(self.data, at + 6)[0], at + 8
        # Writers that switch to implicit VR inside an explicit file exist, and parsers follow them.
        return tag, b"", length, at + 8

    def elements_of_group_2(self, at: int) -> int:
        while at + 8 <= self.size:
            tag, _, length, value = self.header(at)
            if tag >> 16 != 0x0002:
                break
            self._count()
            at = self._end(value, length, self.size)
            if tag == _TRANSFER_SYNTAX:
                self.transfer_syntax = self.data[value:at].decode("ascii", "replace").rstrip("\0 ")
        return at

    def dataset(self, at: int, end: int, depth: int) -> int:
        """Walk to `end`, or in an item of undefined length to its delimiter; where it stopped."""
        while at + 8 <= end:
            tag, vr, length, value = self.header(at)
            if tag == _ITEM_END and depth:
                return value
            if tag in _DELIMITERS:
                raise _truncated()
            self._count()
            at = self._element(tag, vr, length, value, end, depth)
            if depth == 0:
                self.last_tag = max(self.last_tag, tag)
        if any(self.data[at:end]):
            raise _truncated()
        return end

    def _element(self, tag: int, vr: bytes, length: int, value: int, end: int, depth: int) -> int:
        if length == _UNDEFINED:
            return self._items(value, end, depth + 1, opaque=vr in _OPAQUE or tag == _PIXEL_DATA)
        stop = self._end(value, length, end)
        if vr == b"SQ" or (not vr and _is_sequence(tag)):
            self._items(value, stop, depth + 1, opaque=False, defined=True)
        return stop

    def _items(self, at: int, end: int, depth: int, *, opaque: bool, defined: bool = False) -> int:
        if depth > self.limits.depth:
            raise _exceeded(
                f"nesting depth > {self.limits.depth}", f"嵌套深度 > {self.limits.depth}"
            )
        while at + 8 <= end:
            tag, _, length, value = self.header(at)
            if tag == _SEQUENCE_END:
                return value
            if tag != _ITEM:
                raise _truncated()
            self._count()
            at = self._item(value, length, end, depth, opaque=opaque)
        if not defined:
            raise _truncated()
        return end

    def _item(self, value: int, length: int, end: int, depth: int, *, opaque: bool) -> int:
        if length == _UNDEFINED:
            if opaque:
                raise _truncated()
            stop = self.dataset(value, end, depth)
            if self._long(self.data, stop - 8)[:2] != (0xFFFE, 0xE00D):
                raise _truncated()
            return stop
        stop = self._end(value, length, end)
        if not opaque:
            self.dataset(value, stop, depth)
        return stop

    def _end(self, value: int, length: int, end: int) -> int:
        if value + length > end:
            raise _truncated()
        return value + length

    def _count(self) -> None:
        self.elements += 1
        if self.elements > self.limits.elements:
            bound = self.limits.elements
            raise _exceeded(f"more than {bound} data elements", f"数据元素超过 {bound} 个")


def _encoding(data: Buffer, start: int, syntax: str | None) -> tuple[str, bool]:
    if syntax is not None:
        return (">" if syntax == _BIG_ENDIAN else "<"), syntax == _IMPLICIT
    vr = bytes(data[start + 4 : start + 6])
    explicit = vr in _SHORT or vr in _LONG
    big = explicit and int.from_bytes(data[start : start + 2], "little") >= 0x0400
    return (">" if big else "<"), not explicit


def _first_group(head: bytes) -> int:
    little = int.from_bytes(head[:2], "little")
    return little if little < 0x0400 else int.from_bytes(head[:2], "big")


def _inflate(deflated: bytes, limits: Limits) -> bytes:
    room = limits.room(len(deflated), limits.inflated_bytes)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(deflated, room)
    except zlib.error as exc:
        raise _truncated() from exc
    if inflater.unconsumed_tail:
        raise _exceeded(f"inflates to more than {room} bytes", f"解压后超过 {room} 字节")
    if not inflater.eof:
        raise _truncated()
    return data


def _is_sequence(tag: int) -> bool:
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    return dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"


def _truncated() -> RadciteError:
    return RadciteError(
        "DICOM_TRUNCATED",
        "a data element declares more bytes than the file holds",
        "数据元素声明的长度超出文件内容",
    )


def _exceeded(detail: str, detail_zh: str) -> RadciteError:
    return RadciteError("LIMIT_EXCEEDED", detail, detail_zh)
