"""A file for each question: its answer with quotes, pages and the works cited, and a list of them all."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Literal

from radcite.apps.batching.results import ResultLine
from radcite.apps.rendering import (
    NOT_ANSWERED,
    STYLE,
    outcome_html,
    outcome_markdown,
)
from radcite.apps.reporting.texts import plain_markdown
from radcite.core.claims import Answer

__all__ = ["DossierFormat", "write_dossiers"]

DossierFormat = Literal["markdown", "html"]
_SUFFIX: dict[DossierFormat, str] = {"markdown": "md", "html": "html"}


def write_dossiers(lines: Iterable[ResultLine], how: DossierFormat, folder: Path) -> int:
    """Write `00001.md` (or `.html`) and so on in the order of the questions, and `index`; how many.

    Files are named by number, so that no id or question gets into a file name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[str] = []
    number = 0
    for number, line in enumerate(lines, 1):
        name = f"{number:05}.{_SUFFIX[how]}"
        (folder / name).write_text(_page(line, how), "utf-8")
        listed.append(_entry(line, name, how))
    (folder / f"index.{_SUFFIX[how]}").write_text(_index(listed, how), "utf-8")
    return number


def _page(line: ResultLine, how: DossierFormat) -> str:
    made = line.made
    by = f"{made.model}, radcite {made.radcite}" if made else "radcite"
    if how == "markdown":
        body = outcome_markdown(line.outcome) if line.outcome else f"**{_status(line)}**\n"
        return f"# {plain_markdown(line.question)}\n\n`{plain_markdown(line.id)}` · {by}\n\n{body}"
    body = (
        outcome_html(line.outcome) if line.outcome else f"<p><strong>{_status(line)}</strong></p>"
    )
    title = escape(line.question)
    return _document(title, f"<h1>{title}</h1><p>{escape(line.id)} · {escape(by)}</p>{body}")


def _entry(line: ResultLine, name: str, how: DossierFormat) -> str:
    if how == "markdown":
        return f"- [{plain_markdown(line.question)}]({name}) — {_status(line)}\n"
    return f'<li><a href="{name}">{escape(line.question)}</a> — {escape(_status(line))}</li>'


def _index(listed: list[str], how: DossierFormat) -> str:
    if how == "markdown":
        return "".join(listed)
    return _document("radcite", f"<ol>{''.join(listed)}</ol>")


def _document(title: str, body: str) -> str:
    return (
        f'<!doctype html><meta charset="utf-8"><title>{title}</title>{STYLE}'
        f'<body class="radcite">{body}</body>\n'
    )


def _status(line: ResultLine) -> str:
    if line.outcome is None:
        return f"failed: {line.error.code if line.error else 'INTERNAL'}"
    if isinstance(line.outcome, Answer):
        return "reported" if line.outcome.language == "en" else "已报告"
    return NOT_ANSWERED[line.outcome.reason][line.outcome.language]
