"""A report as Markdown."""

from collections.abc import Iterator

from radcite.apps.reporting.texts import (
    WORDS,
    check_intact,
    citation_line,
    cited_evidence,
    evidence_line,
    findings_by_subject,
    form_lines,
    heading,
    patient_lines,
    plain_markdown,
    signature_line,
)
from radcite.core.review import Finding, Report
from radcite.core.sources import Language
from radcite.core.vault import Original

__all__ = ["markdown"]


def markdown(report: Report, original: Original | None = None) -> str:
    """The report in its own language: status, findings with their quotes by subject, evidence, signatures.

    Rejected findings are left out. Text of sources and people is escaped.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed.
    """
    check_intact(report)
    return "\n".join(_lines(report, original)) + "\n"


def _lines(report: Report, original: Original | None) -> Iterator[str]:
    language = report.language
    yield from _head(report, original)
    yield from _form(report)
    for title, findings in findings_by_subject(report):
        yield f"\n## {title}\n"
        for finding in findings:
            yield from _finding(finding, language)
    yield from _tail(report)


def _tail(report: Report) -> Iterator[str]:
    language = report.language
    if report.upheld:
        yield f"\n## {WORDS['differential'][language]}\n"
    for item in report.upheld:
        name = plain_markdown(item.condition.display[language])
        yield f"- {item.probability:.0%} {name} ({', '.join(item.supporting)})"
    cited = cited_evidence(report)
    if cited:
        yield f"\n## {WORDS['evidence'][language]}\n"
    for item in cited:
        yield f"- {item.key}: {plain_markdown(evidence_line(item, language))}"
    if report.signatures:
        yield f"\n## {WORDS['signatures'][language]}\n"
    for one in report.signatures:
        yield f"- {plain_markdown(signature_line(one, language))}"


def _head(report: Report, original: Original | None) -> Iterator[str]:
    patient, origin = patient_lines(report, original)
    language = report.language
    yield f"# {WORDS['report'][language]} {report.report_id}"
    yield f"\n**{heading(report)}** · {WORDS['version'][language]} {report.version}\n"
    yield f"- {WORDS['created'][language]}: {report.created_at}"
    if patient:
        yield f"- {plain_markdown(patient) if original else patient}"
    if report.amendment:
        yield f"- {WORDS['amendment'][language]}: {plain_markdown(report.amendment)}"
    yield f"\n{origin}"
    if not report.signed:
        yield f"\n> {plain_markdown(report.safety.notice)}"
    for advice in report.safety.red_flags:
        yield f"\n> **{plain_markdown(advice)}**"


def _form(report: Report) -> Iterator[str]:
    if report.form is None:
        return
    yield f"\n## {plain_markdown(report.form.title)}"
    for title, text in form_lines(report):
        yield f"\n### {plain_markdown(title)}\n"
        yield from (f"{plain_markdown(line)}  " for line in text.splitlines())


def _finding(finding: Finding, language: Language) -> Iterator[str]:
    yield f"- **{finding.id}** {plain_markdown(finding.wording)}"
    if finding.edited:
        yield f"  - {WORDS['drafted'][language]}: {plain_markdown(finding.text)}"
    for citation in finding.citations:
        yield f"  - {plain_markdown(citation_line(citation, language))}"
