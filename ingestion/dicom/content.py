"""What DICOM objects other than images say, as text, and which instances they refer to."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from radcite.core.errors import RadciteError
from radcite.ingestion.dicom.attributes import MALFORMED, code_meaning, items, numbers, text
from radcite.ingestion.limits import Limits

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["content_text", "referenced"]

_REFERENCED_INSTANCE = 0x00081155
_MOST_REFERENCES = 10_000
_INDENT = "  "
_IDENTITIES = frozenset(
    {"PNAME", "UIDREF", "IMAGE", "COMPOSITE", "WAVEFORM", "DATE", "DATETIME", "TIME"}
)
_DAY = re.compile(r"(?P<year>\d{4})[.\-]?(?P<month>\d\d)[.\-]?(?P<day>\d\d)(?P<time>\d{4,6})?")
_TIME = re.compile(r"(?P<hour>[01]\d|2[0-3]):?(?P<minute>[0-5]\d)")


def content_text(dataset: "Dataset", limits: Limits) -> str:
    """The words of an object, a statement a line; "" for one that has none, as most images.

    A structured report gives its content tree, `concept: value`, indented by depth; a segmentation its
    segments; an RT structure set its regions, a plan its beams and doses; a waveform its channels,
    duration and annotations; a presentation state its annotations; an encapsulated document its text.
    Identifiers and names are not yet taken out.

    Source: DICOM PS3.3, the modules named at each function.

    Raises:
        RadciteError: An encapsulated PDF cannot be read, with the reader's code; one without any text is
            no error.
    """
    lines = [
        *_content(dataset, ""),
        *_segments(dataset),
        *_structures(dataset),
        *_plan(dataset),
        *_dose(dataset),
        *_waveforms(dataset),
        *_graphics(dataset),
        *_document(dataset, limits),
    ]
    return "\n".join(lines)


def referenced(dataset: "Dataset") -> tuple[str, ...]:
    """The SOP Instance UIDs that an object without a picture of its own refers to, each once, in its order."""
    found: dict[str, None] = {}
    try:
        for element in dataset.iterall():
            if element.tag == _REFERENCED_INSTANCE and element.value:
                found[str(element.value)] = None
            if len(found) >= _MOST_REFERENCES:
                break
    except MALFORMED:
        return tuple(found)
    return tuple(found)


def _content(item: "Dataset", indent: str) -> Iterator[str]:
    """The content tree of a structured report: PS3.3 C.17.3."""
    for child in items(item, "ContentSequence"):
        concept, value = code_meaning(child, "ConceptNameCodeSequence"), _value(child)
        # What names nobody any more says nothing: `Person Observer Name`.
        shown = bool(value or (concept and text(child, "ValueType") not in _IDENTITIES))
        if shown:
            yield indent + (f"{concept}: {value}" if concept and value else concept or value)
        yield from _content(child, indent + _INDENT if shown else indent)


def _value(item: "Dataset") -> str:
    # Person names (PNAME) and references (UIDREF) are identities, not findings.
    match text(item, "ValueType"):
        case "TEXT":
            return text(item, "TextValue")
        case "CODE":
            return code_meaning(item, "ConceptCodeSequence")
        case "NUM":
            return " ".join(filter(None, map(_measured, items(item, "MeasuredValueSequence")[:1])))
        case "DATE":
            return _day(text(item, "Date"))
        case "DATETIME":
            return _day(text(item, "DateTime"))
        case "TIME":
            return _time(text(item, "Time"))
        case _:
            return ""


def _day(value: str) -> str:
    """A day as the gate finds and shifts it, with its time; "" for what is none."""
    found = _DAY.match(value)
    if found is None:
        return ""
    time = _time(found["time"] or "")
    return f"{found['year']}-{found['month']}-{found['day']}{' ' if time else ''}{time}"


def _time(value: str) -> str:
    found = _TIME.match(value)
    return f"{found['hour']}:{found['minute']}" if found else ""


def _measured(item: "Dataset") -> str:
    unit = code_meaning(item, "MeasurementUnitsCodeSequence")
    return " ".join(filter(None, (text(item, "NumericValue"), unit)))


def _segments(dataset: "Dataset") -> Iterator[str]:
    """PS3.3 C.8.20.2."""
    for segment in items(dataset, "SegmentSequence"):
        named = text(segment, "SegmentLabel") or text(segment, "SegmentDescription")
        more = (
            code_meaning(segment, "SegmentedPropertyTypeCodeSequence"),
            code_meaning(segment, "SegmentedPropertyCategoryCodeSequence"),
            code_meaning(segment, "AnatomicRegionSequence"),
            text(segment, "SegmentAlgorithmType").lower(),
        )
        yield _line("Segment", named, more)


def _structures(dataset: "Dataset") -> Iterator[str]:
    """PS3.3 C.8.8.5 and C.8.8.8."""
    kinds = {
        text(one, "ReferencedROINumber"): text(one, "RTROIInterpretedType").lower()
        for one in items(dataset, "RTROIObservationsSequence")
    }
    for region in items(dataset, "StructureSetROISequence"):
        named = text(region, "ROIName") or text(region, "ROIDescription")
        yield _line("Structure", named, (kinds.get(text(region, "ROINumber"), ""),))


def _plan(dataset: "Dataset") -> Iterator[str]:
    """PS3.3 C.8.8.9, C.8.8.10, C.8.8.13 and C.8.8.14."""
    label = text(dataset, "RTPlanLabel") or text(dataset, "RTPlanName")
    if label or text(dataset, "PlanIntent"):
        yield _line("Plan", label, (text(dataset, "PlanIntent").lower(),))
    for goal in items(dataset, "DoseReferenceSequence"):
        dose = text(goal, "TargetPrescriptionDose")
        more = (text(goal, "DoseReferenceType").lower(), f"{dose} Gy" if dose else "")
        yield _line("Dose reference", text(goal, "DoseReferenceDescription"), more)
    for group in items(dataset, "FractionGroupSequence"):
        if fractions := text(group, "NumberOfFractionsPlanned"):
            yield f"Fractions planned: {fractions}"
    for beam in (*items(dataset, "BeamSequence"), *items(dataset, "IonBeamSequence")):
        more = (text(beam, "RadiationType").lower(), text(beam, "BeamType").lower())
        yield _line("Beam", text(beam, "BeamName") or text(beam, "BeamDescription"), more)


def _dose(dataset: "Dataset") -> Iterator[str]:
    """PS3.3 C.8.8.3."""
    if kind := text(dataset, "DoseType"):
        more = (text(dataset, "DoseUnits").lower(), text(dataset, "DoseSummationType").lower())
        yield _line("Dose", kind.lower(), more)


def _waveforms(dataset: "Dataset") -> Iterator[str]:
    """PS3.3 C.10.9 and C.10.10."""
    for group in items(dataset, "WaveformSequence"):
        channels = items(group, "ChannelDefinitionSequence")
        names = [
            code_meaning(each, "ChannelSourceSequence") or text(each, "ChannelLabel")
            for each in channels
        ]
        rate = next(iter(numbers(group, "SamplingFrequency")), 0.0)
        samples = next(iter(numbers(group, "NumberOfWaveformSamples")), 0.0)
        long = f"{samples / rate:g} s at {rate:g} Hz" if rate > 0 and samples > 0 else ""
        label = text(group, "MultiplexGroupLabel").lower()
        yield _line("Waveform", f"{len(channels)} channels", (label, long))
        if any(names):
            yield f"{_INDENT}Channels: {', '.join(filter(None, names))}"
    # A point marked in every beat is told once.
    yield from dict.fromkeys(_notes(dataset))


def _notes(dataset: "Dataset") -> Iterator[str]:
    for note in items(dataset, "WaveformAnnotationSequence"):
        concept = code_meaning(note, "ConceptNameCodeSequence")
        coded = code_meaning(note, "ConceptCodeSequence")
        unit = code_meaning(note, "MeasurementUnitsCodeSequence")
        value = " ".join(filter(None, (text(note, "NumericValue"), unit)))
        said = text(note, "UnformattedTextValue") or coded or value
        if said and concept:
            yield f"{concept}: {said}"
        elif said or concept:
            yield said or concept


def _graphics(dataset: "Dataset") -> Iterator[str]:
    """PS3.3 C.10.5."""
    for layer in items(dataset, "GraphicAnnotationSequence"):
        for note in items(layer, "TextObjectSequence"):
            if said := text(note, "UnformattedTextValue"):
                yield f"Annotation: {said}"


def _document(dataset: "Dataset", limits: Limits) -> Iterator[str]:
    """PS3.3 C.24.2: its title, and the words of a PDF or CDA document."""
    kind = text(dataset, "MIMETypeOfEncapsulatedDocument").lower()
    if not kind:
        return
    if title := text(dataset, "DocumentTitle") or code_meaning(dataset, "ConceptNameCodeSequence"):
        yield f"Document: {title}"
    content = dataset.get("EncapsulatedDocument")
    if not isinstance(content, bytes):
        return
    length = next(iter(numbers(dataset, "EncapsulatedDocumentLength")), 0.0)
    content = content[: int(length)] if 0 < length <= len(content) else content
    if kind == "application/pdf":
        yield from filter(None, [_pdf_text(content, limits)])
    elif kind in {"text/xml", "application/xml"}:
        yield from filter(None, [_xml_text(content)])


def _pdf_text(content: bytes, limits: Limits) -> str:
    from radcite.ingestion.pdf.reading import read_pdf

    with TemporaryDirectory(prefix="radcite-") as folder:
        path = Path(folder) / "document"
        path.write_bytes(content)
        try:
            return read_pdf(path, limits).text
        except RadciteError as error:
            if error.code == "PDF_NO_TEXT":
                return ""
            raise


def _xml_text(content: bytes) -> str:
    """The narrative of a clinical document, a block a line: HL7 CDA release 2, section text."""
    from radcite.ingestion.articles.jats import parsed_xml
    from radcite.ingestion.articles.markup import inline_text

    root = parsed_xml(content)
    told = [*root.iter("{*}title", "{*}text")]
    return "\n".join(filter(None, map(inline_text, told)))


def _line(kind: str, named: str, more: tuple[str, ...]) -> str:
    said = "; ".join(filter(None, more))
    words = f"{kind}: {named}" if named else kind
    return f"{words} ({said})" if said else words
