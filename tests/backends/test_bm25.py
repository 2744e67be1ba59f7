from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import pytest

from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.tokens import Tokenizer, term_number
from radcite.core.vectors import SparseVector

K1, B = 0.9, 0.4


@dataclass(frozen=True)
class Counted:
    """Term statistics of given texts."""

    texts: Sequence[str]

    async def document_count(self, collection: str) -> int:
        return len(self.texts)

    async def document_frequencies(
        self, collection: str, terms: Sequence[int]
    ) -> Mapping[int, int]:
        found = Counter(number for text in self.texts for number in set(numbers(text)))
        return {term: found[term] for term in terms if term in found}


def numbers(text: str) -> list[int]:
    return [term_number(term) for term in Tokenizer()(text)]


def dot(query: SparseVector, document: SparseVector) -> float:
    weights = dict(zip(document.indices, document.values, strict=True))
    return sum(
        value * weights.get(term, 0.0)
        for term, value in zip(query.indices, query.values, strict=True)
    )


def idf(total: int, frequency: int) -> float:
    return log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def saturated(frequency: int, relative_length: float) -> float:
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * relative_length))


ENGLISH = ("pleural effusion, large effusion", "no nodule", "pleural thickening", "heart")
CHINESE = ("胸腔积液", "肺结节", "胸腔镜")


async def score(query: str, texts: Sequence[str], which: int) -> float:
    encoder = Bm25Encoder(Tokenizer(), Counted(texts))
    return dot(await encoder.encode_query(query, "c"), encoder.encode([texts[which]])[0])


async def test_an_english_score_is_the_formula_worked_by_hand() -> None:
    # Four terms against a mean of 40; `pleural` in 2 of 4 texts, `effusion` in 1 of 4, twice there.
    by_hand = idf(4, 2) * saturated(1, 4 / 40) + idf(4, 1) * saturated(2, 4 / 40)
    assert await score("pleural effusions", ENGLISH, 0) == pytest.approx(by_hand)


async def test_a_chinese_score_is_the_formula_worked_by_hand() -> None:
    # 胸腔积液: 4 characters and 3 pairs against a mean of 200; 胸, 腔, 胸腔 in 2 of 3 texts.
    by_hand = 3 * idf(3, 2) * saturated(1, 7 / 200)
    assert await score("胸腔", CHINESE, 0) == pytest.approx(by_hand)


async def test_the_length_of_a_text_of_both_languages_is_the_sum_of_both_shares() -> None:
    texts = ("胸部 ct scan", "x")
    # 胸, 部, 胸部 of 200 and two words of 40.
    by_hand = idf(2, 1) * saturated(1, 3 / 200 + 2 / 40)
    assert await score("CT", texts, 0) == pytest.approx(by_hand)


async def test_a_rarer_word_weighs_more() -> None:
    assert await score("thickening", ENGLISH, 2) > await score("pleural", ENGLISH, 2)


async def test_a_word_repeated_in_the_query_counts_once() -> None:
    encoder = Bm25Encoder(Tokenizer(), Counted(ENGLISH))
    assert await encoder.encode_query("nodule nodules nodule", "c") == await encoder.encode_query(
        "nodule", "c"
    )


async def test_a_query_word_that_no_text_holds_has_the_highest_weight() -> None:
    encoder = Bm25Encoder(Tokenizer(), Counted(ENGLISH))
    unseen = await encoder.encode_query("sarcoid", "c")
    assert unseen.values == pytest.approx((idf(4, 0),))


async def test_term_numbers_rise_and_are_distinct() -> None:
    encoder = Bm25Encoder(Tokenizer(), Counted(ENGLISH))
    for vector in (*encoder.encode(ENGLISH + CHINESE), await encoder.encode_query(ENGLISH[0], "c")):
        assert list(vector.indices) == sorted(set(vector.indices))
        assert len(vector.indices) == len(vector.values)
        assert min(vector.values) > 0


async def test_a_text_without_terms_has_an_empty_vector() -> None:
    encoder = Bm25Encoder(Tokenizer(), Counted(()))
    assert encoder.encode(["", "the"]) == [SparseVector((), ())] * 2
    assert await encoder.encode_query("的", "c") == SparseVector((), ())


def test_the_fingerprint_names_version_and_parameters() -> None:
    assert Bm25Encoder(Tokenizer(), Counted(())).fingerprint == f"bm25/1/k1={K1}/b={B}"
