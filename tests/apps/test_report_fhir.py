"""The FHIR bundle: its status follows the signatures, its references resolve, it names no patient."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from fhir.resources import get_fhir_model_class

from radcite.apps.reporting.fhir import fhir_bundle
from radcite.core.claims import Condition, DifferentialItem
from radcite.core.errors import RadciteError
from radcite.core.review import Report
from radcite.core.review_steps import amend, decide, sign
from tests.contracts.review import AT, draft

Json = Mapping[str, Any]


def bundle(report: Report) -> Json:
    return json.loads(fhir_bundle(report))


def signed() -> Report:
    report = decide(draft(), "F1", "edited", words="Small left effusion.")
    return sign(decide(report, "F2", "rejected", reason="no"), "李安医生", AT)


def of_type(made: Json, kind: str) -> list[Json]:
    found = [entry["resource"] for entry in made["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            if key == "reference" and isinstance(inner, str):
                yield inner
            yield from references(inner)
    if isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from references(inner)


def amendment() -> Report:
    return amend(signed(), "second reading")


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (draft(), "preliminary"),
        (signed(), "final"),
        (amendment(), "preliminary"),
        (sign(amendment(), "Dr Bo Wu", AT), "amended"),
    ],
    ids=["draft", "signed", "open amendment", "amended"],
)
def test_the_status_follows_the_signature_and_every_reference_resolves(
    report: Report, status: str
) -> None:
    made = bundle(report)
    [diagnostic] = of_type(made, "DiagnosticReport")
    told = {one["status"] for one in (diagnostic, *of_type(made, "Observation"))}
    assert told == {status}
    assert ("resultsInterpreter" in diagnostic) == report.signed
    urls = [entry["fullUrl"] for entry in made["entry"]]
    assert len(set(urls)) == len(urls)
    assert set(references(made)) <= set(urls)
    assert len(of_type(made, "Provenance")) == len(report.signatures)
    for entry in made["entry"]:
        model = get_fhir_model_class(entry["resource"]["resourceType"])
        assert (
            json.loads(model.model_validate(entry["resource"]).model_dump_json())
            == entry["resource"]
        )


def test_a_rejected_finding_is_left_out_and_an_edited_one_keeps_what_was_drafted() -> None:
    made = bundle(signed())
    [finding] = of_type(made, "Observation")
    assert finding["valueString"] == "Small left effusion."
    assert "Left pleural effusion." in finding["note"][0]["text"]
    assert "interpretation" not in finding
    [practitioner] = of_type(made, "Practitioner")
    assert practitioner["name"] == [{"text": "李安医生"}]


def test_it_is_marked_pseudonymous_and_the_patient_is_a_pseudonym_alone() -> None:
    made = bundle(draft())
    [patient] = of_type(made, "Patient")
    for one in (made, patient, *of_type(made, "DiagnosticReport")):
        assert [label["code"] for label in one["meta"]["security"]] == ["PSEUDED"]
    assert set(patient) == {"resourceType", "meta", "identifier"}
    assert patient["identifier"][0]["value"] == "P-0123456789abcdef"


def test_a_statement_about_a_similar_case_is_no_finding_on_the_patient() -> None:
    report = draft()
    other = report.findings[1].model_copy(update={"about": "case:c1"})
    made = bundle(report.model_copy(update={"findings": (report.findings[0], other)}))
    about_image, about_case = of_type(made, "Observation")
    assert "subject" in about_image
    assert "focus" not in about_image
    assert "subject" not in about_case
    assert about_case["focus"] == about_case["derivedFrom"]


def test_without_patient_and_images_the_bundle_still_holds() -> None:
    made = bundle(draft().model_copy(update={"patient": None, "images": ()}))
    assert not of_type(made, "Patient") + of_type(made, "ImagingStudy")


def test_a_differential_is_one_observation_with_a_share_for_each_condition() -> None:
    names = {"en": "Fracture", "zh": "骨折"}
    condition = Condition.model_validate({"code": "x", "system": "radcite", "display": names})
    item = DifferentialItem(
        condition=condition, probability=0.54, in_conformal_set=None, supporting=("E1",)
    )
    made = bundle(draft().model_copy(update={"differential": (item,), "language": "zh"}))
    [shares] = [one for one in of_type(made, "Observation") if "component" in one]
    [share] = shares["component"]
    assert (share["code"], share["valueQuantity"]["value"]) == ({"text": "骨折"}, 0.54)


def test_a_version_that_was_altered_does_not_leave() -> None:
    report = signed().model_copy(update={"collection": "other"})
    with pytest.raises(RadciteError, match="altered"):
        fhir_bundle(report)
