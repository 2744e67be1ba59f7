import random

import pytest

from radcite.evals.statistics import interval_of_mean, paired_difference


def test_the_interval_of_independent_items_is_that_of_the_normal_approximation():
    values = [float(i % 4 == 0) for i in range(400)]
    found = interval_of_mean(values, range(400))
    assert found.mean == 0.25
    assert found.low == pytest.approx(0.25 - 1.96 * 0.02165, abs=0.006)
    assert found.high == pytest.approx(0.25 + 1.96 * 0.02165, abs=0.006)


def test_items_of_one_cluster_count_as_little_more_than_one():
    values = [float(i // 20 % 2) for i in range(200)]
    alone = interval_of_mean(values, range(200))
    clustered = interval_of_mean(values, [i // 20 for i in range(200)])
    assert clustered.units == 10
    assert clustered.high - clustered.low > 3 * (alone.high - alone.low)


def test_no_success_at_all_is_bounded_by_the_number_of_units():
    found = interval_of_mean([0.0] * 300, range(300))
    assert (found.mean, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(0.0122, abs=1e-4)


def test_nothing_but_success_is_bounded_from_below():
    found = interval_of_mean([1.0] * 17, range(17))
    assert (found.low, found.high) == (pytest.approx(0.8049, abs=1e-4), 1.0)


def test_the_same_seed_gives_the_same_interval():
    values = [random.Random(1).random() for _ in range(50)]
    assert interval_of_mean(values, range(50), 3) == interval_of_mean(values, range(50), 3)


def test_a_small_but_steady_gain_is_told_from_noise():
    rng = random.Random(0)
    baseline = [rng.random() for _ in range(200)]
    better = [value + 0.02 + 0.05 * (rng.random() - 0.5) for value in baseline]
    found = paired_difference(better, baseline, range(200))
    assert found.low > 0
    assert found.p < 0.001


def test_equal_systems_are_not_told_apart():
    found = paired_difference([0.0, 1.0] * 20, [1.0, 0.0] * 20, range(40))
    assert found.mean == 0
    assert found.low < 0 < found.high
    assert found.p > 0.5
