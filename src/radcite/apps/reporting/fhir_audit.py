"""An event of the audit record as a FHIR R5 AuditEvent.

Source: HL7 FHIR R5 (5.0.0): AuditEvent; ISO 21089 lifecycle events; DICOM PS3.16 CID 401.
"""

from collections.abc import Mapping
from uuid import UUID, uuid5

from radcite.core.audit import AuditAction, AuditEntry

__all__ = ["audit_event"]

_NAMESPACE = UUID("4f0c7b52-60a4-5a0b-9d0e-6f2a5c1f3b77")
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_CODES: Mapping[AuditAction, tuple[str, str, str]] = {
    "read": (_LIFECYCLE, "access", "R"),
    "search": (_DICOM, "110112", "E"),
    "answer": (_LIFECYCLE, "report", "E"),
    "export": (_DICOM, "110106", "R"),
    "review": (_LIFECYCLE, "amend", "U"),
    "sign_off": (_LIFECYCLE, "attest", "U"),
    "failure": (_DICOM, "110100", "E"),
    "ingest": (_DICOM, "110107", "C"),
    "remove": (_LIFECYCLE, "destroy", "D"),
    "manage": (_DICOM, "110110", "U"),
}
Resource = dict[str, object]


def audit_event(entry: AuditEntry) -> str:
    """One resource as JSON, validated. Its id is the entry's hash."""
    from fhir.resources.auditevent import AuditEvent

    event = entry.event
    system, code, action = _CODES[event.action]
    failed = event.code is not None
    outcome: Resource = {
        "code": {
            "system": "http://hl7.org/fhir/issue-severity",
            "code": "error" if failed else "success",
        }
    }
    if failed:
        outcome["detail"] = [{"text": event.code}]
    made: Resource = {
        "resourceType": "AuditEvent",
        "id": entry.hash,
        "code": {
            "coding": [{"system": system, "code": code}],
            "text": f"{event.action}: {event.detail}" if event.detail else event.action,
        },
        "action": action,
        "recorded": event.at,
        "outcome": outcome,
        "agent": [
            {
                "who": _named("user", event.actor),
                "requestor": True,
                "type": {"text": event.channel},
            }
        ],
        "source": {"observer": {"display": f"radcite {event.software}"}},
    }
    if event.patient:
        made["patient"] = _named("pseudonym", event.patient)
    if entities := _entities(entry):
        made["entity"] = entities
    return str(AuditEvent.model_validate(made).model_dump_json())


def _entities(entry: AuditEntry) -> list[Resource]:
    event = entry.event
    known = [("subject", name) for name in event.subjects]
    for kind, value in (
        ("question", event.question),
        ("trace", event.trace),
        ("report", event.report),
        ("collection", event.collection),
        ("signer", event.signer),
        ("account", event.account),
    ):
        if value is not None:
            known.append((kind, value))
    return [{"what": {**_named(kind, value), "display": kind}} for kind, value in known]


def _named(kind: str, value: str) -> Resource:
    """A reference by identifier, in a system of radcite's own."""
    return {"identifier": {"system": f"urn:uuid:{uuid5(_NAMESPACE, kind)}", "value": value}}
