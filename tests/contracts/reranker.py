"""What every `Reranker` must do. A backend's test subclasses it and gives the model."""

import pytest

from radcite.core.ports import Reranker

__all__ = ["RerankerContract"]

QUERY = "How large was the nodule?"
TEXTS = ["The nodule measured 6 mm.", "No effusion.", "结节直径6毫米。", ""]


class RerankerContract:
    @pytest.fixture
    def model(self) -> Reranker:
        raise NotImplementedError

    async def test_each_text_has_a_finite_score(self, model: Reranker) -> None:
        found = await model.score(QUERY, TEXTS)
        assert len(found) == len(TEXTS)
        assert all(abs(value) < 1e6 for value in found)

    async def test_the_order_of_texts_does_not_matter(self, model: Reranker) -> None:
        forwards = await model.score(QUERY, TEXTS)
        backwards = await model.score(QUERY, TEXTS[::-1])
        assert backwards[::-1] == pytest.approx(forwards, abs=5e-2)

    async def test_no_texts_have_no_scores(self, model: Reranker) -> None:
        assert await model.score(QUERY, []) == []

    async def test_a_huge_text_is_read_as_far_as_the_model_reads(self, model: Reranker) -> None:
        (found,) = await model.score("结节" * 50_000, ["The nodule measured 6 mm. " * 20_000])
        assert abs(found) < 1e6

    def test_shares_are_of_known_languages_and_between_0_and_1(self, model: Reranker) -> None:
        assert model.shares.keys() <= {"en", "zh"}
        assert all(0 <= value <= 1 for value in model.shares.values())

    def test_the_model_has_a_name(self, model: Reranker) -> None:
        assert model.fingerprint
