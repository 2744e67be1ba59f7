import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radcite.core.normalization import is_cjk, locate, normalize

AWKWARD = "ﬁ②½Å\u0301\u00ad\u200b\u200f\ufeff-\n\r\t　  ，。（）肺结节豈aeZ09.,;é"
texts = st.text(st.sampled_from(AWKWARD), max_size=40) | st.text(max_size=30)
words = st.sampled_from(
    (
        "lesion",
        "T2",
        "1.5",
        "12,000",
        "cm",
        "肺",
        "结节",
        "naïve",
        "cafe\u0301",
        "pre-op",
        "ﬁbrosis",
    )
)
gaps = st.sampled_from((" ", "  ", "\n", " \t", "\u200b ", "\u3000"))


@st.composite
def passages(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Words, each with the gap that follows it."""
    return draw(st.lists(st.tuples(words, gaps), min_size=1, max_size=12))


@given(texts)
@settings(max_examples=80, deadline=None)
def test_the_map_back_rises_and_stays_within_the_source(text: str) -> None:
    normal = normalize(text)
    assert len(normal.origin) == len(normal.text)
    assert list(normal.origin) == sorted(normal.origin)
    assert all(0 <= at < len(text) for at in normal.origin)


@given(texts)
@settings(max_examples=80, deadline=None)
def test_a_span_maps_back_to_the_source_it_was_made_from(text: str) -> None:
    normal = normalize(text)
    for at, char in enumerate(normal.text):
        start, end = normal.source_span(at, at + 1)
        source = text[start:end]
        assert 0 <= start < end <= len(text)
        assert char in unicodedata.normalize("NFKC", source) or (
            char == " " and source[0].isspace()
        )


@given(texts)
@settings(max_examples=80, deadline=None)
def test_normal_text_has_no_edges_double_spaces_or_invisible_characters(text: str) -> None:
    normal = normalize(text).text
    assert normal.strip(" ") == normal
    assert "  " not in normal
    assert not set(normal) & set("\u00ad\u200b\u200f\ufeff\n\t")


@given(passages(), st.data())
@settings(max_examples=80, deadline=None)
def test_every_quote_of_whole_words_is_located(
    passage: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = "".join(word + gap for word, gap in passage)
    first = data.draw(st.integers(0, len(passage) - 1))
    last = data.draw(st.integers(first, len(passage) - 1))
    quote = " ".join(word for word, _ in passage[first : last + 1])
    span = locate(quote, text)
    assert span is not None
    assert normalize(text[slice(*span)]).text == normalize(quote).text


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("5 cm", "a 1.5 cm nodule"),
        ("1", "a 1.5 cm nodule"),
        ("1.5", "a 1.55 cm nodule"),
        ("500", "in 1,500 patients"),
        ("1,5", "in 1,500 patients"),
        ("normal", "an abnormal node"),
        ("effusion", "two effusions"),
        ("T2", "T2w images"),
    ],
)
def test_a_piece_of_a_word_or_number_is_no_quote(quote: str, text: str) -> None:
    assert locate(quote, text) is None


def test_a_later_whole_word_is_found_behind_a_piece() -> None:
    text = "abnormal heart, normal lungs"
    assert locate("normal", text) == (16, 22)


def test_only_places_from_the_start_on_count() -> None:
    text = "no nodule; no effusion"
    assert locate("no", text) == (0, 2)
    assert locate("no", text, start=1) == (11, 13)
    assert locate("no", text, start=12) is None


@pytest.mark.parametrize(
    ("quote", "text", "words"),
    [
        ("international", "an inter-\nnational trial", "inter-\nnational"),
        ("肺部结节", "见肺部\n结节。", "肺部\n结节"),
        ("结节", "肺部结节影", "结节"),
        ("1.5 cm", "is １．５\u00a0cm wide", "１．５\u00a0cm"),
        ("fibrosis", "pulmonary ﬁbro\u00adsis", "ﬁbro\u00adsis"),
        ("caf\u00e9", "a cafe\u0301 au lait spot", "cafe\u0301"),
    ],
)
def test_words_are_found_however_they_were_set(quote: str, text: str, words: str) -> None:
    span = locate(quote, text)
    assert span is not None
    assert text[slice(*span)] == words


def test_case_counts() -> None:
    assert locate("nodule", "Nodule") is None


@pytest.mark.parametrize("quote", ["", "  ", "…", "。"])
def test_a_quote_without_words_is_not_found(quote: str) -> None:
    assert locate(quote, "a … b。") is None


def test_a_hyphen_that_joins_two_words_stays() -> None:
    assert normalize("follow-up").text == "follow-up"
    assert normalize("Epstein-\nBarr").text == "Epstein- Barr"


def test_chinese_characters_are_told_from_others() -> None:
    assert all(map(is_cjk, "肺㐀豈"))
    assert not any(map(is_cjk, "aé，。か1"))
