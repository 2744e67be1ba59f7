"""What is typed loses identifiers before it is a value that can be stored or sent."""

import pytest
from pydantic import ValidationError

from radcite.apps.searching import SearchOptions
from radcite.core.conversations import Asking
from radcite.core.identifiers import Redactor
from radcite.core.question import Question
from radcite.core.typed import without_identifiers

TYPED = "Name: John Smith, MRN: A1234567. Is an 8 mm nodule on 2024-05-03 benign? 姓名：王小明"


def test_no_question_holds_what_a_label_or_pattern_gives_away() -> None:
    kept = (
        Question(text=TYPED).text,
        Asking(text=TYPED).text,
        SearchOptions(what="literature", query=TYPED).query,
    )
    for text in kept:
        assert not any(gone in text for gone in ("Smith", "A1234567", "王小明"))
        assert "Is an 8 mm nodule on 2024-05-03 benign?" in text


def test_the_patient_that_was_named_beside_a_question_goes_from_it() -> None:
    assert without_identifiers("Did PAT-7781 improve?", ["PAT-7781"]) == "Did [KNOWN-1] improve?"


def test_a_question_without_identifiers_is_left_alone_and_a_second_pass_changes_nothing() -> None:
    plain = "Wie groß? What is the sensitivity of CT in 2019 (95% CI 0.81-0.90)? 肺结节随访间隔？"
    assert Question(text=plain).text == plain
    once = Question(text=TYPED).text
    assert Question(text=once).text == once


def test_days_in_a_text_go_back_together_and_uncertain_ones_give_way() -> None:
    redact = Redactor(days_back=10)
    text = "CT 2024-03-05, control 2024/03/15; 2024年3月5日复查. Seen 05/03/2024, March 5, 2024. In 2024-03; 3.5-4 cm."
    assert redact(text) == (
        "CT 2024-02-24, control 2024/03/05; 2024年02月24日复查. Seen [日期-1], [日期-2]. In 2024-03; 3.5-4 cm."
    )


def test_one_value_has_one_placeholder_in_all_texts_of_a_key() -> None:
    one, other = (Redactor(key=b"k")("Name: John Smith") for _ in range(2))
    assert one == other
    assert "Smith" not in one
    assert Redactor(key=b"x")("Name: John Smith") != one


def test_parts_of_a_name_go_where_they_are_written_as_names() -> None:
    redact = Redactor(names=["Lee^Mary Ann=李^小燕"])
    assert redact("LEE came; Mary too; the lee side; annular; 李小燕，小燕；李子") == (
        "[已知-1] came; [已知-2] too; the lee side; annular; [已知-3]，[已知-4]；李子"
    )


def test_what_is_refused_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        Question.model_validate({"text": "Zhang San " * 2_001, "name": "Zhang San"})
    assert "Zhang" not in str(refused.value)
    assert "20000 characters" in str(refused.value)
