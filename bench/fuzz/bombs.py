"""Small DICOM files that ask for much: time, memory or depth."""

import random
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

__all__ = ["DICOM_BOMBS"]

_EXPLICIT, _IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
_DEFLATED, _RLE = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.5"
_J2K, _JPEG, _JPEG_LS = (f"1.2.840.10008.1.2.4.{end}" for end in (90, 51, 80))
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_MIB = 1 << 20


def _element(tag: int, vr: bytes, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    if vr in {b"OB", b"OW", b"SQ", b"UN", b"UT"}:
        return head + b"\0\0" + struct.pack("<L", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def _short(tag: int, value: int) -> bytes:
    return _element(tag, b"US", struct.pack("<H", value))


def _file(syntax: str, body: bytes) -> bytes:
    meta = _element(0x00020002, b"UI", _SECONDARY_CAPTURE.encode())
    meta += _element(0x00020003, b"UI", b"1.2.3.4") + _element(0x00020010, b"UI", syntax.encode())
    length = _element(0x00020000, b"UL", struct.pack("<L", len(meta)))
    return b"\0" * 128 + b"DICM" + length + meta + body


def _head(generator: random.Random) -> bytes:
    number = str(generator.getrandbits(60)).encode()
    return (
        _element(0x00080016, b"UI", _SECONDARY_CAPTURE.encode())
        + _element(0x00080018, b"UI", b"1.2." + number)
        + _element(0x00080060, b"CS", b"OT")
        + _element(0x0020000D, b"UI", b"1.3." + number)
        + _element(0x0020000E, b"UI", b"1.4." + number)
    )


def _image(
    generator: random.Random,
    syntax: str,
    pixels: bytes,
    rows: int,
    columns: int,
    *,
    frames: int = 1,
    bits: int = 8,
) -> bytes:
    description = (
        _short(0x00280002, 1)
        + _element(0x00280004, b"CS", b"MONOCHROME2")
        + _element(0x00280008, b"IS", str(frames).encode())
        + _short(0x00280010, rows)
        + _short(0x00280011, columns)
        + _short(0x00280100, bits)
        + _short(0x00280101, bits)
        + _short(0x00280102, bits - 1)
        + _short(0x00280103, 0)
    )
    return _file(syntax, _head(generator) + description + pixels)


def _encapsulated(*frames: bytes) -> bytes:
    made = struct.pack("<HH", 0x7FE0, 0x0010) + b"OB\0\0\xff\xff\xff\xff"
    for frame in (b"", *frames):
        even = frame + b"\0" * (len(frame) % 2)
        made += struct.pack("<HHL", 0xFFFE, 0xE000, len(even)) + even
    return made + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


@cache
def _zeros(mebibytes: int) -> bytes:
    """Deflated zeros, made of one flushed block again and again, so that the bomb itself costs nothing."""
    deflate = zlib.compressobj(9, wbits=-15)
    first = deflate.compress(bytes(_MIB)) + deflate.flush(zlib.Z_FULL_FLUSH)
    deflate = zlib.compressobj(9, wbits=-15)
    last = deflate.compress(b"") + deflate.flush()
    return first * mebibytes + last


def _deflate(generator: random.Random) -> bytes:
    """A private value of up to four gibibytes of zeros behind a plausible head."""
    size = generator.choice([400, 900, 2_000, 4_000])
    deflate = zlib.compressobj(9, wbits=-15)
    head = _head(generator) + struct.pack("<HH", 0x0099, 0x1001) + b"OB\0\0"
    head += struct.pack("<L", min(size * _MIB, 0xFFFFFFFE))
    return _file(
        _DEFLATED, deflate.compress(head) + deflate.flush(zlib.Z_FULL_FLUSH) + _zeros(size)
    )


def _dimensions(generator: random.Random) -> bytes:
    """Pixels by the hundred gigabyte, none of them there."""
    rows, columns = generator.choice([(65_535, 65_535), (1, 65_535), (30_000, 4_000)])
    frames = generator.choice([1, 1_000, 2**31 - 1, -1, 0])
    stored = generator.choice([b"", bytes(64)])
    if generator.random() < 0.5:
        pixels = _element(0x7FE00010, b"OW", stored)
        return _image(generator, _EXPLICIT, pixels, rows, columns, frames=frames, bits=16)
    return _image(generator, _RLE, _encapsulated(stored), rows, columns, frames=frames)


def _elements(generator: random.Random) -> bytes:
    """Up to four million empty private elements, plain or as items of a sequence."""
    count = generator.choice([250_000, 1_000_000, 4_000_000])
    empty = struct.pack("<HHL", 0x0099, 0x1001, 0)
    if generator.random() < 0.5:
        return _file(_IMPLICIT, _as_implicit(generator) + empty * count)
    items = struct.pack("<HHL", 0xFFFE, 0xE000, 0) * count
    return _file(
        _IMPLICIT,
        _as_implicit(generator) + struct.pack("<HHL", 0x0099, 0x1002, len(items)) + items,
    )


def _as_implicit(generator: random.Random) -> bytes:
    number = str(generator.getrandbits(30)).encode().ljust(10, b"1")
    told = (
        (0x0016, _SECONDARY_CAPTURE.encode() + b"\0"),
        (0x0018, b"1." + number),
        (0x0060, b"OT"),
    )
    return b"".join(struct.pack("<HHL", 8, tag, len(value)) + value for tag, value in told)


def _nesting(generator: random.Random) -> bytes:
    """Sequences in sequences, closed or not."""
    depth = generator.choice([33, 200, 5_000, 100_000])
    down = (
        struct.pack("<HH", 0x0008, 0x1115)
        + b"SQ\0\0\xff\xff\xff\xff"
        + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    )
    up = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    closed = up * depth if generator.random() < 0.7 else b""
    return _file(_EXPLICIT, _head(generator) + down * depth + closed)


def _rle(generator: random.Random) -> bytes:
    """Runs of 128 equal bytes, two bytes each, for the largest frames that are allowed, and beyond."""
    side = generator.choice([4_000, 10_000, 10_900])
    frames = generator.choice([1, 4, 60])
    runs = b"\x81\x00" * (side * side // 128 + 1)
    head = struct.pack("<16L", 1, 64, *([0] * 14))
    if generator.random() < 0.3:
        head = struct.pack("<16L", *(generator.getrandbits(32) for _ in range(16)))
    return _image(
        generator, _RLE, _encapsulated(*[head + runs] * frames), side, side, frames=frames
    )


@cache
def _codestream(name: str) -> bytes:
    import pydicom
    from pydicom.encaps import get_frame

    path = Path(str(pydicom.__file__)).parent / "data/test_files" / name
    return bytes(get_frame(pydicom.dcmread(path).PixelData, 0, number_of_frames=1))


def _j2k(generator: random.Random) -> bytes:
    """A codestream that claims to be huge, or to consist of a thousand million tiles."""
    stream = bytearray(_codestream("JPEG2000.dcm"))
    at = stream.index(b"\xff\x51") + 6
    side = generator.choice([5_000, 10_000, 60_000, 2**31])
    tile = generator.choice([1, 16, side])
    struct.pack_into(">8L", stream, at, side, side, 0, 0, tile, tile, 0, 0)
    told = min(side, generator.choice([10_000, 65_535]))
    return _image(generator, _J2K, _encapsulated(bytes(stream)), told, told, bits=16)


def _jpeg(generator: random.Random) -> bytes:
    """A JPEG or JPEG-LS frame header of the largest size."""
    lossless = generator.random() < 0.5
    name, mark = (
        ("JPEGLSNearLossless_16.dcm", b"\xff\xf7") if lossless else ("JPGExtended.dcm", b"\xff\xc1")
    )
    stream = bytearray(_codestream(name))
    at = stream.index(mark) + 5
    rows, columns = generator.choice([(65_500, 65_500), (10_000, 10_000), (65_500, 1)])
    struct.pack_into(">2H", stream, at, rows, columns)
    syntax = _JPEG_LS if lossless else _JPEG
    return _image(generator, syntax, _encapsulated(bytes(stream)), rows, columns, bits=16)


DICOM_BOMBS: Mapping[str, Callable[[random.Random], bytes]] = {
    "deflate": _deflate,
    "dimensions": _dimensions,
    "elements": _elements,
    "nesting": _nesting,
    "RLE": _rle,
    "J2K": _j2k,
    "JPEG": _jpeg,
}
