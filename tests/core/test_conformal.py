import random

from radcite.core.conformal import fitted, in_set, risk_coverage


def test_the_set_holds_the_true_condition_as_often_as_stated() -> None:
    dice = random.Random(7)
    covered = trials = 0
    for _ in range(200):
        cases = [dice.betavariate(4, 2) for _ in range(60)]
        least = fitted(cases[:40], 0.9)
        assert least is not None
        covered += sum(in_set(one, least) for one in cases[40:])
        trials += 20
    assert 0.88 < covered / trials < 0.95


def test_a_coverage_beyond_the_candidates_or_the_number_of_cases_has_no_bound() -> None:
    assert fitted([0.5] * 50 + [None] * 50, 0.9) is None
    assert fitted([0.5, 0.6, 0.7], 0.9) is None
    assert fitted([0.5] * 99, 0.9) == 0.5
    assert in_set(0.0, None)


def test_risk_falls_where_the_surest_are_right() -> None:
    cases = [({"a": 0.9}, "a"), ({"a": 0.5, "b": 0.3}, "b"), ({}, "a"), ({"b": 0.7}, "b")]
    curve = risk_coverage(cases)
    assert [(one.answered, round(one.risk, 2)) for one in curve] == [
        (0.25, 0.0),
        (0.5, 0.0),
        (0.75, 0.33),
        (1.0, 0.5),
    ]
