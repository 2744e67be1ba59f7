from math import log2

import pytest

from radcite.evals.bigram_bm25 import BigramBm25, bigrams
from radcite.evals.ranking import ndcg, recall


def test_a_perfect_order_scores_one_and_a_missing_one_nothing():
    assert ndcg(["a", "b", "x"], {"a", "b"}) == 1
    assert ndcg(["x", "y"], {"a"}) == 0


def test_a_gold_document_counts_less_the_lower_it_stands():
    assert ndcg(["x", "a"], {"a"}) == pytest.approx(1 / log2(3))


def test_documents_below_the_depth_do_not_count():
    assert ndcg([*"0123456789", "a"], {"a"}) == 0


def test_recall_asks_for_no_more_than_fits():
    gold = {str(i) for i in range(30)}
    assert recall([str(i) for i in range(10)], gold) == 1
    assert recall(["1", "x"], {"1", "2"}) == 0.5


def test_chinese_is_cut_into_pairs_and_other_words_stay_whole():
    assert bigrams("高血压 CT 肺") == ["高血", "血压", "ct", "肺"]


def test_the_rarer_pair_decides():
    search = BigramBm25({"a": "高血压可以运动", "b": "高血压可以吃药", "c": "高血压可以睡觉"})
    assert search("高血压吃药", 3)[0] == "b"
    assert search("xyz", 3) == []
