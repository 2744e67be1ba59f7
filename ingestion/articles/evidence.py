"""What of an article may be cited."""

from collections.abc import Iterable, Sequence

from radcite.ingestion.articles.apparatus import Aside
from radcite.ingestion.articles.blocks import Block

__all__ = ["evidence_of", "less"]

_RUNNING = frozenset({"heading", "paragraph"})


def evidence_of(
    text: str, blocks: Sequence[Block], asides: Sequence[Aside], *, runs: bool
) -> tuple[tuple[int, int], ...]:
    """The stretches `[start, end)` of an article's text that are searched and cited.

    Each caption is one, and so is each table together with the caption above it. The list of references and the
    asides, statements of the authors and furniture of the journal, are left out.

    Args:
        text: The article's text.
        blocks: Its parts in their order.
        asides: What of it says nothing of its subject.
        runs: Whether paragraphs that follow one another are one stretch with the headings among them, as where the
            lines of pages do not always tell where a paragraph ends; else each is one, without headings.
    """
    spans: list[tuple[int, int]] = []
    before = ""
    for block in blocks:
        joined = before in _RUNNING and block.kind in _RUNNING if runs else False
        if joined or (block.kind == "table" and before == "caption"):
            spans[-1] = (spans[-1][0], block.end)
        elif block.kind != "reference" and (runs or block.kind != "heading"):
            spans.append((block.start, block.end))
        before = block.kind
    return less(spans, asides, text)


def less(
    spans: Iterable[tuple[int, int]], asides: Sequence[Aside], text: str
) -> tuple[tuple[int, int], ...]:
    """The spans without the asides; what holds no letter is left out."""
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        at = start
        for aside in asides:
            if aside.start < end and aside.end > at:
                kept.append((at, max(at, aside.start)))
                at = max(at, aside.end)
        kept.append((at, end))
    return tuple((a, b) for a, b in kept if any(map(str.isalnum, text[a:b])))
