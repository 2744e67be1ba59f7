"""DICOM objects as radcite sees them: described, and for images with one frame ready to show."""

import mmap
import warnings
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from radcite.core.conversations import GateReport
from radcite.core.errors import RadciteError
from radcite.core.identifiers import Redactor
from radcite.core.phi_review import HeldWords
from radcite.core.study_objects import StudyObject
from radcite.core.vectors import Pixels
from radcite.ingestion.deid.dataset import Cleaned, clean_dataset
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.attributes import (
    code_meaning,
    functional_group,
    items,
    numbers,
    refusing,
    text,
)
from radcite.ingestion.dicom.charset import decode_words
from radcite.ingestion.dicom.content import content_text, referenced
from radcite.ingestion.dicom.planes import frame_places, middle_frame, spacing_of
from radcite.ingestion.dicom.structure import Outline, outline, starts_like_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import HeldForReview, TextPlace, masked, places_in

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset

__all__ = ["DicomObject", "is_dicom", "open_dicom", "read_dicom"]

_REQUIRED = {
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "Modality": 0x00080060,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
}
_PIXEL_DATA = 0x7FE00010
# Teaching and test images often lack these; pixels, which stand last, prove that nothing was cut off.
# Such an image is a study of its own.
_SPARED = {"Modality", "StudyInstanceUID", "SeriesInstanceUID"}
# Defined term of (0008,0060) for what has no modality of its own: PS3.3 C.7.3.1.1.1.
_OTHER_MODALITY = "OT"
_DIRECTORY = "1.2.840.10008.1.3.10"
_SIDES = {"R", "L", "B"}
# Their frames are masks and doses over the pictures of another series.
_DERIVED = {"SEG", "RTDOSE"}
# Region Spatial Format 2D and Physical Units cm: PS3.3 C.8.5.5.1.1, C.8.5.5.1.15.
_TWO_DIMENSIONAL, _CM = "1", "3"


@dataclass(frozen=True, slots=True)
class DicomObject:
    """One SOP instance.

    De-identified: instance, series, study and patient are keyed pseudonyms ("" for no patient), and
    texts have lost what the gate finds in them.

    `spacing_mm` is between rows, then between columns. `position` and `orientation` are those of
    (0020,0032) and (0020,0037), in mm and as direction cosines, of the key frame where frames have
    their own. `laterality` is R, L, B (both) or "". `frames` is 0 for an object without pixels;
    `pixels` is frame `key_frame` as displayed. `slice_spacing_mm` is the median distance of the frames'
    planes. `hidden` are the places of the pixels where text was masked. `text` is what `content_text`
    tells; `refers_to` are the instances that an object without a picture of its own is about. `sealed` is
    whose it is, for the vault alone, where there is one. `shown` is a keyed digest of what it tells and shows: all
    that a case is composed of (patient, side and place in space among it), its number of frames, and its key
    frame as displayed, before any mask. `gate` names what was left behind.
    """

    sop_class: str
    sop_class_name: str
    modality: str
    transfer_syntax: str
    frames: int
    sop_instance: str
    series: str
    study: str
    patient: str = ""
    body_part: str = ""
    view: str = ""
    laterality: str = ""
    spacing_mm: tuple[float, float] | None = None
    instance_number: int | None = None
    position: tuple[float, float, float] | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    key_frame: int | None = None
    pixels: Pixels | None = field(repr=False, default=None)
    text: str = field(repr=False, default="")
    refers_to: tuple[str, ...] = field(repr=False, default=())
    slice_spacing_mm: float | None = None
    hidden: tuple[TextPlace, ...] = ()
    sealed: bytes | None = field(repr=False, default=None)
    shown: str = ""
    gate: GateReport = field(default_factory=GateReport)

    @property
    def is_picture(self) -> bool:
        """Whether its frames are what an acquisition shows, and not a mask or a dose over it."""
        return self.frames > 0 and self.modality not in _DERIVED

    def told(self, image: str) -> StudyObject:
        """What the case of its study is composed from; `image` is the digest under which its picture is stored."""
        return StudyObject(
            study=self.study,
            series=self.series,
            instance=self.sop_instance,
            patient=self.patient,
            kind=self.sop_class_name.removesuffix(" Storage"),
            modality=self.modality,
            body_part=self.body_part,
            view=self.view,
            laterality=self.laterality,
            spacing_mm=self.spacing_mm,
            slice_spacing_mm=self.slice_spacing_mm,
            instance_number=self.instance_number,
            position=self.position,
            orientation=self.orientation,
            frame=self.key_frame or 0,
            image=image if self.is_picture else "",
            text=self.text,
            refers_to=self.refers_to,
        )


def is_dicom(path: Path) -> bool:
    """Whether a file carries the DICM mark, or without preamble begins with plausible elements."""
    with path.open("rb") as file:
        head = file.read(1024)
    return head[128:132] == b"DICM" or starts_like_dicom(head, path.stat().st_size)


def read_dicom(path: Path, limits: Limits, gate: Gate | None = None) -> DicomObject:
    """A DICOM file de-identified, described and, for an image, proven to decode in every frame.

    Meant for a worker process: parsers and codecs run on untrusted bytes. Without a gate one is made
    whose pseudonyms nobody else makes.

    Raises:
        RadciteError: As `open_dicom` and `decode_frames`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _described(open_dicom(path, limits), limits, gate or Gate())


def open_dicom(path: Path, limits: Limits) -> "FileDataset":
    """A file's dataset after its outline was checked; element values are not yet parsed.

    Raises:
        RadciteError: `UNSUPPORTED_FILE` for what is no DICOM object; `DICOM_TRUNCATED` for a length
            that reaches past its container, or where a required attribute or the pixels of an image
            were cut off; `DICOM_MISSING_TAG` where one is absent from a whole file;
            `LIMIT_EXCEEDED`.
    """
    if not is_dicom(path):
        raise RadciteError("UNSUPPORTED_FILE", "not a DICOM file", "不是 DICOM 文件")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = outline(data, limits)
    dataset = _parse(path)
    if text(dataset.file_meta, "MediaStorageSOPClassUID") == _DIRECTORY:
        raise RadciteError(
            "UNSUPPORTED_FILE", "a DICOMDIR holds no object", "DICOMDIR 不含影像对象"
        )
    _check_required(dataset, found)
    return dataset


@cache
def _malformed_values_are_value_errors() -> None:
    """Make pydicom raise for a value of the wrong length what it raises for every other malformed one."""
    from pydicom import hooks
    from pydicom.errors import BytesLengthException

    def converted(*raw: Any, **options: Any) -> None:
        try:
            hooks.raw_element_value(*raw, **options)
        except BytesLengthException as exc:
            raise ValueError("a value of the wrong length") from exc

    hooks.hooks.register_callback("raw_element_value", converted)


def _parse(path: Path) -> "FileDataset":
    from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType] - its PathLike is bare
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    _malformed_values_are_value_errors()
    with refusing("DICOM_TRUNCATED", "the file cannot be parsed", "无法解析文件"):
        dataset = dcmread(path, force=True)
        if "TransferSyntaxUID" not in dataset.file_meta:
            implicit, little_endian = dataset.original_encoding
            explicit = ExplicitVRLittleEndian if little_endian else ExplicitVRBigEndian
            dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
        # pydicom looks it up for every sequence that is set.
        if "PixelRepresentation" in dataset and not text(dataset, "PixelRepresentation"):
            del dataset.PixelRepresentation
        decode_words(dataset)
    return dataset


def _check_required(dataset: "Dataset", found: Outline) -> None:
    required = _REQUIRED | ({"PixelData": _PIXEL_DATA} if _is_image_class(dataset) else {})
    for keyword, tag in required.items():
        present = _has_pixels(dataset) if keyword == "PixelData" else text(dataset, keyword)
        if not present and not (keyword in _SPARED and _has_pixels(dataset)):
            # Elements stand in ascending order: one above the last was cut off, not left out.
            code = "DICOM_TRUNCATED" if found.last_tag < tag else "DICOM_MISSING_TAG"
            raise RadciteError(code, keyword)


def _is_image_class(dataset: "Dataset") -> bool:
    return "Image Storage" in _class_name(dataset)


def _class_name(dataset: "Dataset") -> str:
    from pydicom.uid import UID

    return UID(text(dataset, "SOPClassUID")).name


def _has_pixels(dataset: "Dataset") -> bool:
    from radcite.ingestion.dicom.pixels import PIXEL_KEYWORDS

    return any(keyword in dataset for keyword in PIXEL_KEYWORDS)


def _described(dataset: "FileDataset", limits: Limits, gate: Gate) -> DicomObject:
    # What a document within says and what an object is about is read first: neither outlasts the cleaning.
    modality = text(dataset, "Modality") or _OTHER_MODALITY
    pictured = _has_pixels(dataset) and modality not in _DERIVED
    about = () if pictured else tuple(map(gate.instance, referenced(dataset)))
    words = content_text(dataset, limits)[: limits.text_bytes]
    sealed = gate.sealed(dataset)
    cleaned = clean_dataset(dataset, gate)
    said = cleaned.redact(words) if cleaned.keeps_words else ""
    one = _describe(dataset, cleaned, limits)
    burned = {"YES": "yes", "NO": "no"}.get(text(dataset, "BurnedInAnnotation"), "unknown")
    doubts = _doubts(cleaned.redact, words, gate) if said else ()
    try:
        hidden = places_in(dataset, gate, limits) if one.pixels is not None else ()
    except HeldForReview as held:
        raise HeldForReview(held.places, doubts) from held
    if doubts:
        raise HeldForReview((), doubts)
    done = GateReport(
        removed=cleaned.changed,
        private=cleaned.private,
        burned_in=cast("Literal['yes']", "yes" if hidden else burned),
        redacted=len(hidden),
    )
    one = replace(one, text=said, refers_to=about, hidden=hidden, sealed=sealed, gate=done)
    pixels = None if one.pixels is None else masked(one.pixels, hidden)
    return replace(one, pixels=pixels, shown=gate.shown(_digest(one)))


def _digest(one: DicomObject) -> bytes:
    digest = sha256(f"{one.frames}\x1f{one.told('').model_dump_json()}".encode())
    if one.pixels is not None:
        digest.update(f"{one.pixels.shape}".encode())
        digest.update(one.pixels.tobytes())
    return digest.digest()


def _doubts(redact: Redactor, words: str, gate: Gate) -> tuple[HeldWords, ...]:
    """What may be a name in the words of an object that nobody decided about."""
    if gate.release is not None or gate.settings.doubtful_names != "review":
        return ()
    return tuple(
        HeldWords(field="text", start=one.start, end=one.end) for one in redact.doubts(words)
    )


def _describe(dataset: "FileDataset", cleaned: Cleaned, limits: Limits) -> DicomObject:
    frames, key, pixels = _key_frame(dataset, limits) if _has_pixels(dataset) else (0, None, None)
    frame = key or 0
    anatomy = functional_group(dataset, "FrameAnatomySequence", frame)
    place = functional_group(dataset, "PlanePositionSequence", frame)
    plane = functional_group(dataset, "PlaneOrientationSequence", frame)
    position = numbers(place, "ImagePositionPatient")
    orientation = numbers(plane, "ImageOrientationPatient")
    number = numbers(dataset, "InstanceNumber")
    return DicomObject(
        sop_class=text(dataset, "SOPClassUID"),
        sop_class_name=_class_name(dataset),
        modality=text(dataset, "Modality") or _OTHER_MODALITY,
        transfer_syntax=text(dataset.file_meta, "TransferSyntaxUID"),
        frames=frames,
        sop_instance=cleaned.identity.instance,
        series=cleaned.identity.series,
        study=cleaned.identity.study,
        patient=cleaned.identity.patient,
        body_part=text(dataset, "BodyPartExamined")
        or code_meaning(anatomy, "AnatomicRegionSequence"),
        view=text(dataset, "ViewPosition") or code_meaning(dataset, "ViewCodeSequence"),
        laterality=_side(dataset, anatomy),
        spacing_mm=_spacing(dataset, frame),
        instance_number=int(number[0]) if number else None,
        position=position if len(position) == 3 else None,
        orientation=orientation if len(orientation) == 6 else None,
        key_frame=key,
        pixels=pixels,
        slice_spacing_mm=spacing_of(frame_places(dataset, frames)),
    )


def _key_frame(dataset: "Dataset", limits: Limits) -> tuple[int, int, Pixels]:
    from radcite.ingestion.dicom.pixels import decode_frames
    from radcite.ingestion.dicom.render import render

    middle = middle_frame(dataset, int(next(iter(numbers(dataset, "NumberOfFrames")), 1)))
    count, shown = 0, None
    for index, frame in enumerate(decode_frames(dataset, limits)):
        count += 1
        if index == middle:
            shown = render(frame, dataset, index)
    if shown is None:
        raise RadciteError("DICOM_PIXEL_DECODE", "no frame was found", "未找到图像帧")
    return count, middle, shown


def _spacing(dataset: "Dataset", frame: int) -> tuple[float, float] | None:
    measures = functional_group(dataset, "PixelMeasuresSequence", frame)
    for found in (
        numbers(measures, "PixelSpacing"),
        numbers(dataset, "ImagerPixelSpacing"),
        numbers(dataset, "NominalScannedPixelSpacing"),
        _region_spacing(dataset),
    ):
        if len(found) == 2 and min(found) > 0:
            return found
    return None


def _region_spacing(dataset: "Dataset") -> tuple[float, ...]:
    """The spacing of an ultrasound's two-dimensional regions where all have one, in mm; empty for none.

    Source: DICOM PS3.3 C.8.5.5.1.
    """
    regions = [
        region
        for region in items(dataset, "SequenceOfUltrasoundRegions")
        if text(region, "RegionSpatialFormat") == _TWO_DIMENSIONAL
    ]
    found = {
        (*numbers(region, "PhysicalDeltaY"), *numbers(region, "PhysicalDeltaX"))
        for region in regions
        if text(region, "PhysicalUnitsXDirection") == text(region, "PhysicalUnitsYDirection") == _CM
    }
    if len(found) != 1 or len(regions) == 0:
        return ()
    return tuple(10.0 * abs(step) for step in found.pop())


def _side(dataset: "Dataset", anatomy: "Dataset") -> str:
    stated = (
        text(dataset, "ImageLaterality"),
        text(dataset, "Laterality"),
        text(anatomy, "FrameLaterality"),
    )
    return next((side for side in stated if side in _SIDES), "")
