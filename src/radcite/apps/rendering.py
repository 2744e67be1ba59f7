"""An outcome as Markdown and as HTML: claims, their quotes and pages, and the works they cite.

Words of sources and users are escaped; nothing is loaded from anywhere.
"""

from collections.abc import Iterator, Mapping
from html import escape

from radcite.apps.reporting.texts import citation_line, evidence_line, plain_markdown
from radcite.core.claims import Abstention, AbstentionReason, Answer, Citation, Evidence
from radcite.core.sources import Language

__all__ = [
    "NOT_ANSWERED",
    "STYLE",
    "cited",
    "outcome_html",
    "outcome_markdown",
]

NOT_ANSWERED: Mapping[AbstentionReason, Mapping[Language, str]] = {
    "NO_EVIDENCE": {"en": "not reported", "zh": "未报告"},
    "NOT_SUPPORTED": {"en": "not supported", "zh": "缺乏支持"},
    "OUT_OF_DOMAIN": {"en": "out of domain", "zh": "超出范围"},
    "NOT_OFFERED": {"en": "not offered", "zh": "未开放"},
    "PERSON_NEEDED": {"en": "handed to a person", "zh": "已转交人工"},
    "ASKED_BACK": {"en": "asked back", "zh": "需要补充"},
}
"""What a table says in place of an answer: never a blank."""
_WORDS: Mapping[str, Mapping[Language, str]] = {
    "evidence": {"en": "Evidence", "zh": "证据"},
    "searched": {"en": "Searched", "zh": "已检索"},
    "degraded": {"en": "Working without", "zh": "以下部分不可用"},
    "weak": {"en": "weakly supported", "zh": "支持较弱"},
    "unsupported": {"en": "not supported", "zh": "缺乏支持"},
    "differential": {
        "en": "Differential (votes of similar cases)",
        "zh": "鉴别诊断（相似病例投票）",
    },
}
STYLE = (
    "<style>.radcite{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;max-width:48rem}"
    ".radcite blockquote{margin:.1rem 0 .5rem 1rem;padding-left:.6rem;border-left:3px solid #9ab;"
    "color:#456;font-size:.92em}.radcite .flag{color:#fff;background:#b00020;padding:.3rem .6rem}"
    ".radcite .notice{color:#667;font-size:.85em}.radcite .weak{color:#8a5a00}</style>"
)


def cited(outcome: Answer) -> list[Evidence]:
    """The evidence that some claim cites, in the order of its keys."""
    keys = {one.evidence for claim in outcome.claims for one in claim.citations}
    for item in outcome.differential or ():
        keys.update(item.supporting, item.against)
    return [item for item in outcome.evidence if item.key in keys]


def outcome_markdown(outcome: Answer | Abstention) -> str:
    """Safety texts, claims with their quotes, and the cited works; or why there is no answer."""
    return "\n".join(_markdown(outcome)) + "\n"


def _markdown(outcome: Answer | Abstention) -> Iterator[str]:
    language = outcome.language
    for advice in outcome.safety.red_flags:
        yield f"> **{plain_markdown(advice)}**\n"
    if outcome.degraded:
        yield f"*{_WORDS['degraded'][language]}: {', '.join(outcome.degraded)}*\n"
    if isinstance(outcome, Abstention):
        yield f"**{NOT_ANSWERED[outcome.reason][language]}** — {plain_markdown(outcome.message)}\n"
        for searched in outcome.searched:
            yield f"- {_WORDS['searched'][language]}: {plain_markdown(searched)}"
    else:
        yield from _answer_markdown(outcome)
    yield f"\n*{plain_markdown(outcome.safety.notice)}*"


def _answer_markdown(outcome: Answer) -> Iterator[str]:
    language = outcome.language
    for claim in outcome.claims:
        doubt = "" if claim.support == "supported" else f" ({_WORDS[claim.support][language]})"
        yield f"- {plain_markdown(claim.text)}{doubt}"
        for citation in claim.citations:
            yield f"  - {plain_markdown(citation_line(citation, language))}"
    if outcome.differential:
        yield f"\n**{_WORDS['differential'][language]}**\n"
    for item in outcome.differential or ():
        name = plain_markdown(item.condition.display[language])
        yield f"- {item.probability:.0%} {name} ({', '.join(item.supporting)})"
    yield f"\n**{_WORDS['evidence'][language]}**\n"
    for item in cited(outcome):
        yield f"- {item.key}: {plain_markdown(evidence_line(item, language))}"


def outcome_html(outcome: Answer | Abstention) -> str:
    """The same as a fragment of HTML in an element of class `radcite`."""
    return f'<div class="radcite" lang="{outcome.language}">{"".join(_html(outcome))}</div>'


def _html(outcome: Answer | Abstention) -> Iterator[str]:
    language = outcome.language
    for advice in outcome.safety.red_flags:
        yield f'<p class="flag">{escape(advice)}</p>'
    if outcome.degraded:
        yield f"<p><em>{_WORDS['degraded'][language]}: {', '.join(outcome.degraded)}</em></p>"
    if isinstance(outcome, Abstention):
        status = NOT_ANSWERED[outcome.reason][language]
        yield f"<p><strong>{status}</strong> — {escape(outcome.message)}</p><ul>"
        for searched in outcome.searched:
            yield f"<li>{_WORDS['searched'][language]}: {escape(searched)}</li>"
        yield "</ul>"
    else:
        yield from _answer_html(outcome)
    yield f'<p class="notice">{escape(outcome.safety.notice)}</p>'


def _answer_html(outcome: Answer) -> Iterator[str]:
    language = outcome.language
    yield "<ul>"
    for claim in outcome.claims:
        doubt = (
            ""
            if claim.support == "supported"
            else f' <span class="weak">({_WORDS[claim.support][language]})</span>'
        )
        quotes = "".join(_quote_html(one, language) for one in claim.citations)
        yield f"<li>{escape(claim.text)}{doubt}{quotes}</li>"
    yield "</ul>"
    if outcome.differential:
        yield f"<p><strong>{_WORDS['differential'][language]}</strong></p><ul>"
        for item in outcome.differential:
            name = escape(item.condition.display[language])
            yield f"<li>{item.probability:.0%} {name} ({', '.join(item.supporting)})</li>"
        yield "</ul>"
    yield f"<p><strong>{_WORDS['evidence'][language]}</strong></p><ul>"
    for item in cited(outcome):
        yield f"<li>{item.key}: {escape(evidence_line(item, language))}</li>"
    yield "</ul>"


def _quote_html(citation: Citation, language: Language) -> str:
    return f"<blockquote>{escape(citation_line(citation, language))}</blockquote>"
