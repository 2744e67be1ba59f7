import pickle
from dataclasses import astuple
from typing import get_args

import pytest

from radcite.core.errors import CODES, DependencyDown, ErrorCode, RadciteError
from radcite.core.normalization import is_cjk

ALL: tuple[ErrorCode, ...] = get_args(ErrorCode)


def test_every_code_has_words_and_no_words_are_without_a_code() -> None:
    assert set(CODES) == set(ALL)
    assert len(ALL) == len(set(ALL))


@pytest.mark.parametrize("code", ALL)
def test_a_code_has_a_title_and_a_hint_in_both_languages(code: ErrorCode) -> None:
    wording = CODES[code]
    assert all(words.strip() == words != "" for words in astuple(wording))
    assert not any(map(is_cjk, wording.en + wording.hint_en))
    assert any(map(is_cjk, wording.zh))
    assert any(map(is_cjk, wording.hint_zh))


@pytest.mark.parametrize("code", ALL)
def test_an_error_comes_through_a_pickle_as_it_was(code: ErrorCode) -> None:
    error = RadciteError(code, "frame 3", "第 3 帧", retryable=True)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is RadciteError
    assert (back.code, back.detail, back.detail_zh) == (code, "frame 3", "第 3 帧")
    assert back.retryable
    assert str(back) == str(error) == f"{code}: frame 3"


def test_an_engine_that_is_down_is_still_that_after_a_pickle() -> None:
    back = pickle.loads(pickle.dumps(DependencyDown("TIMEOUT", "60 s", "60 秒")))
    assert type(back) is DependencyDown
    assert (back.code, back.detail_zh, back.retryable) == ("TIMEOUT", "60 秒", True)


def test_the_english_detail_stands_in_for_a_chinese_one_that_is_missing() -> None:
    assert RadciteError("NOT_FOUND", "a.pdf").detail_zh == "a.pdf"


def test_only_an_engine_that_is_down_is_worth_asking_again() -> None:
    assert not RadciteError("VALIDATION", "limit").retryable
    assert DependencyDown("LLM_UNAVAILABLE", "no answer").retryable


def test_an_error_knows_its_wording() -> None:
    assert RadciteError("TIMEOUT", "60 s").wording is CODES["TIMEOUT"]
