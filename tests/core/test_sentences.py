import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radcite.core.sentences import split_sentences

PIECES = (
    "The lung",
    " is clear",
    ". ",
    "。",
    "！",
    "? ",
    " 1.5 cm",
    "Fig. 2",
    "\n\n",
    "\n- ",
    "肺",
    " ",
)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is clear. It is dry.", ["It is clear.", "It is dry."]),
        ("Is it clear? Yes! Good.", ["Is it clear?", "Yes!", "Good."]),
        ("He said 'stop.' Then he left.", ["He said 'stop.'", "Then he left."]),
        ("It grew (see below.) It then shrank.", ["It grew (see below.)", "It then shrank."]),
    ],
)
def test_english_sentences_end_at_their_mark_with_its_quotes(
    text: str, expected: list[str]
) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Smith et al. Reported it.",
        "See Fig. 2 for the lesion.",
        "Dr. Lee read it.",
        "J. Smith read it.",
        "Nodules, e.g. Those of the lung.",
        "It was 1.5 cm wide.",
        "A dose of 0.05 mg.kg was given.",
        "It was seen at approx. five weeks.",
    ],
)
def test_abbreviations_initials_and_decimals_do_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


def test_the_letter_that_labels_a_thing_may_end_a_sentence() -> None:
    assert sentences("She had hepatitis B. The liver was large.") == [
        "She had hepatitis B.",
        "The liver was large.",
    ]


def test_chinese_sentences_need_no_space_between_them() -> None:
    assert sentences("双肺清晰。无胸腔积液！心影正常吗？见“结节影。”随访；复查") == [
        "双肺清晰。",
        "无胸腔积液！",
        "心影正常吗？",
        "见“结节影。”",
        "随访；",
        "复查",
    ]


def test_blank_lines_and_list_items_end_a_sentence() -> None:
    assert sentences("Findings\n\nNo nodule\n- no effusion\n2. clear bases") == [
        "Findings",
        "No nodule",
        "- no effusion",
        "2. clear bases",
    ]


def test_a_line_break_within_a_sentence_does_not_end_it() -> None:
    assert sentences("The lung is\nclear.") == ["The lung is\nclear."]


@pytest.mark.parametrize("text", ["", "  \n ", "...", "。。", "---"])
def test_a_text_without_words_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_spans_are_ordered_trimmed_and_cover_every_word(text: str) -> None:
    spans = split_sentences(text)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert not any(char.isalnum() for char in text[at:start])
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not any(char.isalnum() for char in text[at:])
