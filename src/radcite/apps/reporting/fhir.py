"""A report as a FHIR R5 bundle.

Source: HL7 FHIR R5 (5.0.0): DiagnosticReport, Observation, DocumentReference, ImagingStudy, Provenance.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal
from uuid import UUID, uuid5

from radcite import __version__
from radcite.apps.reporting.markdown import markdown
from radcite.apps.reporting.texts import (
    WORDS,
    check_intact,
    citation_line,
    cited_evidence,
    evidence_line,
    form_lines,
)
from radcite.core.claims import Certainty, Evidence
from radcite.core.review import Finding, Report, ReportStatus
from radcite.core.sources import Passage
from radcite.core.vault import Original

__all__ = ["FhirStatus", "Resource", "bundle_content", "fhir_bundle", "fhir_status"]

FhirStatus = Literal["preliminary", "final", "amended"]
Resource = dict[str, object]

_STATUS: Mapping[ReportStatus, FhirStatus] = {
    "draft": "preliminary",
    "final": "final",
    "amended": "amended",
}
_CERTAINTY: Mapping[Certainty, Literal["POS", "NEG", "IND"]] = {
    "present": "POS",
    "absent": "NEG",
    "uncertain": "IND",
}
# The namespace of the names this module makes; they are the same for the same report.
_RADCITE = UUID("4f0c7b52-60a4-5a0b-9d0e-6f2a5c1f3b77")
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_LOINC = "http://loinc.org"
_WEB = re.compile(r"https?://\S+")
_PSEUDONYMOUS: Resource = {
    "security": [
        {
            "system": f"{_TERMINOLOGY}/v3-ObservationValue",
            "code": "PSEUDED",
            "display": "pseudonymized",
        }
    ]
}


def fhir_status(report: Report) -> FhirStatus:
    """The code of a version: whatever is not signed itself is preliminary."""
    return _STATUS[report.status] if report.signed else "preliminary"


def fhir_bundle(report: Report, original: Original | None = None) -> str:
    """A collection bundle as JSON, every resource validated; all references lead into the bundle.

    A finding about the asked image has the pseudonymous patient as its subject; one about a similar case or
    the literature has no subject, and its evidence as its focus. Rejected findings are left out.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed.
    """
    from fhir.resources.bundle import Bundle

    content = bundle_content(report, original)
    if original is not None:
        from radcite.apps.reporting.fhir_identity import with_identity

        content = with_identity(content, original)
    return str(Bundle.model_validate(content).model_dump_json())


def bundle_content(report: Report, original: Original | None = None) -> Resource:
    """The bundle before it is validated, in the elements of R5.

    Its resources are pseudonymous, for `with_identity` to name; the text they present names the patient already.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed.
    """
    check_intact(report)
    entries = [
        {"fullUrl": _url(report, name), "resource": resource}
        for name, resource in _resources(report, original)
    ]
    return {
        "resourceType": "Bundle",
        "meta": _PSEUDONYMOUS,
        "identifier": {
            "system": "urn:ietf:rfc:3986",
            "value": _url(report, f"bundle {report.version}"),
        },
        "type": "collection",
        "timestamp": _issued(report),
        "entry": entries,
    }


def _resources(report: Report, original: Original | None) -> Iterator[tuple[str, Resource]]:
    yield "report", _diagnostic_report(report, original)
    for finding in report.kept:
        yield finding.id, _observation(report, finding)
    if report.upheld:
        yield "differential", _differential(report)
    for item in cited_evidence(report):
        yield item.key, _document(item, report)
    if report.images:
        yield "study", _study(report)
    if report.patient:
        yield "patient", _patient(report.patient)
    yield "device", _device()
    for one in report.signatures:
        name = f"signer {one.version}"
        yield name, {"resourceType": "Practitioner", "name": [{"text": one.signer}]}
        yield (
            f"signature {one.version}",
            {
                "resourceType": "Provenance",
                "target": [_to(report, "report")],
                "recorded": one.signed_at,
                "agent": [{"who": _to(report, name)}],
                "entity": [{"role": "source", "what": _named("sha-256", one.digest)}],
            },
        )


def _diagnostic_report(report: Report, original: Original | None) -> Resource:
    import base64

    language = report.language
    names = [finding.id for finding in report.kept] + (["differential"] if report.upheld else [])
    made: Resource = {
        "resourceType": "DiagnosticReport",
        "meta": _PSEUDONYMOUS,
        "language": language,
        "identifier": [_named("report", report.report_id)["identifier"]],
        "status": fhir_status(report),
        "category": [_coded(f"{_TERMINOLOGY}/v2-0074", "RAD", "Radiology")],
        "code": _coded(_LOINC, "18748-4", "Diagnostic imaging study"),
        "issued": _issued(report),
        "result": [_to(report, name) for name in names],
        "conclusion": _conclusion(report) or None,
        "note": [{"text": text} for text in _notes(report)],
        "presentedForm": [
            {
                "contentType": "text/markdown; charset=utf-8",
                "language": language,
                "data": base64.b64encode(markdown(report, original).encode()).decode(),
            }
        ],
    }
    if report.patient:
        made["subject"] = _to(report, "patient")
    if report.images:
        made["study"] = [_to(report, "study")]
    if report.signed:
        made["resultsInterpreter"] = [_to(report, f"signer {report.version}")]
    return {key: value for key, value in made.items() if value}


def _conclusion(report: Report) -> str:
    """The form as it was filled in; without one, the kept findings about the asked image itself."""
    if told := form_lines(report):
        return "\n\n".join(f"{title}\n{text}" for title, text in told)
    own = (one for one in report.kept if one.about == "query_image")
    return "\n".join(finding.wording for finding in own)


def _notes(report: Report) -> Iterator[str]:
    language = report.language
    yield f"{WORDS['by_software'][language]} {WORDS['pseudonymous'][language]}"
    if not report.signed:
        yield report.safety.notice
    yield from report.safety.red_flags
    if report.amendment:
        yield f"{WORDS['amendment'][language]}: {report.amendment}"


def _observation(report: Report, finding: Finding) -> Resource:
    language = report.language
    notes = [citation_line(one, language) for one in finding.citations]
    if finding.edited:
        notes.insert(0, f"{WORDS['drafted'][language]}: {finding.text}")
    made: Resource = {
        "resourceType": "Observation",
        "status": fhir_status(report),
        "code": _coded(_LOINC, "18782-3", "Radiology Study observation (narrative)"),
        "valueString": finding.wording,
        "derivedFrom": _sources(report, finding),
        "note": [{"text": text} for text in notes],
    }
    return made | _whose(report, finding) | _by_whom(report)


def _sources(report: Report, finding: Finding) -> list[Resource]:
    return [_to(report, key) for key in sorted({one.evidence for one in finding.citations})]


def _whose(report: Report, finding: Finding) -> Resource:
    if finding.about != "query_image":
        return {"focus": _sources(report, finding)}
    # An edit may say several things at once: it is told in its words, not in a code.
    code = None if finding.edited else _CERTAINTY[finding.certainty]
    read: Resource = (
        {"interpretation": [_coded(f"{_TERMINOLOGY}/v3-ObservationInterpretation", code)]}
        if code
        else {}
    )
    return read | ({"subject": _to(report, "patient")} if report.patient else {})


def _by_whom(report: Report) -> Resource:
    made: Resource = {"device": _to(report, "device")}
    if report.signed:
        made["performer"] = [_to(report, f"signer {report.version}")]
    return made


def _differential(report: Report) -> Resource:
    items = report.upheld
    keys = sorted({key for item in items for key in (*item.supporting, *item.against)})
    components: list[Resource] = []
    for item in items:
        condition = item.condition
        code: Resource = {"text": condition.display[report.language]}
        if condition.system.startswith(("http://", "https://", "urn:")):
            code["coding"] = [{"system": condition.system, "code": condition.code}]
        share = {
            "value": round(item.probability, 4),
            "system": "http://unitsofmeasure.org",
            "code": "1",
        }
        components.append({"code": code, "valueQuantity": share})
    made: Resource = {
        "resourceType": "Observation",
        "status": fhir_status(report),
        "code": {"text": WORDS["differential"][report.language]},
        "component": components,
    }
    if keys:
        made["derivedFrom"] = [_to(report, key) for key in keys]
    if report.patient:
        made["subject"] = _to(report, "patient")
    return made | _by_whom(report)


def _document(item: Evidence, report: Report) -> Resource:
    source, told = item.source, evidence_line(item, report.language)
    attachment: Resource = {"title": told}
    identifiers: list[object] = []
    if isinstance(source, Passage):
        attachment["language"] = source.language
        if source.source_url and _WEB.fullmatch(source.source_url):
            attachment["url"] = source.source_url
        if source.doi:
            identifiers.append({"system": "https://doi.org", "value": source.doi})
        if source.pmid:
            identifiers.append({"system": "https://pubmed.ncbi.nlm.nih.gov", "value": source.pmid})
    made: Resource = {
        "resourceType": "DocumentReference",
        "status": "current",
        "description": f"{item.key}: {told}",
        "content": [{"attachment": attachment}],
    }
    return made | ({"identifier": identifiers} if identifiers else {})


def _study(report: Report) -> Resource:
    return {
        "resourceType": "ImagingStudy",
        "identifier": [_named("image", digest)["identifier"] for digest in report.images],
        "status": "available",
        "subject": _to(report, "patient") if report.patient else {"display": "not known"},
        "numberOfInstances": len(report.images),
    }


def _patient(name: str) -> Resource:
    return {
        "resourceType": "Patient",
        "meta": _PSEUDONYMOUS,
        "identifier": [_named("pseudonym", name)["identifier"]],
    }


def _device() -> Resource:
    return {
        "resourceType": "Device",
        "displayName": "radcite",
        "version": [{"value": __version__}],
    }


def _issued(report: Report) -> str:
    return report.signatures[-1].signed_at if report.signed else report.created_at


def _named(kind: str, value: str) -> Resource:
    """A reference by identifier, in a system of radcite's own."""
    return {"identifier": {"system": f"urn:uuid:{uuid5(_RADCITE, kind)}", "value": value}}


def _coded(system: str, code: str, display: str | None = None) -> Resource:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]}


def _url(report: Report, name: str) -> str:
    return f"urn:uuid:{uuid5(_RADCITE, f'{report.report_id} {name}')}"


def _to(report: Report, name: str) -> Resource:
    return {"reference": _url(report, name)}
