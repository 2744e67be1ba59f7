import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radcite.ingestion.chunking import PASSAGE_TOKENS, split_passages

ENGLISH = " ".join(f"Sentence {i} says that the lung is clear." for i in range(200))
CHINESE = "".join(f"第{i}句说双肺清晰，未见结节。" for i in range(150))
MIXED = "\n\n".join((ENGLISH, CHINESE, "# Title\n\n- a list\n- of things", "e.g. 1.5 cm. " * 90))
REPEATED = "The lung is clear. " * 400
pieces = st.sampled_from(
    (
        "The lung is clear. ",
        "双肺清晰。",
        "\n\n",
        "\n",
        " ",
        "1.5 cm ",
        "x" * 40 + " ",
        "...",
        "- item\n",
        "\u200b",
        "é",
    )
)


def counted(text: str) -> int:
    return len(re.findall(r"[㐀-䶿一-鿿豈-﫿]|\w+|[^\w\s]", text))


def covers(text: str, spans: list[tuple[int, int]]) -> bool:
    """Whether spans are ordered and disjoint and nothing but white space lies outside them."""
    at = 0
    for start, end in spans:
        if not at <= start < end <= len(text) or text[at:start].strip():
            return False
        at = end
    return not text[at:].strip()


@pytest.mark.parametrize(
    "text", [ENGLISH, CHINESE, MIXED, REPEATED], ids=["en", "zh", "mixed", "same"]
)
def test_passages_are_ordered_disjoint_stretches_of_the_text_that_lose_no_word(text: str) -> None:
    spans = split_passages(text)
    assert len(spans) > 2
    assert covers(text, spans)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)


@pytest.mark.parametrize(
    "text", [ENGLISH, CHINESE, MIXED, REPEATED], ids=["en", "zh", "mixed", "same"]
)
def test_a_passage_has_about_as_many_words_as_it_may(text: str) -> None:
    sizes = [counted(text[start:end]) for start, end in split_passages(text)]
    assert max(sizes) <= PASSAGE_TOKENS
    assert sum(sizes) / len(sizes) > PASSAGE_TOKENS / 2


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_passage_ends_where_a_sentence_does(text: str) -> None:
    assert {text[end - 1] for _, end in split_passages(text)} <= {".", "。"}


@pytest.mark.parametrize("word", ["lung ", "肺", "1.5, "])
def test_a_sentence_longer_than_a_passage_is_cut(word: str) -> None:
    text = (word * 900).strip()
    spans = split_passages(text)
    assert len(spans) > 1
    assert covers(text, spans)
    assert max(counted(text[start:end]) for start, end in spans) <= PASSAGE_TOKENS


def test_a_short_text_is_one_passage_exactly_as_it_is() -> None:
    assert split_passages(" No effusion. ") == [(0, 14)]


@pytest.mark.parametrize("text", ["", "  \n\t", " \n" * 300])
def test_a_text_without_words_has_no_passages(text: str) -> None:
    assert split_passages(text) == []


@given(st.lists(pieces, max_size=120).map("".join))
@settings(max_examples=25, deadline=None)
def test_no_word_is_lost_whatever_the_text(text: str) -> None:
    assert covers(text, split_passages(text))


def test_a_long_table_is_cut_between_its_rows() -> None:
    rows = [f"{n} mm\tmen of group {n}\t{n} %\t{2 * n}" for n in range(80)]
    text = "Table 1. Growth by size\n\nSize\tGroup\tGrowth\tYears\n" + "\n".join(rows)
    pieces = [text[start:end] for start, end in split_passages(text)]
    assert len(pieces) > 3
    assert [
        row for piece in pieces for row in piece.split("\n")[-len(rows) :] if "mm" in row
    ] == rows
