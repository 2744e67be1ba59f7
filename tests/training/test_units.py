import pytest

from radcite.core.errors import RadciteError
from radcite.training.units import check_disjoint, is_held, part_of


def test_a_unit_always_falls_into_the_same_part() -> None:
    parts = [part_of(f"question-{n}") for n in range(2_000)]
    assert parts == [part_of(f"question-{n}") for n in range(2_000)]
    assert 0.40 < parts.count("train") / 2_000 < 0.48
    assert 0.04 < parts.count("dev") / 2_000 < 0.09
    assert all(is_held(f"question-{n}") == (part == "held") for n, part in enumerate(parts))


def test_a_unit_that_is_trained_on_and_reported_on_is_refused() -> None:
    check_disjoint(["a", "b"], ["c"])
    with pytest.raises(RadciteError, match="VALIDATION") as caught:
        check_disjoint(["a", "b"], ["b", "c"])
    assert "1 units" in caught.value.detail
    assert "'b'" in caught.value.detail
