"""A report as a FHIR R4 bundle: the R5 one, said in the elements of R4.

Source: HL7 FHIR R4 (4.0.1), checked against the models of R4B (4.3.0), which agree on the resources used here.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import cast

from radcite.apps.reporting.fhir import Resource, bundle_content
from radcite.apps.reporting.fhir_identity import with_identity
from radcite.core.review import Report
from radcite.core.vault import Original

__all__ = ["fhir_r4_bundle"]


def fhir_r4_bundle(report: Report, original: Original | None = None) -> str:
    """A collection bundle as JSON, every resource validated.

    The notes of the R5 report, which R4 lacks, stand in its narrative.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed.
    """
    from fhir.resources.R4B.bundle import Bundle

    content = bundle_content(report, original)
    if original is not None:
        content = with_identity(content, original)
    entries = cast("list[dict[str, object]]", content["entry"])
    content["entry"] = [
        {**entry, "resource": _said(cast("Resource", entry["resource"]))} for entry in entries
    ]
    return str(Bundle.model_validate(content).model_dump_json())


def _said(resource: Resource) -> Resource:
    change = _CHANGES.get(str(resource["resourceType"]))
    return change(dict(resource)) if change else resource


def _report(made: Resource) -> Resource:
    notes = cast("list[dict[str, str]]", made.pop("note", []))
    lines = "".join(f"<p>{escape(note['text'])}</p>" for note in notes)
    made["text"] = {
        "status": "additional",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{lines}</div>',
    }
    if (study := made.pop("study", None)) is not None:
        made["imagingStudy"] = study
    return made


def _device(made: Resource) -> Resource:
    name = made.pop("displayName")
    return {**made, "deviceName": [{"name": name, "type": "manufacturer-name"}]}


_CHANGES: Mapping[str, Callable[[Resource], Resource]] = {
    "DiagnosticReport": _report,
    "Device": _device,
}
