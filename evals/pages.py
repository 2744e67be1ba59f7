"""Kept reports as one page: HTML that loads nothing, in English and Chinese, or Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from radcite.evals.results import Report, Row, SampleRecord

__all__ = ["html_page", "markdown_page"]

_MOST_SAMPLES = 200
_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("radcite: measured", "radcite：测量结果"),
    "system": ("system", "系统"),
    "metric": ("metric", "指标"),
    "n": ("n", "样本数"),
    "mean": ("mean", "均值"),
    "interval": ("95 % interval", "95% 区间"),
    "goal": ("asked", "目标"),
    "against": ("against", "对照"),
    "difference": ("difference", "差值"),
    "test": ("test", "检验"),
    "questions": ("single questions", "逐题"),
    "gold": ("right", "标准答案"),
    "said": ("said", "作答"),
    "provenance": ("made of", "来源"),
    "notes": ("notes", "说明"),
    "version": ("version", "版本"),
    "of": ("of", "共"),
}
_STYLE = """
body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;
color:#1c2733}
table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.15rem .7rem;text-align:left;
border-bottom:1px solid #dde4ea}
td.n{text-align:right;font-variant-numeric:tabular-nums}.met{color:#0a6b2d}.missed{color:#a3000f;font-weight:600}
details{margin:.3rem 0}blockquote{margin:.1rem 0 .1rem 1rem;padding-left:.6rem;border-left:3px solid #9ab;color:#456}
svg text{font:12px system-ui,'Noto Sans CJK SC',sans-serif;fill:#1c2733}
html[data-lang=zh] .en,html[data-lang=en] .zh{display:none}button{float:right}
"""
_SCRIPT = (
    "function other(){var r=document.documentElement;r.dataset.lang=r.dataset.lang=='zh'?'en':'zh'}"
    "if((navigator.language||'').startsWith('zh'))document.documentElement.dataset.lang='zh'"
)


def html_page(reports: Sequence[Report]) -> str:
    """One page: a plot and tables for each report, and its single questions with what was quoted."""
    body = "".join(part for report in reports for part in _section(report))
    return (
        '<!doctype html><html data-lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
        " script-src 'unsafe-inline'\">"
        f"<title>{_WORDS['title'][0]}</title><style>{_STYLE}</style></head><body>"
        f'<button onclick="other()">English / 中文</button><h1>{_both("title")}</h1>{body}'
        f"<script>{_SCRIPT}</script></body></html>\n"
    )


def markdown_page(reports: Sequence[Report]) -> str:
    """The tables of each report."""
    return "\n".join(line for report in reports for line in _markdown(report)) + "\n"


def _both(word: str) -> str:
    en, zh = _WORDS[word]
    return f'<span class="en">{en}</span><span class="zh">{zh}</span>'


def _section(report: Report) -> Iterator[str]:
    yield f"<h2>{escape(report.task)} <small>{_both('version')} {report.version}</small></h2>"
    yield _plot([row for row in report.rows if row.metric != "seconds"])
    yield _head("system", "metric", "n", "mean", "interval", "goal")
    for row in report.rows:
        yield _row_html(row)
    yield "</table>"
    if report.contrasts:
        yield _head("system", "against", "metric", "n", "difference", "interval", "test")
        for one in report.contrasts:
            cells = (one.system, one.baseline, one.metric)
            numbers = (str(one.n), f"{one.difference:+.4f}", f"{one.low:+.4f} … {one.high:+.4f}")
            yield f"<tr>{_cells(cells)}{_cells(numbers, 'n')}<td>p = {one.p:.4f} ({one.test})</td></tr>"
        yield "</table>"
    if report.notes:
        notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
        yield f"<details><summary>{_both('notes')}</summary><ul>{notes}</ul></details>"
    if report.samples:
        yield from _samples(report)
    made = "".join(
        f"<li>{escape(name)}: <code>{escape(str(value))}</code></li>"
        for part in (
            report.provenance.data,
            report.provenance.versions,
            report.provenance.fingerprints,
        )
        for name, value in part.items()
    )
    yield f"<details><summary>{_both('provenance')}</summary><ul>{made}</ul></details>"


def _samples(report: Report) -> Iterator[str]:
    shown = report.samples[:_MOST_SAMPLES]
    counted = f"{len(shown)} {_both('of')} {len(report.samples)}"
    yield f"<details><summary>{_both('questions')} ({counted})</summary>"
    scores: dict[str, list[str]] = {}
    for each in report.scores:
        if each.system == "asked" and each.metric != "seconds":
            for sample_id, value in zip(each.ids, each.values, strict=True):
                scores.setdefault(sample_id, []).append(f"{each.metric} {value:.2f}")
    for sample in shown:
        yield _sample(sample, ", ".join(scores.get(sample.id, [])))
    yield "</details>"


def _sample(sample: SampleRecord, scores: str) -> str:
    quotes = "".join(
        f"<blockquote>“{escape(one.quote)}” — {escape(one.source)}"
        f"{f', p. {one.page}' if one.page else ''}</blockquote>"
        for one in sample.quotes
    )
    return (
        f"<details><summary>{escape(sample.question[:300])} <small>{escape(scores)}</small></summary>"
        f"<p>{_both('gold')}: {escape(sample.gold)}</p>"
        f"<p>{_both('said')}: {escape(sample.said) or escape(sample.status)}</p>{quotes}</details>"
    )


def _plot(rows: Sequence[Row]) -> str:
    """A dot and its interval for each row whose values lie in [0, 1]; the goal is a tick."""
    plotted = [row for row in rows if row.low >= 0 and row.high <= 1]
    if not plotted:
        return ""
    left, width, step = 330, 420, 22
    height = step * len(plotted) + 30
    size = f'width="{left + width + 60}" height="{height}"'
    parts = [f'<svg role="img" {size} viewBox="0 0 {left + width + 60} {height}">']
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x = left + width * tick
        parts.append(
            f'<line x1="{x}" x2="{x}" y1="0" y2="{height - 20}" stroke="#dde4ea"/>'
            f'<text x="{x}" y="{height - 5}" text-anchor="middle">{tick:g}</text>'
        )
    for place, row in enumerate(plotted):
        y = step * place + 14
        low, mean, high = (left + width * value for value in (row.low, row.mean, row.high))
        name = escape(f"{row.system}: {row.metric}"[:52])
        parts.append(
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{name}</text>'
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="#2b6cb0" stroke-width="2"/>'
            f'<circle cx="{mean:.1f}" cy="{y}" r="4" fill="#2b6cb0"/>'
        )
        if row.goal is not None:
            goal = left + width * row.goal.value
            parts.append(
                f'<line x1="{goal:.1f}" x2="{goal:.1f}" y1="{y - 7}" y2="{y + 7}" stroke="#a3000f"/>'
            )
    return "".join(parts) + "</svg>"


def _head(*words: str) -> str:
    return f"<table><tr>{''.join(f'<th>{_both(word)}</th>' for word in words)}</tr>"


def _cells(texts: Sequence[str], kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return "".join(f"<td{mark}>{escape(text)}</td>" for text in texts)


def _row_html(row: Row) -> str:
    numbers = (_n(row), f"{row.mean:.4f}", f"{row.low:.4f} … {row.high:.4f}")
    mark = "" if row.met is None else ("met" if row.met else "missed")
    return (
        f"<tr>{_cells((row.system, row.metric))}{_cells(numbers, 'n')}"
        f'<td class="{mark}">{escape(_goal(row))}</td></tr>'
    )


def _markdown(report: Report) -> Iterator[str]:
    yield f"## {report.task} (version {report.version})\n"
    yield "| system | metric | n | mean | 95 % interval | asked |\n|---|---|---|---|---|---|"
    for row in report.rows:
        cells = (
            row.system,
            row.metric,
            _n(row),
            f"{row.mean:.3f}",
            f"{row.low:.3f} to {row.high:.3f}",
        )
        yield f"| {' | '.join(map(_plain, cells))} | {_goal(row)} |"
    if report.contrasts:
        yield "\n| system | against | metric | difference | 95 % interval | p |\n|---|---|---|---|---|---|"
    for one in report.contrasts:
        cells = (one.system, one.baseline, one.metric)
        interval = f"{one.low:+.3f} to {one.high:+.3f}"
        yield (
            f"| {' | '.join(map(_plain, cells))} | {one.difference:+.3f} | {interval} |"
            f" {one.p:.4f} ({one.test}) |"
        )
    yield ""
    for note in report.notes:
        yield f"- {_plain(note)}"
    yield ""


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _n(row: Row) -> str:
    return str(row.n) if row.n == row.units else f"{row.n} ({row.units})"


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    sign = "≥" if row.goal.bound == "least" else "≤"
    return f"{sign} {row.goal.value:g}: {'met' if row.met else 'missed'}"
