import pytest

from radcite.core.fusion import fuse
from radcite.core.ports import Scored

DENSE = [Scored("a", 0.9), Scored("b", 0.7), Scored("c", 0.5)]
WORDS = [Scored("c", 12.0), Scored("d", 4.0), Scored("b", 2.0)]


def test_scores_are_scaled_by_their_own_list_and_averaged() -> None:
    fused = {hit.id: hit.score for hit in fuse([DENSE, WORDS])}
    # a: (1 + 0) / 2, b: (0.5 + 0) / 2, c: (0 + 1) / 2, d: (0 + 0.2) / 2
    assert fused == pytest.approx({"a": 0.5, "b": 0.25, "c": 0.5, "d": 0.1})


def test_the_best_comes_first_and_equal_scores_are_ordered_by_id() -> None:
    lists = [[Scored("c", 2.0), Scored("z", 1.0)], [Scored("a", 9.0), Scored("z", 3.0)]]
    assert [hit.id for hit in fuse(lists)] == ["a", "c", "z"]


def test_ranks_are_fused_by_their_reciprocals_whatever_the_scores_are() -> None:
    fused = {hit.id: hit.score for hit in fuse([DENSE, WORDS], "rank")}
    assert fused == pytest.approx(
        {"a": 1 / 61 / 2, "b": (1 / 62 + 1 / 63) / 2, "c": (1 / 63 + 1 / 61) / 2, "d": 1 / 62 / 2}
    )


def test_a_list_that_found_nothing_does_not_lower_the_others() -> None:
    assert fuse([DENSE, []]) == fuse([DENSE])
    assert fuse([DENSE])[0].score == 1.0


@pytest.mark.parametrize("how", ["score", "rank"])
def test_nothing_found_is_nothing(how: str) -> None:
    assert fuse([], how) == fuse([[], []], how) == []


def test_hits_that_all_score_the_same_are_all_as_good_as_the_best() -> None:
    assert {hit.score for hit in fuse([[Scored("a", -0.3), Scored("b", -0.3)]])} == {1.0}


def test_negative_scores_keep_their_order() -> None:
    fused = fuse([[Scored("a", -0.1), Scored("b", -0.8), Scored("c", -0.4)]])
    assert [hit.id for hit in fused] == ["a", "c", "b"]


def test_a_weighted_list_counts_for_more() -> None:
    one, other = [Scored("a", 2.0), Scored("b", 1.0)], [Scored("b", 2.0), Scored("a", 1.0)]
    assert [hit.id for hit in fuse([one, other], weights=(3.0, 1.0))] == ["a", "b"]
    assert [hit.id for hit in fuse([one, other], weights=(1.0, 3.0))] == ["b", "a"]
    assert fuse([one, []], weights=(0.25, 0.75)) == fuse([one])
