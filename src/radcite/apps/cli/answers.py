"""An outcome as a reader sees it on a terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from rich.markup import escape

from radcite.apps.cli.output import console
from radcite.apps.reporting.texts import page_words
from radcite.core.claims import (
    Abstention,
    Answer,
    CaseLocation,
    CharLocation,
    Citation,
    Claim,
    Evidence,
    ImageLocation,
    Safety,
)
from radcite.core.normalization import normalize
from radcite.core.sources import Case, Language, Passage, Term

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Page", "outcome_asks", "show"]

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
    "besides": {"en": "Besides", "zh": "此外"},
    "gloss": {"en": "In English (by the model)", "zh": "译文（模型翻译）"},
    "draft": {"en": "Draft report, to review and sign", "zh": "报告草稿，待审阅签署"},
}

_PARTS: dict[str, dict[Language, str]] = {
    "for": {"en": "For", "zh": "支持"},
    "against": {"en": "Against", "zh": "反对"},
    "next_step": {"en": "What to do next", "zh": "接下来"},
    "technique": {"en": "Technique", "zh": "检查技术"},
    "impression": {"en": "Impression", "zh": "印象"},
}


def outcome_asks(outcome: Answer | Abstention) -> bool:
    """Whether the outcome is a question to the user."""
    return isinstance(outcome, Abstention) and outcome.reason == "ASKED_BACK"


def show(outcome: Answer | Abstention) -> None:
    """Print the safety texts, then the claims with their places, or why there is no answer."""
    Page().end(outcome)


class Page:
    """An answer on a terminal, printed as it comes: the safety texts, each checked claim, then the rest."""

    def __init__(self) -> None:
        self._out = console()
        self._language: Language = "en"
        self._evidence: Sequence[Evidence] = ()
        self._safety: Safety | None = None
        self._claims = 0
        self._part: str | None = None

    def hear(self, change: Mapping[str, object]) -> None:
        """Take in what a step of the agent gave, or a claim that was checked, and print what may be shown."""
        if isinstance(safety := change.get("safety"), Safety):
            self._language = cast("Language", change.get("language") or "en")
            self._show_safety(safety)
        if "evidence" in change:
            self._evidence = cast("Sequence[Evidence]", change["evidence"])
        if isinstance(claim := change.get("claim"), Claim):
            self._show_claim(claim)

    def end(self, outcome: Answer | Abstention) -> None:
        """Print what is left of the outcome."""
        out, self._language = self._out, outcome.language
        if self._safety != outcome.safety:
            self._show_safety(outcome.safety)
        if outcome.degraded:
            named = ", ".join(outcome.degraded)
            out.print(f"[yellow]{_WORDS['degraded'][self._language]}: {named}[/]")
        if isinstance(outcome, Abstention) and outcome_asks(outcome):
            out.print(f"[bold cyan]?[/] {escape(outcome.message)}")
            return
        if isinstance(outcome, Abstention):
            head = f"[bold]{_WORDS['abstained'][self._language]}[/]"
            out.print(f"{head} ({outcome.reason}): {outcome.message}")
            for searched in outcome.searched:
                out.print(f"  [dim]{_WORDS['searched'][self._language]}: {escape(searched)}[/]")
            return
        self._evidence = outcome.evidence
        for claim in outcome.claims[self._claims :]:
            self._show_claim(claim)
        _show_rest(outcome, out)

    def _show_safety(self, safety: Safety) -> None:
        self._safety = safety
        for advice in safety.red_flags:
            self._out.print(f"[bold white on red] ! [/] [bold red]{escape(advice)}[/]")
        self._out.print(f"[dim]{escape(safety.notice)}[/]")

    def _show_claim(self, claim: Claim) -> None:
        self._claims += 1
        if claim.part in _PARTS and claim.part != self._part:
            self._out.print(f"[bold]{_PARTS[claim.part][self._language]}[/]")
        elif claim.part is None and self._part in _PARTS:
            self._out.print(f"[bold]{_WORDS['besides'][self._language]}[/]")
        self._part = claim.part
        keys = " ".join(f"[cyan]\\[{citation.evidence}][/]" for citation in claim.citations)
        self._out.print(f"{_MARKS[claim.support]} {escape(claim.text)} {keys}", highlight=False)
        if claim.gloss:
            label = _WORDS["gloss"][self._language]
            self._out.print(f"    {label}: [italic]{escape(claim.gloss)}[/]", highlight=False)
        said = normalize(claim.text).text
        for citation in claim.citations:
            place = _place(citation, self._evidence, self._language)
            self._out.print(f"    [dim]{escape(place)}[/]", highlight=False)
            if citation.quote and normalize(citation.quote).text not in said:
                self._out.print(f"      [dim]“{escape(citation.quote)}”[/]", highlight=False)


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


def _place(citation: Citation, evidence: Sequence[Evidence], language: Language) -> str:
    source = next(item.source for item in evidence if item.key == citation.evidence)
    place = citation.place
    name = source.title or source.document_id if isinstance(source, Passage) else ""
    if isinstance(source, Term):
        name = source.source_url or source.document_id
    if isinstance(source, Case):
        name = f"{_WORDS['case'][language]} {source.case_id}"
    if isinstance(place, CharLocation):
        return f"{citation.evidence}: {name} [{place.start}–{place.end}]"
    if isinstance(place, CaseLocation):
        return f"{citation.evidence}: {name}, {place.field} [{place.start}–{place.end}]"
    if isinstance(place, ImageLocation):
        seen = place.observation
        if place.on_page is not None:
            box = ", ".join(f"{side:.0f}" for side in place.on_page.box)
            page = page_words(place.on_page.page, language)
            return f"{citation.evidence}: {name}, {page}, {seen.value} [{box}]"
        return f"{citation.evidence}: {seen.tool} {seen.version}: {seen.value} {place.box or ''}"
    pages = sorted({box.page for box in place.boxes})
    spoken = ", ".join(page_words(page, language) for page in pages)
    first = place.boxes[0].box
    return f"{citation.evidence}: {name}, {spoken} [{', '.join(f'{side:.0f}' for side in first)}]"
