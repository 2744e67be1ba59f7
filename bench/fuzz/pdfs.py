"""Mutants of real PDF files, and PDF files of a few bytes that ask for much."""

import random
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from bench.fuzz.seeds import Seed

__all__ = ["PDF_BOMBS", "mutated_pdf"]

_REFERENCE = re.compile(rb"\b(\d{1,5}) 0 R\b")
_NUMBER = re.compile(rb"(?<=[ \[/])\d{1,6}(?=[ \]/>])")
_WORDS = (b"/Length", b"/Filter", b"/Kids", b"/Count", b"/Contents", b"/Type", b"/Font", b"endobj")


def mutated_pdf(generator: random.Random, seeds: Sequence[Seed]) -> bytes:
    """A PDF with changed bytes, numbers, references or key words, or parts of two."""
    data = generator.choice(seeds).data
    way = generator.choice([_flipped, _renumbered, _crossed, _unworded, _spliced, _repeated])
    return way(generator, data, seeds)


def _flipped(generator: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    changed = bytearray(data)
    for _ in range(generator.randint(1, 40)):
        changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
    return bytes(changed)


def _renumbered(generator: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    found = list(_NUMBER.finditer(data))
    for match in sorted(generator.sample(found, min(3, len(found))), key=lambda one: -one.start()):
        number = generator.choice([b"0", b"-1", b"999999999", b"4294967296", b"1e9", b"65536"])
        data = data[: match.start()] + number + data[match.end() :]
    return data


def _crossed(generator: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    """References that point elsewhere: at other objects, themselves, or nothing."""
    found = list(_REFERENCE.finditer(data))
    numbers = [match[1] for match in found] or [b"1"]
    for match in sorted(generator.sample(found, min(4, len(found))), key=lambda one: -one.start()):
        data = data[: match.start(1)] + generator.choice(numbers) + data[match.end(1) :]
    return data


def _unworded(generator: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    word = generator.choice(_WORDS)
    return data.replace(word, generator.choice([b"/X", b"", b"/Kids", word[::-1]]), 2)


def _spliced(generator: random.Random, data: bytes, seeds: Sequence[Seed]) -> bytes:
    other = generator.choice(seeds).data
    return data[: generator.randrange(8, len(data))] + other[generator.randrange(8, len(other)) :]


def _repeated(generator: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    at, size = generator.randrange(8, len(data)), generator.randint(1, 4_096)
    return data[:at] + data[at : at + size] * generator.randint(2, 20) + data[at + size :]


def _by_hand(objects: Sequence[bytes]) -> bytes:
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + head + table + tail


def _stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<<" + extra + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def _page(content: bytes, *more: bytes, box: bytes = b"0 0 612 792") -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[" + box + b"]/Contents 4 0 R"
    names = b"/Resources<</Font<</F 5 0 R>>/XObject<</N 6 0 R>>>>>>"
    return _by_hand(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page + names,
            content,
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            *more,
        ]
    )


def _fan_out(generator: random.Random) -> bytes:
    """Forms that each draw the next one many times."""
    levels, width = generator.choice([(8, 12), (12, 30), (4, 60)])
    forms: list[bytes] = []
    for level in range(levels):
        last = level == levels - 1
        data = b"BT /F 9 Tf (x) Tj ET" if last else b"/N Do " * width
        names = b"" if last else b"/XObject<</N %d 0 R>>" % (7 + level)
        kind = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F 5 0 R>>"
        forms.append(_stream(data, kind + names + b">>"))
    return _page(_stream(b"/N Do"), *forms)


@cache
def _blanks(layers: int) -> bytes:
    data = zlib.compress(b" " * 100_000_000, 9)
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return data


def _nested_flate(generator: random.Random) -> bytes:
    layers = generator.choice([1, 2, 3])
    filters = b"/Filter[" + b"/FlateDecode" * layers + b"]"
    return _page(_stream(_blanks(layers), filters), _stream(b""))


@cache
def _words(count: int) -> bytes:
    return zlib.compress(b"BT /F 1 Tf " + b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * count + b"ET", 9)


def _text(generator: random.Random) -> bytes:
    return _page(
        _stream(_words(generator.choice([50_000, 1_000_000])), b"/Filter/FlateDecode"), _stream(b"")
    )


def _page_tree(generator: random.Random) -> bytes:
    """A tree of pages that contains itself, or claims a thousand million pages."""
    kids = generator.choice([b"2 0 R", b"3 0 R " * 50_000, b"2 0 R 3 0 R"])
    return _by_hand(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[" + kids + b"]/Count 1000000000>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>",
        ]
    )


def _vast_page(generator: random.Random) -> bytes:
    box = generator.choice([b"0 0 1e9 1e9", b"-1e38 -1e38 1e38 1e38", b"0 0 0 0"])
    return _page(_stream(b"BT /F 12 Tf 10 10 Td (Vast) Tj ET"), _stream(b""), box=box)


def _image(generator: random.Random) -> bytes:
    """A picture of many gigabytes, deflated to nothing."""
    side = generator.choice([10_000, 60_000])
    kind = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    picture = _stream(_blanks(1), kind + b"/Width %d/Height %d" % (side, side))
    return _page(_stream(b"q 600 0 0 700 0 0 cm /N Do Q"), picture)


def _nested_arrays(generator: random.Random) -> bytes:
    depth = generator.choice([1_000, 100_000])
    return _page(_stream(b"[" * depth + b"]" * depth + b" TJ"), _stream(b""))


PDF_BOMBS: Mapping[str, Callable[[random.Random], bytes]] = {
    "fan-out": _fan_out,
    "nested flate": _nested_flate,
    "text": _text,
    "page tree": _page_tree,
    "vast page": _vast_page,
    "image": _image,
    "nested arrays": _nested_arrays,
}
