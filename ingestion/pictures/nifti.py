"""Volumes in NIfTI: the middle planes as a radiologist reads them, and where the stored axes point.

Source: NIfTI-1 and NIfTI-2, whose world axes are right, anterior, superior (RAS+).
"""

import zlib
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels
from radcite.ingestion.dicom.attributes import refusing
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.picture_set import PictureSet, ShownPart

__all__ = ["is_nifti", "read_nifti"]

_MARKS = {(344, b"n+1\0"), (4, b"n+2\0\r\n\x1a\n")}
_HEAD_BYTES = 4096


def is_nifti(path: Path) -> bool:
    """Whether a file, gzip or not, begins as a single-file NIfTI does."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 512)
        except zlib.error:
            return False
    return any(head[at : at + len(mark)] == mark for at, mark in _MARKS)


def read_nifti(path: Path, limits: Limits) -> PictureSet:
    """The middle axial, coronal and sagittal planes; of a series in time the first volume.

    The patient's right is on the left of the axial and coronal planes, the front on the left of the
    sagittal one. Of the header only geometry is taken. Meant for a worker process.

    Raises:
        RadciteError: `MISSING_EXTRA` without nibabel; `LIMIT_EXCEEDED`; `IMAGE_DECODE` for a damaged file or one
            that is no volume.
    """
    try:
        import nibabel
    except ImportError as exc:
        raise RadciteError(
            "MISSING_EXTRA",
            "NIfTI needs the extra nifti: pip install 'radcite[nifti]'",
            "读取 NIfTI 需要扩展 nifti：pip install 'radcite[nifti]'",
        ) from exc
    with refusing("IMAGE_DECODE", "the NIfTI cannot be read", "无法读取 NIfTI"):
        name = ".nii.gz" if _is_packed(path) else ".nii"
        with path.open("rb") as file:
            image = _loaded(nibabel, file, name)
            values, spacing, axes = _volume(nibabel, image, limits)
        return _shown(values, spacing, axes)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _loaded(nibabel: Any, file: Any, name: str) -> Any:
    """An image from an open file: nibabel goes by names, and this file may have any."""
    import gzip

    stream = gzip.GzipFile(fileobj=file) if name.endswith(".gz") else file
    head = stream.read(_HEAD_BYTES)
    kind = nibabel.Nifti2Image if head[4:7] == b"n+2" else nibabel.Nifti1Image
    stream.seek(0)
    return kind.from_stream(stream)


def _volume(
    nibabel: Any, image: Any, limits: Limits
) -> tuple[NDArray[np.float32], tuple[float, ...], str]:
    shape = cast("tuple[int, ...]", image.shape)
    if len(shape) < 3 or min(shape) < 1:
        raise RadciteError("IMAGE_DECODE", "not a volume", "不是体数据")
    count = int(np.prod([int(side) for side in shape[:3]]))
    if count > min(limits.total_pixels, limits.memory_bytes // 16):
        raise RadciteError("LIMIT_EXCEEDED", f"{count} voxels", f"{count} 个体素")
    stored = image.dataobj[(..., *(0,) * (len(shape) - 3))] if len(shape) > 3 else image.dataobj
    values = np.asarray(stored, dtype=np.float32)
    axes = "".join(str(code or "?") for code in nibabel.aff2axcodes(image.affine))
    spacing = tuple(float(step) for step in image.header.get_zooms()[:3])
    placed = nibabel.Nifti1Image(values, image.affine)
    placed.header.set_zooms(spacing)
    canonical = nibabel.as_closest_canonical(placed)
    turned = np.asarray(canonical.dataobj, dtype=np.float32)
    return turned, tuple(float(step) for step in canonical.header.get_zooms()[:3]), axes


def _shown(values: NDArray[np.float32], spacing: tuple[float, ...], axes: str) -> PictureSet:
    real = values[np.isfinite(values)]
    if not real.size:
        raise RadciteError("IMAGE_DECODE", "no voxel has a value", "没有有效体素")
    low, high = (
        float(end) for end in np.percentile(real[:: max(1, real.size // 1_000_000)], (0.5, 99.5))
    )
    x, y, z = (side // 2 for side in values.shape)
    planes = (
        ("axial", values[::-1, ::-1, z], (spacing[1], spacing[0])),
        ("coronal", values[::-1, y, ::-1], (spacing[2], spacing[0])),
        ("sagittal", values[x, ::-1, ::-1], (spacing[2], spacing[1])),
    )
    parts = tuple(
        ShownPart(_grey(plane.T, low, high), spacing_mm=steps, view=view)
        for view, plane, steps in planes
    )
    return PictureSet(
        name="volume",
        kind="NIfTI volume",
        modality=None,
        parts=parts,
        spacing_mm=(spacing[1], spacing[0]),
        slice_spacing_mm=spacing[2],
        orientation=axes,
    )


def _grey(plane: NDArray[np.float32], low: float, high: float) -> Pixels:
    span = high - low if high > low else 1.0
    known = np.nan_to_num(plane, nan=low, posinf=high, neginf=low)
    return np.rint(np.clip((known - low) / span, 0, 1) * 255).astype(np.uint8)
