"""Mutants of real DICOM files: the same number and seed give the same bytes."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.fuzz.bombs import DICOM_BOMBS
from bench.fuzz.pdfs import PDF_BOMBS, mutated_pdf
from bench.fuzz.seeds import Seed, dicom_seeds, pdf_seeds

__all__ = ["Mutant", "cuts_of", "mutants"]

_KIB = 1024
_CUTS_OF_ALL = 0.35
# Each bomb comes once in so many mutants: it costs a worker, and seconds.
_BOMB_EVERY = 10_000
# Of a hundred mutants that are neither truncations nor bombs.
_SHARES: Mapping[str, int] = {
    "flip": 16,
    "flip header": 10,
    "length": 14,
    "tag": 10,
    "vr": 10,
    "remove": 8,
    "repeat": 6,
    "splice": 8,
    "swap": 4,
    "PDF": 14,
}
_VRS = (
    b"AE AS AT CS DA DS DT FL FD IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV "
    b"ZZ \0\0"
).split()
_LENGTHS = (0, 1, 3, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_TAGS = (
    *(0x00000000, 0x00020010, 0x00080005, 0x00080016, 0x00080060, 0x00281052, 0x00283010),
    *(0x52009230, 0x7FE00010, 0x7FE00008, 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0xFFFFFFFF),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken file. `cut` is whether it is a whole file up to one of its kilobytes."""

    kind: str
    data: bytes
    cut: bool = False


def mutants(count: int, seed: int, *, measuring: bool = True) -> Iterator[Mutant]:
    """So many mutants in an order that the seed gives: cuts at every kilobyte, changes and bombs mixed.

    Args:
        count: How many.
        seed: Which.
        measuring: Whether the files of the measuring data are among those that are changed.
    """
    generator, seeds = random.Random(seed), (dicom_seeds(measuring), pdf_seeds(measuring))
    cuts = list(cuts_of((*seeds[0], *seeds[1])))
    generator.shuffle(cuts)
    del cuts[round(count * _CUTS_OF_ALL) :]
    bombs = [*DICOM_BOMBS, *PDF_BOMBS] * -(-count // _BOMB_EVERY)
    others = max(0, count - len(cuts) - len(bombs))
    kinds = generator.choices(list(_SHARES), list(_SHARES.values()), k=others) + bombs
    order = [*range(len(cuts)), *(-1 for _ in kinds)]
    generator.shuffle(kinds)
    generator.shuffle(order)
    coming = iter(kinds)
    for number in order:
        if number < 0:
            yield _changed(next(coming), generator, *seeds)
        else:
            one, end = cuts[number]
            yield Mutant("PDF cut" if one in seeds[1] else "cut", one.data[:end], cut=True)


def cuts_of(seeds: Sequence[Seed]) -> Iterator[tuple[Seed, int]]:
    """Every file with every one of its kilobytes at which it can end too early."""
    for one in seeds:
        yield from ((one, end) for end in range(_KIB, len(one.data), _KIB))


def _changed(
    kind: str, generator: random.Random, dicom: tuple[Seed, ...], pdf: tuple[Seed, ...]
) -> Mutant:
    if kind == "PDF":
        return Mutant(kind, mutated_pdf(generator, pdf))
    if kind in DICOM_BOMBS:
        return Mutant(f"bomb: {kind}", DICOM_BOMBS[kind](generator))
    if kind in PDF_BOMBS:
        return Mutant(f"PDF bomb: {kind}", PDF_BOMBS[kind](generator))
    seed, other = generator.choice(dicom), generator.choice(dicom)
    return Mutant(kind, _KINDS[kind](generator, seed, other))


def _flip(generator: random.Random, seed: Seed, _: Seed) -> bytes:
    changed = bytearray(seed.data)
    for _turn in range(generator.randint(1, 24)):
        changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
    return bytes(changed)


def _flip_header(generator: random.Random, seed: Seed, _: Seed) -> bytes:
    changed = bytearray(seed.data)
    for _turn in range(generator.randint(1, 8)):
        changed[generator.randrange(128, min(len(changed), 3_000))] = generator.randrange(256)
    return bytes(changed)


def _length(generator: random.Random, seed: Seed, _: Seed) -> bytes:
    changed = bytearray(seed.data)
    if seed.places and generator.random() < 0.7:
        place = generator.choice(seed.places)
        at, size = place.length_bytes
        near = max(place.length + generator.choice([-4, -2, -1, 1, 2, 4, 1024]), 0)
        value = generator.choice([*_LENGTHS, near, near, near])
    else:
        at, size = generator.randrange(132, len(changed) - 4), 4
        value = generator.choice([*_LENGTHS, generator.getrandbits(16)])
    changed[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")
    return bytes(changed)


def _tag(generator: random.Random, seed: Seed, _: Seed) -> bytes:
    changed = bytearray(seed.data)
    for _turn in range(generator.randint(1, 3)):
        place = _any_place(generator, seed)
        other = generator.choice(
            [*_TAGS, generator.getrandbits(32), _any_place(generator, seed)[1]]
        )
        head = (other >> 16).to_bytes(2, "little") + (other & 0xFFFF).to_bytes(2, "little")
        changed[place[0] : place[0] + 4] = head
    return bytes(changed[: len(seed.data)])


def _vr(generator: random.Random, seed: Seed, _: Seed) -> bytes:
    changed = bytearray(seed.data)
    for _turn in range(generator.randint(1, 3)):
        at = _any_place(generator, seed)[0] + 4
        changed[at : at + 2] = generator.choice(_VRS)
    return bytes(changed[: len(seed.data)])


def _any_place(generator: random.Random, seed: Seed) -> tuple[int, int]:
    """Where an element begins, and its tag; anywhere where none is known."""
    if not seed.places:
        return generator.randrange(132, len(seed.data) - 8), generator.getrandbits(32)
    place = generator.choice(seed.places)
    head = 12 if place.long else 8
    return place.value - head, place.tag


def _remove(generator: random.Random, seed: Seed, _: Seed) -> bytes:
    at = generator.randrange(132, len(seed.data))
    return seed.data[:at] + seed.data[at + generator.randint(1, 64) :]


def _repeat(generator: random.Random, seed: Seed, _: Seed) -> bytes:
    data = seed.data
    at, size = generator.randrange(132, len(data)), generator.randint(1, 512)
    return data[:at] + data[at : at + size] * generator.randint(2, 50) + data[at + size :]


def _splice(generator: random.Random, seed: Seed, other: Seed) -> bytes:
    here = generator.randrange(132, len(seed.data))
    return seed.data[:here] + other.data[generator.randrange(132, len(other.data)) :]


def _swap(generator: random.Random, seed: Seed, other: Seed) -> bytes:
    """The header of one file before the pixels of another."""
    ends = [one.value for one in seed.places if one.tag == 0x7FE00010]
    begins = [one.value for one in other.places if one.tag == 0x7FE00010]
    if not ends or not begins:
        return _splice(generator, seed, other)
    return seed.data[: ends[0]] + other.data[begins[0] :]


_KINDS: Mapping[str, Callable[[random.Random, Seed, Seed], bytes]] = {
    "flip": _flip,
    "flip header": _flip_header,
    "length": _length,
    "tag": _tag,
    "vr": _vr,
    "remove": _remove,
    "repeat": _repeat,
    "splice": _splice,
    "swap": _swap,
}
