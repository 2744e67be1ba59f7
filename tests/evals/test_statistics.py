import random

import numpy as np
import pytest

from radcite.evals.statistics import (
    interval_of_mean,
    interval_of_statistic,
    mcnemar,
    paired_difference,
)


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


@pytest.mark.parametrize("units", [150, 44])
def test_failures_never_make_the_interval_of_failures_tighter_than_none_has_it(units: int):
    clusters = [i % units for i in range(150)]
    failures = [[1.0] * k + [0.0] * (150 - k) for k in range(0, 24, 2)]
    highs = [interval_of_mean(values, clusters).high for values in failures]
    assert highs[:10] == sorted(set(highs[:10]))
    assert min(highs[1:]) > highs[0]


def test_one_failure_has_the_exact_binomial_bounds():
    found = interval_of_mean([1.0] + [0.0] * 149, range(150))
    assert (found.low, found.high) == (
        pytest.approx(0.0, abs=2e-4),
        pytest.approx(0.0366, abs=1e-3),
    )


def test_the_interval_of_rare_failures_holds_their_rate_as_often_as_it_says():
    rng = np.random.default_rng(0)
    runs = [(rng.random(60) < 0.03).astype(float).tolist() for _ in range(30)]
    held = [
        found.low <= 0.03 <= found.high
        for one in runs
        for found in [interval_of_mean(one, range(60))]
    ]
    assert sum(held) >= 28


def test_what_is_no_mean_is_bounded_by_the_same_rule():
    right = np.ones(120)
    right[5] = 0

    def share(places: np.ndarray) -> float:
        return float(right[places].mean())

    of_statistic = interval_of_statistic(share, range(120))
    of_mean = interval_of_mean(right.tolist(), range(120))
    assert of_statistic is not None
    assert of_statistic.low == pytest.approx(of_mean.low, abs=2e-3)
    beside = interval_of_statistic(share, range(120), telling=8)
    alone = interval_of_statistic(share, range(120), share=False)
    assert beside is not None
    assert alone is not None
    assert beside.low < of_statistic.low < alone.low


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


def test_two_systems_that_never_differ_may_still_differ_a_little():
    found = paired_difference([1.0] * 115, [1.0] * 115, range(115))
    assert (found.mean, found.p) == (0, 1)
    assert found.low == pytest.approx(-found.high, abs=1e-3)
    assert found.high == pytest.approx(0.0316, abs=1e-3)


def test_five_gains_are_no_surer_than_the_sign_test_says():
    better, baseline = [1.0] * 100, [0.0] * 5 + [1.0] * 95
    assert paired_difference(better, baseline, range(100)).p == pytest.approx(2 / 2**5, abs=0.01)
    assert mcnemar([1.0] * 5, [0.0] * 5) == pytest.approx(2 / 2**5)
