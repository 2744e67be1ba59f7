"""A report in the form it was asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from radcite.core.errors import RadciteError
from radcite.core.review import Report

__all__ = ["MEDIA", "ExportForm", "exported"]

ExportForm = Literal["md", "pdf", "fhir", "fhir-r4", "sr"]
MEDIA: Mapping[ExportForm, str] = {
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "fhir": "application/fhir+json",
    "fhir-r4": "application/fhir+json; fhirVersion=4.0",
    "sr": "application/dicom",
}


def exported(report: Report, form: ExportForm, study: Sequence[bytes] = ()) -> bytes:
    """The document's bytes; text is UTF-8.

    Args:
        report: The version to write.
        form: Which form.
        study: The DICOM files of the report's own images, for `sr` alone.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed, or for `study` with another form.
    """
    if study and form != "sr":
        raise RadciteError("VALIDATION", "images go with the form `sr`", "图像仅用于 `sr` 格式")
    if form == "sr":
        from radcite.apps.reporting.dicom_sr import check_study, dicom_sr

        return dicom_sr(report, check_study(report, study))
    if form == "pdf":
        from radcite.apps.reporting.pdf import pdf

        return pdf(report)
    return _text(form)(report).encode()


def _text(form: Literal["md", "fhir", "fhir-r4"]) -> Callable[[Report], str]:
    if form == "fhir":
        from radcite.apps.reporting.fhir import fhir_bundle

        return fhir_bundle
    if form == "fhir-r4":
        from radcite.apps.reporting.fhir_r4 import fhir_r4_bundle

        return fhir_r4_bundle
    from radcite.apps.reporting.markdown import markdown

    return markdown
