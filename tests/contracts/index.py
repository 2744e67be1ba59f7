"""What every `Index` must do. A backend's test subclasses it and gives the index."""

import asyncio
from uuid import UUID

import numpy as np
import pytest

from radcite.core.errors import RadciteError
from radcite.core.ports import Filter, Index, IndexPoint, Scored, VectorQuery
from radcite.core.vectors import SparseVector

__all__ = ["IndexContract"]

C = "contract"


def uid(number: int) -> str:
    return str(UUID(int=number))


def point(number: int, text: list[float] | None = None, **payload: str) -> IndexPoint:
    dense = {} if text is None else {"text": np.array(text, dtype=np.float32)}
    return IndexPoint(uid(number), payload, dense, SparseVector((1, 7), (0.5, float(number + 1))))


def near(
    vector: list[float], limit: int = 10, **conditions: dict[str, tuple[str, ...]]
) -> VectorQuery:
    return VectorQuery(
        "text", np.array(vector, np.float32), limit, Filter(**conditions), exact=True
    )


class IndexContract:
    @pytest.fixture
    async def index(self) -> Index:
        raise NotImplementedError

    async def filled(self, index: Index) -> Index:
        await index.create(C, {"text": 2, "image": 3})
        await index.upsert(
            C,
            [
                point(1, [1, 0], kind="passage", language="en", patient="P-1"),
                point(2, [0.8, 0.6], kind="passage", language="zh"),
                point(3, [0, 1], kind="case", language="en"),
                point(4, None, kind="case", language="en", patient="P-2"),
            ],
        )
        return index

    async def ids(self, index: Index, query: VectorQuery) -> list[int]:
        (hits,) = await index.search(C, [query])
        return [UUID(hit.id).int for hit in hits]

    async def test_making_a_collection_twice_keeps_its_points(self, index: Index) -> None:
        await self.filled(index)
        await index.create(C, {"text": 2, "image": 3})
        assert await index.count(C) == 4

    async def test_hits_come_best_first_with_their_cosine(self, index: Index) -> None:
        await self.filled(index)
        (hits,) = await index.search(C, [near([1, 0])])
        assert [UUID(hit.id).int for hit in hits] == [1, 2, 3]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.8, 0], abs=1e-5)

    async def test_a_point_of_the_same_id_is_replaced(self, index: Index) -> None:
        await self.filled(index)
        await index.upsert(C, [point(1, [0, -1], kind="case")])
        assert await index.count(C) == 4
        assert await self.ids(index, near([1, 0], must={"kind": ("passage",)})) == [2]

    async def test_sparse_scores_are_dot_products(self, index: Index) -> None:
        await self.filled(index)
        query = VectorQuery("bm25", SparseVector((7, 9), (2.0, 5.0)), 2)
        (hits,) = await index.search(C, [query])
        assert hits == [Scored(uid(4), 10.0), Scored(uid(3), 8.0)]

    async def test_a_query_without_terms_or_without_room_finds_nothing(self, index: Index) -> None:
        await self.filled(index)
        queries = [VectorQuery("bm25", SparseVector((), ()), 5), near([1, 0], limit=0)]
        assert await index.search(C, queries) == [[], []]

    async def test_queries_of_several_vectors_are_answered_in_their_order(
        self, index: Index
    ) -> None:
        await self.filled(index)
        image = IndexPoint(uid(9), {"kind": "image"}, {"image": np.array([0, 0, 1], np.float32)})
        await index.upsert(C, [image])
        text, picture = await index.search(
            C, [near([0, 1], limit=1), VectorQuery("image", np.array([0, 0, 2], np.float32), 5)]
        )
        assert [hit.id for hit in text] == [uid(3)]
        assert [hit.id for hit in picture] == [uid(9)]
        assert picture[0].score == pytest.approx(1)

    async def test_a_filter_takes_any_of_its_values_and_all_of_its_fields(
        self, index: Index
    ) -> None:
        await self.filled(index)
        any_of = {"language": ("zh", "en"), "kind": ("passage",)}
        assert await self.ids(index, near([1, 0], must=any_of)) == [1, 2]

    async def test_a_point_without_the_field_passes_must_not_and_fails_must(
        self, index: Index
    ) -> None:
        await self.filled(index)
        assert await self.ids(index, near([1, 0], must_not={"patient": ("P-1",)})) == [2, 3]
        assert await self.ids(index, near([1, 0], must={"patient": ("P-1", "P-9")})) == [1]

    async def test_a_condition_without_values_is_no_condition(self, index: Index) -> None:
        await self.filled(index)
        query = near([1, 0], must={"kind": ()}, must_not={"patient": ()})
        assert await self.ids(index, query) == [1, 2, 3]

    async def test_equal_scores_are_ordered_by_id(self, index: Index) -> None:
        await index.create(C, {"text": 2})
        await index.upsert(C, [point(n, [1, 1]) for n in (5, 3, 9, 1)])
        assert await self.ids(index, near([1, 1])) == [1, 3, 5, 9]

    async def test_a_missing_collection_is_empty(self, index: Index) -> None:
        assert await index.search("nowhere", [near([1, 0])]) == [[]]
        assert await index.count("nowhere") == 0
        await index.delete("nowhere", [uid(1)])
        await index.optimize("nowhere")
        await index.drop("nowhere")

    async def test_deleted_points_are_gone_and_unknown_ids_are_passed_over(
        self, index: Index
    ) -> None:
        await self.filled(index)
        await index.delete(C, [uid(1), uid(77)])
        await index.delete(C, [])
        assert await index.count(C) == 3
        assert await self.ids(index, near([1, 0])) == [2, 3]

    async def test_a_dropped_collection_can_be_made_again_empty(self, index: Index) -> None:
        await self.filled(index)
        await index.drop(C)
        assert await index.count(C) == 0
        await index.create(C, {"text": 2})
        assert await index.count(C) == 0

    @pytest.mark.parametrize("bad", [[0.0, 0.0], [float("nan"), 1.0], [float("inf"), 0.0]])
    async def test_an_unusable_vector_is_refused_and_nothing_is_written(
        self, index: Index, bad: list[float]
    ) -> None:
        await index.create(C, {"text": 2})
        with pytest.raises(RadciteError, match="EMBEDDING_INVALID"):
            await index.upsert(C, [point(1, [1, 0]), point(2, bad)])
        assert await index.count(C) == 0

    async def test_a_weight_that_is_not_finite_is_refused(self, index: Index) -> None:
        await index.create(C, {"text": 2})
        bad = IndexPoint(uid(1), {}, {}, SparseVector((3,), (float("nan"),)))
        with pytest.raises(RadciteError, match="EMBEDDING_INVALID"):
            await index.upsert(C, [bad])

    async def test_a_collection_may_have_any_name(self, index: Index) -> None:
        name = "肺 结节/../x"
        await index.create(name, {"text": 2})
        await index.upsert(name, [point(1, [1, 0])])
        assert (await index.count(name), await index.count(C)) == (1, 0)

    async def test_two_first_searches_at_once_both_find(self, index: Index) -> None:
        await self.filled(index)
        both = await asyncio.gather(*(self.ids(index, near([1, 0])) for _ in range(2)))
        assert both == [[1, 2, 3]] * 2

    async def test_optimizing_keeps_what_is_found(self, index: Index) -> None:
        await self.filled(index)
        await index.optimize(C)
        assert await self.ids(index, near([1, 0])) == [1, 2, 3]
