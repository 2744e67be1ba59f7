import pytest

from radcite.core.normalization import is_cjk
from radcite.tools.knowledge.terms import chinese_words, find_term, load_terms
from radcite.tools.knowledge.translation import in_other_language


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How is hypertension treated?", "高血压"),
        ("essential hypertension", "原发性高血压"),
        ("high blood pressure", "高血压"),
        ("ESSENTIAL  Hypertension", "原发性高血压"),
        ("no known word here: qwertz", ""),
        ("", ""),
    ],
)
def test_english_terms_have_their_chinese_names(text: str, expected: str) -> None:
    assert in_other_language(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("高血压怎么治疗", "hypertension"),
        ("原发性高血压", "essential hypertension"),
        ("血压高", "hypertension"),
        ("你好吗", ""),
        ("", ""),
    ],
)
def test_chinese_terms_have_their_english_names(text: str, expected: str) -> None:
    assert expected in in_other_language(text, "zh")
    assert bool(in_other_language(text, "zh")) == bool(expected)


def test_the_longest_term_is_taken_and_not_its_parts() -> None:
    assert in_other_language("white coat hypertension", "en") == "白大衣高血压"


def test_a_term_named_twice_comes_once_and_terms_keep_their_order() -> None:
    names = in_other_language("hypotension, hypertension and hypotension", "en").split()
    assert names == ["低血压", "高血压"]


def test_plurals_are_found() -> None:
    assert in_other_language("hypertensive emergencies", "en") == "高血压急症"


def test_a_term_is_found_by_any_name_in_any_case() -> None:
    entry = find_term("htn")
    assert entry is not None
    assert entry == find_term("高血压病") == find_term("Hypertension")
    assert find_term("qwertz") is None


def test_every_term_has_both_names_and_a_parent_that_exists() -> None:
    terms = load_terms()
    ids = {entry.term_id for entry in terms}
    assert len(ids) == len(terms) > 1000
    assert all(entry.en and entry.zh for entry in terms)
    assert {entry.parent for entry in terms} - ids <= {None}
    assert any(is_cjk(word[0]) for word in chinese_words())
