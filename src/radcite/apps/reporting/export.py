"""A report in the form it was asked for."""

from typing import Literal

from radcite.core.review import Report

__all__ = ["ExportForm", "exported"]

ExportForm = Literal["md", "fhir"]


def exported(report: Report, form: ExportForm) -> bytes:
    """The document's bytes; text is UTF-8.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed.
    """
    if form == "fhir":
        from radcite.apps.reporting.fhir import fhir_bundle

        return fhir_bundle(report).encode()
    from radcite.apps.reporting.markdown import markdown

    return markdown(report).encode()
