"""The steps that put a form on a report and fill it; each is a `Change`, as the decisions are."""

from radcite.core.errors import RadciteError
from radcite.core.report_form import ReportForm, written
from radcite.core.review import Report
from radcite.core.review_steps import check_open

__all__ = ["fill", "lay_out"]


def lay_out(report: Report, form: ReportForm) -> Report:
    """Put a form on an unsigned version; what was written under a heading of the same id stays.

    Raises:
        RadciteError: `VALIDATION` for a signed version.
    """
    check_open(report)
    before = {one.id: one.text for one in report.form.fields} if report.form else {}
    fields = tuple(
        one.model_copy(update={"text": one.text or before.get(one.id)}) for one in form.fields
    )
    return report.model_copy(update={"form": form.model_copy(update={"fields": fields})})


def fill(report: Report, field: str, text: str | None) -> Report:
    """Write under a heading of an unsigned version; nothing, or white space, empties it.

    Raises:
        RadciteError: `NOT_FOUND` for the heading or where there is no form; `VALIDATION` for a signed version,
            control characters or too much text.
    """
    check_open(report)
    form = report.form
    if form is None or field not in {one.id for one in form.fields}:
        raise RadciteError("NOT_FOUND", "no such heading in this report", "该报告没有此栏目")
    words = written(text)
    fields = tuple(
        one.model_copy(update={"text": words}) if one.id == field else one for one in form.fields
    )
    return report.model_copy(update={"form": form.model_copy(update={"fields": fields})})
