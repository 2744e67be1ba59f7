"""The real files that mutants are made of."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Place", "Seed", "dicom_seeds", "pdf_seeds"]

_SHARED = Path(__file__).parents[2] / "../shared/data"
_LARGEST = 400_000
_PDF_PAGES = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element of a dataset's top level stands: its tag, its value, and its VR where that is written."""

    tag: int
    value: int
    length: int
    long: bool
    explicit: bool

    @property
    def length_bytes(self) -> tuple[int, int]:
        """Where its length stands, and in how many bytes."""
        return (self.value - 4, 4) if self.long or not self.explicit else (self.value - 2, 2)


@dataclass(frozen=True, slots=True)
class Seed:
    """A whole file; `places` is empty where its elements are deflated or cannot be parsed."""

    name: str
    data: bytes
    places: tuple[Place, ...] = ()


@cache
def dicom_seeds(measuring: bool = True) -> tuple[Seed, ...]:
    """pydicom's test files and, where they are wanted and at hand, the measuring data's; one of each series."""
    import pydicom

    shipped = sorted((Path(str(pydicom.__file__)).parent / "data/test_files").glob("*.dcm"))
    other = sorted((_SHARED / "dicom/files").glob("*")) if measuring else []
    other += [min(each.glob("*")) for each in (_SHARED / "dicom").glob("series_*") if measuring]
    found: dict[bytes, Seed] = {}
    for path in (*shipped, *sorted(other)):
        if path.stat().st_size <= _LARGEST:
            data = path.read_bytes()
            found.setdefault(data, Seed(path.name, data, tuple(_places(path))))
    return tuple(found.values())


def _places(path: Path) -> Iterator[Place]:
    from pydicom import dcmread

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = dcmread(path, force=True)
        except Exception:  # noqa: BLE001 - a seed that is itself broken is mutated blindly
            return
    if dataset.file_meta.get("TransferSyntaxUID") == "1.2.840.10008.1.2.1.99":
        return
    for tag in dataset.keys():  # noqa: SIM118 - iterating a dataset parses its values
        raw = dataset.get_item(tag)
        at = getattr(raw, "value_tell", 0)
        if not at or not isinstance(getattr(raw, "value", None), bytes):
            continue
        explicit = not raw.is_implicit_VR
        long = explicit and raw.VR in {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "UC", "UN", "UR"}
        yield Place(int(tag), at, len(raw.value), long or raw.VR in {"UT", "SV", "UV"}, explicit)


@cache
def pdf_seeds(measuring: bool = True) -> tuple[Seed, ...]:
    """Pages made here and, where they are wanted and at hand, the first ones of the measuring data's articles."""
    import pymupdf

    made = [Seed("made", _made())]
    for path in sorted((_SHARED / "pdf").glob("*.pdf")) if measuring else ():
        with pymupdf.open(path) as article, pymupdf.open() as part:
            part.insert_pdf(article, to_page=_PDF_PAGES - 1)
            data = part.tobytes(garbage=3, deflate=True)
        if len(data) <= _LARGEST:
            made.append(Seed(path.name, data))
    return tuple(made)


def _made() -> bytes:
    import numpy as np
    import pymupdf

    noise = np.random.default_rng(0).integers(0, 255, (40, 60), dtype=np.uint8).tobytes()
    with pymupdf.open() as document:
        for number in range(_PDF_PAGES):
            page = document.new_page()
            page.insert_text((72, 72), f"Chest radiograph {number}", fontsize=18)
            for line in range(30):
                page.insert_text(
                    (72, 110 + 14 * line), f"Line {line}: a small left effusion, 5 mm."
                )
            page.insert_text((72, 560), "胸片示左侧少量胸腔积液。", fontname="china-s")
            page.insert_image(
                pymupdf.Rect(72, 600, 300, 760),
                pixmap=pymupdf.Pixmap(pymupdf.csGRAY, 60, 40, noise, 0),
            )
        return document.tobytes(deflate=True)
