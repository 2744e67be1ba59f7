"""Several pictures that one file gives: parts of a slide, planes of a volume. They are one case."""

from dataclasses import dataclass, field

from radcite.core.ports import ImageStore
from radcite.core.sources import Box, Case, CaseSeries, ImageRef
from radcite.core.vectors import Pixels
from radcite.ingestion.writer import PendingCase

__all__ = ["PictureSet", "ShownPart", "pending_case"]


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One picture; `box` is its place on the whole in full-resolution pixels, None for another plane or the whole."""

    pixels: Pixels = field(repr=False)
    box: Box | None = None
    spacing_mm: tuple[float, float] | None = None
    view: str | None = None


@dataclass(frozen=True, slots=True)
class PictureSet:
    """What a file shows, without its header. `orientation` is where its stored axes point (`RAS`)."""

    name: str
    kind: str
    modality: str | None
    parts: tuple[ShownPart, ...]
    spacing_mm: tuple[float, float] | None = None
    slice_spacing_mm: float | None = None
    orientation: str = ""


async def pending_case(content: PictureSet, digest: str, images: ImageStore) -> PendingCase:
    """The case of a file, its pictures stored as the frames of the file's digest."""
    pictures: list[tuple[ImageRef, Pixels]] = []
    for frame, part in enumerate(content.parts):
        ref = ImageRef(
            digest=digest,
            uri=await images.put(digest, part.pixels, frame),
            frame=frame,
            modality=content.modality,
            spacing_mm=part.spacing_mm,
            view=part.view,
            box=part.box,
        )
        pictures.append((ref, part.pixels))
    case = Case(
        case_id=f"{content.name}-{digest[:16]}",
        images=tuple(ref for ref, _ in pictures),
        modality=content.modality,
        series=(
            CaseSeries(
                series=f"{content.name}-{digest[:16]}",
                kind=content.kind,
                modality=content.modality or "",
                objects=(),
                spacing_mm=content.spacing_mm,
                slice_spacing_mm=content.slice_spacing_mm,
                orientation=content.orientation,
                key=digest,
            ),
        ),
    )
    return PendingCase(case, digest, pictures)
