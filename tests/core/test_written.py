"""What a person writes is kept as they meant it, and nothing in it deceives its reader."""

import pytest

from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.core.written import line_of, lines_of, without_controls


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Large tension\u200b pneumothorax", "Large tension pneumothorax"),
        ("\ufeff右侧少量积液", "右侧少量积液"),
        ("hemi\u00addiaphragm", "hemidiaphragm"),
        ("王\ue0a1 \U000f1234", "王\ue0a1 \U000f1234"),
        ("می\u200cشود 👩\u200d⚕️", "می\u200cشود 👩\u200d⚕️"),
        ("a\tb\u00a0 c\r\n", "a b c"),
        ("  \u200b ", None),
        (None, None),
    ],
)
def test_what_cannot_be_seen_is_left_out_and_rare_letters_stay(
    written: str | None, kept: str | None
) -> None:
    assert line_of(written) == kept
    assert lines_of(written) == kept


@pytest.mark.parametrize("steering", ["\u202e", "\u2066", "\x1b", "\x00", "\x7f", "\ud800"])
def test_what_steers_or_turns_the_reading_order_is_refused(steering: str) -> None:
    for clean in (line_of, lines_of):
        with pytest.raises(RadciteError, match="control characters"):
            clean(f"left {steering}right")
    assert without_controls(f"left {steering}right") == "left right"


def test_lines_stay_lines_and_a_question_loses_what_cannot_be_kept() -> None:
    assert lines_of(" one  two \n\n three\n") == "one two\n\nthree"
    assert Question(text="Is it\x00 benign?\n是\u200b吗").text == "Is it benign?\n是吗"
