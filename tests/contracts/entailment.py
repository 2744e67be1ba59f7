"""What every `Entailment` must do. A backend's test subclasses it and gives the model."""

import pytest

from radcite.core.ports import Entailment

__all__ = ["EntailmentContract"]

PAIRS = [
    ("The nodule measured 6 mm.", "A 6 mm nodule was seen."),
    ("No effusion.", "There is an effusion."),
    ("结节直径6毫米。", "可见6毫米结节。"),
    ("", ""),
]


class EntailmentContract:
    @pytest.fixture
    def model(self) -> Entailment:
        raise NotImplementedError

    async def test_each_pair_has_a_probability(self, model: Entailment) -> None:
        found = await model.carried(PAIRS)
        assert len(found) == len(PAIRS)
        assert all(0 <= value <= 1 for value in found)

    async def test_the_order_of_pairs_does_not_matter(self, model: Entailment) -> None:
        forwards = await model.carried(PAIRS)
        backwards = await model.carried(PAIRS[::-1])
        assert backwards[::-1] == pytest.approx(forwards, abs=2e-2)

    async def test_no_pairs_have_no_probabilities(self, model: Entailment) -> None:
        assert await model.carried([]) == []

    async def test_what_is_too_long_to_read_is_not_carried(self, model: Entailment) -> None:
        quote = "The nodule measured 6 mm. " * 400
        assert await model.carried([(quote, "The nodule measured 6 mm.")]) == [0.0]

    def test_thresholds_are_probabilities_of_known_languages(self, model: Entailment) -> None:
        assert model.thresholds.keys() <= {"en", "zh"}
        assert model.doubts.keys() <= {"en", "zh"}
        assert all(0 < value <= 1 for value in model.thresholds.values())

    def test_the_model_has_a_name(self, model: Entailment) -> None:
        assert model.fingerprint
