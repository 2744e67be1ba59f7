"""An outcome as a reader sees it on a terminal."""

from typing import TYPE_CHECKING

from rich.markup import escape

from radcite.apps.cli.output import console
from radcite.core.claims import (
    Abstention,
    Answer,
    CaseLocation,
    CharLocation,
    Citation,
    Claim,
    ImageLocation,
)
from radcite.core.normalization import normalize
from radcite.core.sources import Case, Language, Passage

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show"]

_MARKS = {"supported": "[green]●[/]", "weak": "[yellow]○[/]", "unsupported": "[red]✗[/]"}
_WORDS: dict[str, dict[Language, str]] = {
    "abstained": {"en": "No answer", "zh": "未作答"},
    "searched": {"en": "Searched", "zh": "已检索"},
    "degraded": {"en": "Working without", "zh": "以下部分不可用"},
    "differential": {
        "en": "Differential (votes of similar cases)",
        "zh": "鉴别诊断（相似病例投票）",
    },
    "case": {"en": "case", "zh": "病例"},
    "draft": {"en": "Draft report, to review and sign", "zh": "报告草稿，待审阅签署"},
}


def show(outcome: Answer | Abstention) -> None:
    """Print the safety texts, then the claims with their places, or why there is no answer."""
    out, language = console(), outcome.language
    for advice in outcome.safety.red_flags:
        out.print(f"[bold white on red] ! [/] [bold red]{escape(advice)}[/]")
    out.print(f"[dim]{escape(outcome.safety.notice)}[/]")
    if outcome.degraded:
        out.print(f"[yellow]{_WORDS['degraded'][language]}: {', '.join(outcome.degraded)}[/]")
    if isinstance(outcome, Abstention):
        out.print(f"[bold]{_WORDS['abstained'][language]}[/] ({outcome.reason}): {outcome.message}")
        for searched in outcome.searched:
            out.print(f"  [dim]{_WORDS['searched'][language]}: {escape(searched)}[/]")
        return
    for claim in outcome.claims:
        _show_claim(claim, outcome, out)
    _show_rest(outcome, out)


def _show_rest(outcome: Answer, out: "Console") -> None:
    language = outcome.language
    if outcome.differential:
        out.print(f"[bold]{_WORDS['differential'][language]}[/]")
    for item in outcome.differential or ():
        name = item.condition.display[language]
        keys = ", ".join(item.supporting)
        out.print(f"  {item.probability:5.0%}  {escape(name)}  [cyan]{keys}[/]", highlight=False)
    if outcome.review is not None:
        command = f"radcite report show {outcome.review.report_id}"
        out.print(f"{_WORDS['draft'][language]}: [bold]{command}[/]", highlight=False)


def _show_claim(claim: Claim, outcome: Answer, out: "Console") -> None:
    keys = " ".join(f"[cyan]\\[{citation.evidence}][/]" for citation in claim.citations)
    out.print(f"{_MARKS[claim.support]} {escape(claim.text)} {keys}", highlight=False)
    said = normalize(claim.text).text
    for citation in claim.citations:
        out.print(f"    [dim]{escape(_place(citation, outcome))}[/]", highlight=False)
        if citation.quote and normalize(citation.quote).text not in said:
            out.print(f"      [dim]“{escape(citation.quote)}”[/]", highlight=False)


def _place(citation: Citation, outcome: Answer) -> str:
    evidence = next(item for item in outcome.evidence if item.key == citation.evidence)
    source, place, language = evidence.source, citation.place, outcome.language
    name = source.title or source.document_id if isinstance(source, Passage) else ""
    if isinstance(source, Case):
        name = f"{_WORDS['case'][language]} {source.case_id}"
    if isinstance(place, CharLocation):
        return f"{citation.evidence}: {name} [{place.start}–{place.end}]"
    if isinstance(place, CaseLocation):
        return f"{citation.evidence}: {name}, {place.field} [{place.start}–{place.end}]"
    if isinstance(place, ImageLocation):
        seen = place.observation
        return f"{citation.evidence}: {seen.tool} {seen.version}: {seen.value} {place.box or ''}"
    pages = sorted({box.page for box in place.boxes})
    spoken = ", ".join(f"p. {page}" if language == "en" else f"第 {page} 页" for page in pages)
    first = place.boxes[0].box
    return f"{citation.evidence}: {name}, {spoken} [{', '.join(f'{side:.0f}' for side in first)}]"
