"""Documents to passages, by LlamaIndex's sentence splitter over radcite's own sentences."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from radcite.core.sentences import split_sentences

if TYPE_CHECKING:
    from llama_index.core.node_parser import SentenceSplitter

__all__ = ["PASSAGE_TOKENS", "split_passages"]

PASSAGE_TOKENS = 220
_ROW = re.compile(r"[^\n]*\t[^\n]*\n")
_TOKEN = re.compile(r"[㐀-䶿一-鿿豈-﫿]|\w+|[^\w\s]")


def split_passages(text: str) -> list[tuple[int, int]]:
    """Spans `[start, end)` of whole sentences and rows, at most about `PASSAGE_TOKENS` words or characters each.

    The spans follow one another without overlap; a sentence longer than a passage is cut.
    """
    if len(text) <= PASSAGE_TOKENS:
        return [(0, len(text))] if text.strip() else []
    from llama_index.core.schema import Document

    spans: list[tuple[int, int]] = []
    at = 0
    for node in _splitter().get_nodes_from_documents([Document(text=text)]):
        piece = node.get_content().strip()
        start = text.find(piece, at)
        if piece and start >= 0:
            spans.append((start, start + len(piece)))
            at = start + len(piece)
    return spans


@lru_cache(maxsize=1)
def _splitter() -> "SentenceSplitter":
    from llama_index.core.node_parser import SentenceSplitter

    return SentenceSplitter(
        chunk_size=PASSAGE_TOKENS,
        chunk_overlap=0,
        tokenizer=_TOKEN.findall,
        chunking_tokenizer_fn=_sentences_with_gaps,
        paragraph_separator="\n\n",
        include_metadata=False,
        include_prev_next_rel=False,
    )


def _sentences_with_gaps(text: str) -> list[str]:
    """Sentences and rows of tables that, joined, are the text again."""
    starts: Sequence[int] = [start for start, _ in split_sentences(text)][1:]
    rows = (row.end() for row in _ROW.finditer(text))
    cuts = sorted({0, *starts, *rows, len(text)})
    return [text[a:b] for a, b in pairwise(cuts) if a < b]
