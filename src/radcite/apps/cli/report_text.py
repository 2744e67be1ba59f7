"""A report under review as a reader sees it on a terminal."""

from typing import TYPE_CHECKING

from rich.markup import escape

from radcite.apps.cli.output import console
from radcite.apps.reporting.texts import (
    COMPARED,
    DECISIONS,
    WORDS,
    citation_line,
    evidence_line,
    heading,
)

if TYPE_CHECKING:
    from rich.console import Console

    from radcite.core.priors import Comparison
    from radcite.core.review import Finding, Report
    from radcite.core.sources import Language

__all__ = ["show_comparison", "show_report"]

_COLOURS = {"pending": "yellow", "accepted": "green", "edited": "cyan", "rejected": "red"}


def show_report(report: "Report") -> None:
    """Print status, every finding with its decision and quotes, the evidence and the signatures."""
    out, language = console(), report.language
    title = f"{WORDS['report'][language]} {report.report_id}"
    version = f"{WORDS['version'][language]} {report.version}"
    out.print(f"[bold]{escape(title)}[/]  {version}  [bold]{heading(report)}[/]", highlight=False)
    if not report.intact:
        out.print(f"[bold white on red] {WORDS['altered'][language]} [/]")
    for advice in report.safety.red_flags:
        out.print(f"[bold red]! {escape(advice)}[/]")
    if report.amendment:
        _print(out, f"{WORDS['amendment'][language]}: {report.amendment}")
    _show_form(out, report)
    for finding in report.findings:
        _show_finding(out, finding, language)
    for item in report.differential or ():
        name = escape(item.condition.display[language])
        out.print(
            f"  {item.probability:5.0%}  {name}  {', '.join(item.supporting)}", highlight=False
        )
    for item in report.evidence:
        _print(out, f"{item.key}: {evidence_line(item, language)}")
    for one in report.signatures:
        told = f"{WORDS['version'][language]} {one.version}: {one.signer}, {one.signed_at}"
        _print(out, f"{told}, SHA-256 {one.digest[:16]}…")


def show_comparison(report: "Report", prior: "Report", told: "Comparison") -> None:
    """Print each finding with what the prior report said in its place."""
    out, language = console(), report.language
    version = f"{WORDS['version'][language]} {told.prior_version}"
    _print(out, f"{WORDS['prior'][language]}: {told.prior_id}, {version}, {told.prior_at}")
    now = {one.id: one.wording for one in report.findings}
    before = {one.id: one.wording for one in prior.findings}
    for one in told.findings:
        _print(out, COMPARED[one.change][language])
        if one.finding:
            _print(out, f"    {one.finding} {now[one.finding]}")
        if one.prior and one.change != "repeated":
            _print(out, f"    ({one.prior}) {before[one.prior]}")
    _print(out, WORDS["by_words"][language])


def _show_form(out: "Console", report: "Report") -> None:
    missing = {field.id for field in report.missing}
    for field in report.form.fields if report.form else ():
        state = f" [red]{WORDS['required'][report.language]}[/]" if field.id in missing else ""
        placed = f" ({', '.join(field.findings)})" if field.findings else ""
        out.print(f"[bold]{field.id}[/] {escape(field.title)}{placed}{state}", highlight=False)
        for line in (field.text or "").splitlines():
            out.print(f"    {escape(line)}", highlight=False)


def _show_finding(out: "Console", finding: "Finding", language: "Language") -> None:
    colour, decision = _COLOURS[finding.decision], DECISIONS[finding.decision][language]
    out.print(
        f"[bold]{finding.id}[/] [{colour}]{decision}[/] {escape(finding.wording)}", highlight=False
    )
    if finding.edited:
        _print(out, f"    {WORDS['drafted'][language]}: {finding.text}")
    if finding.reason:
        _print(out, f"    {WORDS['reason'][language]}: {finding.reason}")
    for citation in finding.citations:
        _print(out, f"    {citation_line(citation, language)}")


def _print(out: "Console", text: str) -> None:
    out.print(f"[dim]{escape(text)}[/]", highlight=False)
