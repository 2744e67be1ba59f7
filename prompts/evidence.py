"""Evidence and other foreign text as data within a prompt: fenced, and nothing in it a fence."""

import re
from collections.abc import Iterator, Sequence

from radcite.core.claims import Evidence
from radcite.core.sources import Case, Passage, Region, Source, Term

__all__ = ["fence", "inert"]

# What a chat template or a reader of our fences would take for structure, in plain and full width.
_MARKER = re.compile(
    r"[<＜]{2,}|[>＞]{2,}|[<＜](?=[|｜])|[|｜](?=[>＞])"
    r"|(?i:[<＜](?=/?(?:s|pad|bos|eos|think|image|video|system|user|assistant|(?:start|end)_of_\w+)[>＞])"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|IMG|TOOL_CALLS)\]))"
)
# White space of every kind stays: a quote is compared after white space was made one blank.
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def inert(text: str) -> str:
    """The text without control and invisible characters, and its markers broken by blanks.

    Text that holds neither comes back as it is, so that quotes of it stay verbatim.
    """
    visible = _CONTROL.sub("", text)
    return _MARKER.sub(lambda match: " ".join(match.group()) + " ", visible)


def fence(evidence: Sequence[Evidence]) -> str:
    """One block per piece of evidence, in the order of their keys: its subject, then its words."""
    ordered = sorted(evidence, key=lambda item: int(item.key[1:]))
    return "\n\n".join(_block(item) for item in ordered)


def _block(item: Evidence) -> str:
    lines = [f"about: {_line(_about(item.source))}", *_words(item.source)]
    return "\n".join((f"<<<{item.key}>>>", *lines, f"<<<END {item.key}>>>"))


def _about(source: Source) -> str:
    match source:
        case Case():
            return f"case:{source.case_id}"
        case Region():
            return "query_image"
        case Passage():
            return "literature"
        case Term():
            return "general"


def _words(source: Source) -> Iterator[str]:
    match source:
        case Passage():
            if source.retracted:
                yield "status: retracted"
            yield f"title: {_line(source.title)}"
            yield f"text: {_indented(source.text)}"
        case Case():
            yield from _case_words(source)
        case Region():
            seen = source.observation
            score = "" if seen.score is None else f" ({seen.score:.2f})"
            yield f"observation: {_line(seen.value)}{score}"
        case Term():
            yield f"text: {_indented(source.quote)}"


def _case_words(case: Case) -> Iterator[str]:
    fields = {
        "diagnosis": case.diagnosis or "",
        **{f"findings.{number}": finding for number, finding in enumerate(case.findings)},
        "report": case.report,
    }
    for name, text in fields.items():
        if text:
            yield f"{name}: {_indented(text)}"


def _line(text: str) -> str:
    return " ".join(inert(text).split())


def _indented(text: str) -> str:
    # So that no line of a source stands where the lines that describe it stand.
    return "\n  ".join(inert(text).strip().splitlines())
