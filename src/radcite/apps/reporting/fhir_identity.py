"""A pseudonymous FHIR bundle that names its patient instead.

Source: HL7 FHIR R5 (5.0.0) and R4 (4.0.1): Patient.
"""

from typing import cast

from radcite.apps.reporting.fhir import Resource
from radcite.apps.reporting.texts import WORDS
from radcite.core.vault import Original

__all__ = ["with_identity"]

_MARK = "PSEUDED"


def with_identity(content: Resource, original: Original) -> Resource:
    """The bundle with the patient's own id, name and day of birth; nothing in it is marked as pseudonymous any more."""
    named = cast("Resource", _unmarked(content))
    for entry in cast("list[dict[str, Resource]]", named["entry"]):
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"] |= _patient(original)
    return named


def _patient(original: Original) -> Resource:
    made: Resource = {"identifier": [{"use": "usual", "value": original.patient_id}]}
    spoken = " ".join(original.name.split("=")[0].replace("^", " ").split())
    if spoken:
        made["name"] = [{"text": spoken}]
    day = original.birth_date
    if len(day) == 8 and day.isdigit():
        made["birthDate"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    return made


def _unmarked(value: object) -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value).items()
        return {name: _unmarked(one) for name, one in fields if not _marks(name, one)}
    if isinstance(value, list):
        return [_unmarked(one) for one in cast("list[object]", value)]
    if isinstance(value, str):
        for language, said in WORDS["pseudonymous"].items():
            value = value.replace(said, WORDS["identified"][language])
    return value


def _marks(name: str, value: object) -> bool:
    return name == "meta" and _MARK in str(value)
