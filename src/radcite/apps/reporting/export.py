"""A report in the form it was asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from radcite.core.errors import RadciteError
from radcite.core.review import Report
from radcite.core.vault import Original

__all__ = ["MEDIA", "ExportForm", "exported"]

ExportForm = Literal["md", "pdf", "fhir", "fhir-r4", "sr"]
MEDIA: Mapping[ExportForm, str] = {
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "fhir": "application/fhir+json",
    "fhir-r4": "application/fhir+json; fhirVersion=4.0",
    "sr": "application/dicom",
}


def exported(
    report: Report,
    form: ExportForm,
    study: Sequence[bytes] = (),
    original: Original | None = None,
) -> bytes:
    """The document's bytes; text is UTF-8.

    Args:
        report: The version to write.
        form: Which form.
        study: The DICOM files of the report's own images, for `sr` alone.
        original: Whose report it is, to be named in place of the pseudonym; not for `sr`, which takes `study`.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed, or for `study` with another form.
    """
    if study and form != "sr":
        raise RadciteError("VALIDATION", "images go with the form `sr`", "图像仅用于 `sr` 格式")
    if original is not None and form == "sr":
        raise RadciteError(
            "VALIDATION", "a DICOM SR takes its patient from --image", "DICOM SR 的患者取自 --image"
        )
    if form == "sr":
        from radcite.apps.reporting.dicom_sr import check_study, dicom_sr

        return dicom_sr(report, check_study(report, study))
    if form == "pdf":
        from radcite.apps.reporting.pdf import pdf

        return pdf(report, original)
    return _text(form)(report, original).encode()


def _text(form: Literal["md", "fhir", "fhir-r4"]) -> Callable[[Report, Original | None], str]:
    if form == "fhir":
        from radcite.apps.reporting.fhir import fhir_bundle

        return fhir_bundle
    if form == "fhir-r4":
        from radcite.apps.reporting.fhir_r4 import fhir_r4_bundle

        return fhir_r4_bundle
    from radcite.apps.reporting.markdown import markdown

    return markdown
