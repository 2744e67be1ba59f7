from zlib import crc32

import pytest

from radcite.core.tokens import TERM_NUMBERS, Tokenizer, is_stopword, stem, term_number


def test_english_words_are_lowered_stemmed_and_kept_in_order_with_repetitions() -> None:
    assert Tokenizer()("Nodules: a nodule, and the NODULES") == ["nodul", "nodul", "nodul"]


def test_words_that_carry_no_content_are_left_out() -> None:
    assert Tokenizer()("What is the of and") == []
    assert Tokenizer()("是的，请问") == []
    assert is_stopword("with")
    assert is_stopword("的")
    assert not is_stopword("lung")


def test_chinese_gives_every_character_and_every_pair() -> None:
    assert Tokenizer()("肺结节") == ["肺", "结", "节", "肺结", "结节"]


def test_no_pair_reaches_over_a_character_without_content_or_a_comma() -> None:
    assert Tokenizer()("肺的节") == ["肺", "节"]
    assert Tokenizer()("肺，节") == ["肺", "节"]


def test_the_longest_known_term_is_a_term_too() -> None:
    tokens = Tokenizer(["结节病", "肺结节病", "肺"])("肺结节病")
    assert "肺结节病" in tokens
    assert "结节病" not in tokens


def test_known_terms_after_one_another_are_all_found() -> None:
    assert Tokenizer(["气胸症", "肺不张"])("气胸症肺不张")[-2:] == ["气胸症", "肺不张"]


def test_a_text_of_both_languages_gives_the_terms_of_both() -> None:
    assert Tokenizer()("胸部CT nodules") == ["胸", "部", "胸部", "ct", "nodul"]


def test_full_width_letters_and_digits_are_the_plain_ones() -> None:
    assert Tokenizer()("ＣＴ　２０２４") == Tokenizer()("CT 2024") == ["ct", "2024"]


def test_a_word_with_digits_stays_as_it_is() -> None:
    assert stem("t2s") == "t2s"
    assert stem("effusions") == "effus"


@pytest.mark.parametrize("text", ["", " \n", "— … !", "_"])
def test_a_text_without_words_has_no_terms(text: str) -> None:
    assert Tokenizer()(text) == []


def test_the_number_of_a_term_is_its_checksum() -> None:
    assert term_number("肺") == crc32("肺".encode())
    assert 0 <= term_number("effus") < TERM_NUMBERS
