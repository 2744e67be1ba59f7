"""DICOM decoding: what radcite adds to the bare codec, what it saves over the plain way, and what a server feels.

Ratios of CPU time, the least of interleaved rounds. The bare way is the fastest codec at hand on one encoded frame,
a table of grey values made beforehand, and one resize by area. The plain way is pydicom's `pixel_array`, its
`apply_modality_lut` and `apply_voi_lut` in floating point, scaling, and Pillow's resize.
"""

import asyncio
import logging
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.timing import Row, interleaved
from radcite.core.errors import RadciteError
from radcite.core.settings import PrivacySettings
from radcite.ingestion.dicom.objects import open_dicom
from radcite.ingestion.dicom.pixels import decode, decode_frames
from radcite.ingestion.dicom.render import Renderer
from radcite.ingestion.limits import Limits

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["dicom_rows"]

_FILES = Path(__file__).parents[1] / "../shared/data/dicom/files"
_SIDE = 224
_LIMITS = Limits()
_SINGLE = (
    *("CTImage.dcm_JPEGProcess14", "CTImage.dcm_JPEGProcess1T", "CTImage.dcm_JPEGProcess2_4"),
    *("CTImage.dcm_JPEGLS", "CTImage.dcm_JPEG2000", "CTImage.dcm_RLE", "JPGLosslessP14SV1"),
    *("HTJ2KLossless_08_RGB", "RG1_J2KI", "XA1_JLSN", "MR2_J2KI"),
)
_PLAIN = (
    "CTImage.dcm_JPEGProcess14",
    "CTImage.dcm_JPEGProcess1T",
    "JPGLosslessP14SV1",
    "examples_ybr_color",
)
_LOSSY = {f"1.2.840.10008.1.2.4.{end}" for end in (50, 51)}
_FRAMES = 24


def dicom_rows(folder: Path, scale: float) -> list[Row]:
    """The rows of `python -m bench dicom`."""
    if not _FILES.is_dir():
        return [Row("DICOM files", 0, note="the measuring data are not here")]
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    rounds = max(3, round(7 * scale))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            *_added(rounds),
            *_added_to_many(rounds),
            *_saved(rounds),
            *_exact(),
            *asyncio.run(_stalls(folder)),
        ]


def _named(start: str) -> "Dataset":
    return open_dicom(next(iter(sorted(_FILES.glob(f"{start}*")))), _LIMITS)


def _least(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    for way in ways.values():
        way()
    spent = interleaved(ways, rounds)
    return {name: min(one.cpu_s for one in each) for name, each in spent.items()}


def _added(rounds: int) -> list[Row]:
    ratios: dict[str, float] = {}
    for name in _SINGLE:
        dataset = _named(name)
        took = _least({"ours": lambda: _ours(dataset), "bare": _bare(dataset)}, rounds)  # noqa: B023 - called within the turn
        ratios[name] = took["ours"] / took["bare"]
    return _ratio_rows("one frame: decode, window, resize / bare", ratios, "<= 1.6")


def _added_to_many(rounds: int) -> list[Row]:
    ratios: dict[str, float] = {}
    for name in (
        "examples_ybr_color",
        "CTImage.dcm_JPEGProcess14",
        "CTImage.dcm_JPEGLS",
        "CTImage.dcm_JPEG2000",
    ):
        dataset = _repeated(_named(name))
        took = _least({"ours": lambda: _ours(dataset), "bare": _bare(dataset)}, max(3, rounds // 2))  # noqa: B023
        ratios[name] = took["ours"] / took["bare"]
    return _ratio_rows(f"{_FRAMES} frames and more: the same / bare", ratios, "<= 1.25")


def _saved(rounds: int) -> list[Row]:
    ratios: dict[str, float] = {}
    for name in _PLAIN:
        dataset = _named(name)
        took = _least({"ours": lambda: _ours(dataset), "plain": lambda: _plain(dataset)}, rounds)  # noqa: B023
        ratios[name] = took["plain"] / took["ours"]
    note = f"JPEG lossless plainly by {_lossless_plugin() or 'imagecodecs, for want of pylibjpeg-libjpeg'}"
    return _ratio_rows("plain way / ours", ratios, ">= 3", least=True, note=note)


def _ours(dataset: "Dataset") -> list[np.ndarray]:
    renderer = Renderer(dataset)
    return [
        _resized(renderer(frame, index))
        for index, frame in enumerate(decode_frames(dataset, _LIMITS))
    ]


def _resized(shown: np.ndarray) -> np.ndarray:
    import cv2

    scale = _SIDE / max(shown.shape[:2])
    size = (round(shown.shape[1] * scale), round(shown.shape[0] * scale))
    return cv2.resize(shown, size, interpolation=cv2.INTER_AREA)


def _bare(dataset: "Dataset") -> Callable[[], object]:
    import cv2
    from pydicom.encaps import generate_frames

    count = int(dataset.get("NumberOfFrames") or 1)
    codec = _codec(dataset)
    table = np.arange(1 << 16, dtype=np.uint16).astype(np.uint8)

    def work() -> None:
        for src in generate_frames(dataset.PixelData, number_of_frames=count):
            frame = codec(src)
            if frame.ndim == 2:
                view = frame.view(f"u{frame.itemsize}")
                frame = cv2.LUT(view, table[: 1 << 8 * frame.itemsize])
            _resized(frame)

    return work


def _codec(dataset: "Dataset") -> Callable[[bytes], np.ndarray]:
    import imagecodecs
    from rle.utils import decode_frame

    syntax = str(dataset.file_meta.TransferSyntaxUID)
    if syntax == "1.2.840.10008.1.2.5":
        rows, columns, bits = dataset.Rows, dataset.Columns, dataset.BitsAllocated
        return lambda src: np.frombuffer(
            decode_frame(src, rows * columns, bits, "<"), f"u{bits // 8}"
        ).reshape(rows, columns)
    if syntax.endswith((".4.90", ".4.91")):
        return imagecodecs.jpeg2k_decode
    if syntax.endswith((".4.80", ".4.81")):
        return imagecodecs.jpegls_decode
    if syntax.endswith((".4.201", ".4.202")):
        return imagecodecs.jpeg2k_decode
    return imagecodecs.jpeg8_decode


def _plain(dataset: "Dataset") -> object:
    from PIL import Image
    from pydicom.pixels import apply_modality_lut, apply_voi_lut, pixel_array

    syntax = str(dataset.file_meta.TransferSyntaxUID)
    lossless = syntax.endswith((".4.57", ".4.70"))
    plugin = (
        (_lossless_plugin() or "imagecodecs")
        if lossless
        else ("pillow" if syntax.endswith(".4.50") else "pylibjpeg")
    )
    values = pixel_array(dataset, decoding_plugin=plugin)
    if values.shape[-1] == 3:
        frames = values if values.ndim == 4 else values[None]
        return [Image.fromarray(frame).resize((_SIDE, _SIDE)) for frame in frames]
    shown = apply_voi_lut(apply_modality_lut(values, dataset), dataset).astype(np.float64)
    scaled = (shown - shown.min()) / max(shown.max() - shown.min(), 1e-9) * 255.0
    return Image.fromarray(scaled.astype(np.uint8)).resize((_SIDE, _SIDE))


def _lossless_plugin() -> str:
    """`pylibjpeg` where its GPL codec is installed beside radcite for this measurement."""
    from importlib.util import find_spec

    return "pylibjpeg" if find_spec("libjpeg") else ""


def _repeated(dataset: "Dataset") -> "Dataset":
    """A multi-frame object of real frames: its own, or its one again and again."""
    from pydicom.encaps import encapsulate, generate_frames

    if int(dataset.get("NumberOfFrames") or 1) < _FRAMES:
        frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
        dataset.PixelData = encapsulate([frame] * _FRAMES)
        dataset.NumberOfFrames = _FRAMES
    return dataset


def _exact() -> list[Row]:
    from pydicom.pixels.decoders.base import get_decoder

    counted: Counter[str] = Counter()
    furthest = 0
    for path in sorted(_FILES.iterdir()):
        try:
            dataset = open_dicom(path, _LIMITS)
            ours = decode(dataset)
        except RadciteError as error:
            counted[error.code] += 1
            continue
        decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
        others = [name for name in decoder.available_plugins if name != "imagecodecs"]
        if decoder.is_native or not others:
            counted["no other codec"] += decoder.is_encapsulated
            continue
        try:
            other = decoder.as_array(dataset, decoding_plugin=others[-1])[0]
        except RuntimeError:
            counted["no other codec"] += 1
            continue
        difference = int(np.abs(ours.astype(np.int64) - other.astype(np.int64)).max())
        lossy = dataset.file_meta.TransferSyntaxUID in _LOSSY
        counted["lossy" if lossy else "lossless or one codec"] += 1
        counted["lossless, different"] += not lossy and difference > 0
        furthest = max(furthest, difference)
    note = ", ".join(f"{name}: {count}" for name, count in counted.items() if count)
    return [
        Row(
            "lossless files whose values differ from pydicom's own",
            counted["lossless, different"],
            "",
            "<= 0",
            note,
        ),
        Row("furthest value of a lossy file from pydicom's own", furthest, "", "<= 3"),
    ]


async def _stalls(folder: Path) -> list[Row]:
    """How long the loop of a server is busy with one thing while studies are read, as CPU of its own thread."""
    from radcite.backends.images.files import FileImages
    from radcite.backends.images.viewing import FileFrames
    from radcite.ingestion.deid.keys import Gate
    from radcite.ingestion.discovery import FoundFile
    from radcite.ingestion.door import Door
    from radcite.ingestion.query_studies import StudyTaker
    from radcite.ingestion.worker import ParserPool

    names = (
        "MG1_J2KI",
        "RG1_J2KI",
        "examples_ybr_color",
        "CTImage.dcm_JPEG2000",
        "XA1_JLSN",
        "US1_J2KI",
    )
    files = [FoundFile(next(iter(sorted(_FILES.glob(f"{name}*")))), name) for name in names]
    gate = Gate(bytes(32), PrivacySettings(burned_in="none"))
    longest: list[float] = []
    async with ParserPool(jobs=1) as pool:
        door = Door(pool, gate)
        for turn in range(3):
            images, frames = (
                FileImages(folder / f"images{turn}"),
                FileFrames(folder / f"frames{turn}"),
            )
            with _felt(asyncio.get_running_loop()) as felt:
                await StudyTaker(door, images, frames)(files)
                # The last step is felt by a last tick.
                await asyncio.sleep(0.01)
            longest.append(1000 * max(felt))
    return [
        Row(
            "longest the server's loop is busy while files of up to 14 megapixels come in",
            max(longest),
            "ms",
            "<= 20",
            f"of three turns {', '.join(f'{one:.1f}' for one in longest)}",
        )
    ]


@contextmanager
def _felt(loop: asyncio.AbstractEventLoop) -> Iterator[list[float]]:
    """CPU seconds of this thread between two ticks of its loop, as a request that waits would feel them."""
    spent: list[float] = [0.0]
    going, last = [True], [time.thread_time()]

    def tick() -> None:
        now = time.thread_time()
        spent.append(now - last[0])
        last[0] = now
        if going[0]:
            loop.call_later(0.001, tick)

    loop.call_soon(tick)
    yield spent
    going[0] = False


def _ratio_rows(
    name: str, ratios: dict[str, float], goal: str, *, least: bool = False, note: str = ""
) -> list[Row]:
    worst = (min if least else max)(ratios.values())
    return [
        Row(f"{name}, {'least' if least else 'most'}", worst, "x", goal, note),
        *(
            Row(f"  {one.removeprefix('CTImage.dcm_')}", ratio, "x")
            for one, ratio in ratios.items()
        ),
    ]
