"""A report as PDF."""

from collections.abc import Iterator
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from radcite.apps.reporting.texts import (
    STATUS,
    WORDS,
    check_intact,
    citation_line,
    cited_evidence,
    evidence_line,
    findings_by_subject,
    form_lines,
    heading,
    patient_lines,
    signature_line,
)
from radcite.core.review import Finding, Report
from radcite.core.vault import Original
from radcite.core.written import without_controls

if TYPE_CHECKING:
    from pymupdf import Page

__all__ = ["pdf"]

_WIDTH, _HEIGHT = 595, 842
_MARGIN = 56
_FONT = "radcite"
_STYLE = """
body { font-family: sans-serif; font-size: 10pt; line-height: 1.35; }
h1 { font-size: 15pt; } h2 { font-size: 12pt; margin-top: 10pt; } h3 { font-size: 10.5pt; }
.small { font-size: 8.5pt; color: #444444; }
.warn { font-weight: bold; }
"""


def pdf(report: Report, original: Original | None = None) -> bytes:
    """The report on A4 pages in its own language; a version that is not signed is marked on every page.

    Rejected findings are left out.

    Raises:
        RadciteError: `VALIDATION` for a version that is not what was signed.
    """
    import pymupdf

    check_intact(report)
    story = pymupdf.Story(html="".join(_html(report, original)), user_css=_STYLE)
    inside = pymupdf.Rect(_MARGIN, _MARGIN, _WIDTH - _MARGIN, _HEIGHT - _MARGIN)
    laid_out = BytesIO()
    writer = pymupdf.DocumentWriter(laid_out)
    more = 1
    while more:
        device = writer.begin_page(pymupdf.Rect(0, 0, _WIDTH, _HEIGHT))
        more = cast("int", story.place(inside)[0])
        story.draw(device)
        writer.end_page()
    writer.close()
    with pymupdf.open("pdf", laid_out.getvalue()) as document:
        for page in cast("list[Page]", document):
            _mark(page, report, cast("int", document.page_count))
        document.set_metadata(_metadata(report))
        document.subset_fonts()
        return document.tobytes(garbage=3, deflate=True)


def _html(report: Report, original: Original | None) -> Iterator[str]:
    language = report.language
    patient, told = patient_lines(report, original)
    yield f'<body lang="{language}"><h1>{_said("report", report)} {_plain(report.report_id)}</h1>'
    version = f"{_said('version', report)} {report.version}"
    yield f"<p><b>{_plain(heading(report))}</b> · {version}</p>"
    yield f"<p>{_said('created', report)}: {_plain(report.created_at)}</p>"
    if patient:
        yield f"<p>{_plain(patient)}</p>"
    if report.amendment:
        yield f"<p>{_said('amendment', report)}: {_plain(report.amendment)}</p>"
    yield f'<p class="small">{_plain(told)}</p>'
    if not report.signed:
        yield f'<p class="small">{_plain(report.safety.notice)}</p>'
    for advice in report.safety.red_flags:
        yield f'<p class="warn">{_plain(advice)}</p>'
    yield from _form(report)
    for title, findings in findings_by_subject(report):
        yield f"<h2>{_plain(title)}</h2>"
        for finding in findings:
            yield from _finding(finding, report)
    yield from _tail(report)
    yield "</body>"


def _form(report: Report) -> Iterator[str]:
    if report.form is None:
        return
    yield f"<h2>{_plain(report.form.title)}</h2>"
    for title, text in form_lines(report):
        lines = "<br/>".join(_plain(line) for line in text.splitlines())
        yield f"<h3>{_plain(title)}</h3><p>{lines}</p>"


def _finding(finding: Finding, report: Report) -> Iterator[str]:
    yield f"<p><b>{finding.id}</b> {_plain(finding.wording)}</p>"
    if finding.edited:
        yield f'<p class="small">{_said("drafted", report)}: {_plain(finding.text)}</p>'
    for citation in finding.citations:
        yield f'<p class="small">{_plain(citation_line(citation, report.language))}</p>'


def _tail(report: Report) -> Iterator[str]:
    language = report.language
    if report.upheld:
        yield f"<h2>{_said('differential', report)}</h2>"
    for item in report.upheld:
        name = _plain(item.condition.display[language])
        yield f"<p>{item.probability:.0%} {name} ({_plain(', '.join(item.supporting))})</p>"
    cited = cited_evidence(report)
    if cited:
        yield f"<h2>{_said('evidence', report)}</h2>"
    for one in cited:
        yield f'<p class="small">{one.key}: {_plain(evidence_line(one, language))}</p>'
    if report.signatures:
        yield f"<h2>{_said('signatures', report)}</h2>"
    for signature in report.signatures:
        yield f'<p class="small">{_plain(signature_line(signature, language))}</p>'


def _mark(page: "Page", report: Report, pages: int) -> None:
    """The foot of a page, and across it the state of what is not signed."""
    import pymupdf

    # It holds Chinese and Latin letters, and is embedded: no reader has to have it.
    page.insert_font(fontname=_FONT, fontbuffer=cast("bytes", pymupdf.Font("cjk").buffer))
    foot = f"{report.report_id} · {WORDS['version'][report.language]} {report.version}"
    _write(page, (_MARGIN, _HEIGHT - 22), f"{foot} · {(page.number or 0) + 1}/{pages}", size=7)
    if report.signed:
        return
    words = f"{STATUS['draft']['zh']} {STATUS['draft']['en']}"
    middle = pymupdf.Point(_WIDTH / 2, _HEIGHT / 2)
    start = (_WIDTH / 2 - 230, _HEIGHT / 2 + 12)
    _write(page, start, words, size=34, grey=0.82, morph=(middle, pymupdf.Matrix(45)))


def _write(
    page: "Page", at: tuple[float, float], words: str, *, size: float, grey: float = 0.3, **how: Any
) -> None:
    page.insert_text(
        at, words, fontname=_FONT, fontsize=size, color=(grey,) * 3, overlay=False, **how
    )


def _metadata(report: Report) -> dict[str, str]:
    return {
        "title": f"{WORDS['report'][report.language]} {report.report_id}",
        "subject": heading(report),
        "creator": "radcite",
        "producer": "radcite",
    }


def _said(word: str, report: Report) -> str:
    return escape(WORDS[word][report.language])


def _plain(text: str) -> str:
    return escape(" ".join(without_controls(text).split()))
