"""What every `Ledger` must do. A backend's test subclasses it and gives the ledger."""

from dataclasses import replace

import numpy as np
import pytest

from radcite.core.layout import PlacedWord, pack
from radcite.core.ledger import (
    CollectionRecord,
    FileLink,
    FileRecord,
    Ledger,
    LedgerBatch,
    LedgerPoint,
    StoredCase,
    StoredDocument,
)
from radcite.core.sources import Case, Document, ImageRef, Passage
from radcite.core.study_objects import StoredObject, StudyObject
from radcite.core.vectors import SparseVector

__all__ = ["TEXT", "C", "LedgerContract", "batch_of", "case_batch", "drained", "passage_point"]

C = "contract"
TEXT = "肺 clear. No effusion."


def passage_point(
    name: str, owner: str, terms: tuple[int, ...] = (1, 7), span: tuple[int, int] = (0, 8)
) -> LedgerPoint:
    sparse = SparseVector(terms, tuple(0.5 for _ in terms))
    vector = np.array([0.25, -1.5], dtype=np.float32)
    return LedgerPoint(name, owner, "passage", *span, {"language": "en"}, vector, None, sparse)


def batch_of(
    owner: str, *points: LedgerPoint, digest: str = "d", layout: bytes | None = None
) -> LedgerBatch:
    document = Document(document_id=owner, title="T", text=TEXT, language="en", year=2020)
    return LedgerBatch(documents=[StoredDocument(document, digest, layout)], points=points)


def case_batch(case_id: str, digest: str = "d") -> LedgerBatch:
    image = LedgerPoint(
        f"{case_id}-image", case_id, "image", 0, 0, {}, image=np.ones(3, dtype=np.float32)
    )
    words = LedgerPoint(
        f"{case_id}-words", case_id, "case", 0, 0, {}, sparse=SparseVector((9,), (1.0,))
    )
    case = Case(case_id=case_id, patient="P-1", report="Fracture.")
    return LedgerBatch(cases=[StoredCase(case, digest)], points=[words, image])


async def drained(ledger: Ledger) -> list[str]:
    """The ids an index would be given, everything acknowledged."""
    points, removed, mark = await ledger.pending(C, 100)
    await ledger.acknowledge(C, removed, mark)
    return [point.id for point in points]


class LedgerContract:
    @pytest.fixture
    async def ledger(self) -> Ledger:
        raise NotImplementedError

    async def test_an_empty_ledger_says_so(self, ledger: Ledger) -> None:
        assert await ledger.collection(C) is None
        assert await ledger.collections() == []
        assert await ledger.document(C, "a") is None
        assert await ledger.case(C, "a") is None
        assert await ledger.file(C, "k") is None
        assert await ledger.resolve(C, ["p"]) == []
        assert await ledger.pending(C, 10) == ([], [], 0)
        assert await ledger.document_count(C) == 0
        assert set((await ledger.counts(C)).values()) == {0}

    async def test_collections_come_by_name_and_are_replaced(self, ledger: Ledger) -> None:
        for name in ("b", "a"):
            await ledger.put_collection(CollectionRecord(name=name, sparse="bm25/1"))
        newer = CollectionRecord(name="b", sparse="bm25/2", text="t", text_dim=3)
        await ledger.put_collection(newer)
        assert [record.name for record in await ledger.collections()] == ["a", "b"]
        assert await ledger.collection("b") == newer

    async def test_a_document_comes_back_as_it_was_stored(self, ledger: Ledger) -> None:
        stored = batch_of("a", passage_point("p", "a"))
        await ledger.write(C, stored)
        assert await ledger.document(C, "a") == stored.documents[0].document
        assert await ledger.document("other", "a") is None

    async def test_vectors_are_replaced_by_id_and_in_one_collection(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a", passage_point("p", "a"), passage_point("q", "a")))
        row = np.array([3.0, 4.0], dtype=np.float32)
        await ledger.put_vectors(C, "text", {"p": row, "q": None, "unknown": None})
        await ledger.put_vectors("other", "text", {"p": None})
        await ledger.put_vectors(C, "image", {"q": row})
        points, _, _ = await ledger.pending(C, 10)
        assert np.array_equal(np.array(next(p.image for p in points if p.id == "q")), row)
        found = {point.id: point.text for point in points}
        assert found["q"] is None
        assert np.array_equal(np.array(found["p"]), [3.0, 4.0])

    async def test_a_case_comes_back_as_it_was_stored(self, ledger: Ledger) -> None:
        stored = case_batch("c")
        await ledger.write(C, stored)
        assert await ledger.case(C, "c") == stored.cases[0].case

    async def test_a_point_resolves_to_its_words_counted_in_code_points(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("a", passage_point("p", "a", span=(2, 8))))
        [(name, source)] = await ledger.resolve(C, ["p"])
        assert name == "p"
        assert isinstance(source, Passage)
        assert (source.text, source.start, source.end, source.year) == ("clear.", 2, 8, 2020)

    async def test_resolving_keeps_the_order_asked_for_and_leaves_out_unknown_ids(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("a", *(passage_point(f"p{i}", "a") for i in range(4))))
        await ledger.write(C, case_batch("c"))
        asked = ["p3", "c-image", "none", "p0", "c-words", "p2"]
        found = await ledger.resolve(C, asked)
        assert [name for name, _ in found] == ["p3", "c-image", "p0", "c-words", "p2"]
        assert found[1][1] == found[3][1] == await ledger.case(C, "c")

    async def test_more_ids_than_one_statement_takes_are_resolved(self, ledger: Ledger) -> None:
        points = [passage_point(f"p{i:04}", "a") for i in range(1100)]
        await ledger.write(C, batch_of("a", *points))
        asked = [point.id for point in reversed(points)]
        assert [name for name, _ in await ledger.resolve(C, asked)] == asked

    async def test_a_document_written_again_supersedes_its_points(self, ledger: Ledger) -> None:
        old = [passage_point("p1", "a"), passage_point("p2", "a")]
        await ledger.write(C, batch_of("a", *old))
        await ledger.write(C, batch_of("b", passage_point("q", "b")))
        await ledger.write(C, batch_of("a", passage_point("p3", "a"), digest="new"))
        found = await ledger.resolve(C, ["p1", "p2", "p3", "q"])
        assert [name for name, _ in found] == ["p3", "q"]
        assert (await ledger.counts(C))["documents"] == 2
        assert await ledger.known(C, {"a": "d", "b": "d"}) == {"b"}
        assert await ledger.known(C, {"a": "new"}) == {"a"}

    async def test_a_document_and_a_case_of_one_id_do_not_supersede_each_other(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("x", passage_point("p", "x")))
        await ledger.write(C, case_batch("x"))
        assert len(await ledger.resolve(C, ["p", "x-words", "x-image"])) == 3

    async def test_document_frequencies_count_points(self, ledger: Ledger) -> None:
        points = [passage_point("p1", "a", (1, 7)), passage_point("p2", "a", (7, 2**32 - 1))]
        await ledger.write(C, batch_of("a", *points))
        assert await ledger.document_count(C) == 2
        frequencies = await ledger.document_frequencies(C, [1, 7, 2**32 - 1, 5])
        assert frequencies == {1: 1, 7: 2, 2**32 - 1: 1}
        assert await ledger.document_frequencies("other", [7]) == {}

    async def test_forgetting_takes_its_terms_away_exactly(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a", passage_point("p1", "a", (1, 7))))
        before = await ledger.document_frequencies(C, [1, 3, 7])
        added = [passage_point("q1", "b", (3, 7)), passage_point("q2", "b", (1, 7))]
        await ledger.write(C, batch_of("b", *added))
        assert await ledger.document_frequencies(C, [1, 3, 7]) == {1: 2, 3: 1, 7: 3}
        assert await ledger.forget(C, ["b", "nobody"]) == 2
        assert await ledger.document_frequencies(C, [1, 3, 7]) == before == {1: 1, 7: 1}
        assert await ledger.document_count(C) == 1

    async def test_superseding_counts_the_new_terms_only(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a", passage_point("p1", "a", (1, 7))))
        await ledger.write(C, batch_of("a", passage_point("p2", "a", (7, 8))))
        assert await ledger.document_frequencies(C, [1, 7, 8]) == {7: 1, 8: 1}
        assert await ledger.document_count(C) == 1

    async def test_a_point_without_words_is_no_document(self, ledger: Ledger) -> None:
        await ledger.write(C, case_batch("c"))
        assert await ledger.document_count(C) == 1
        assert await ledger.forget(C, cases=["c"]) == 2
        assert await ledger.document_count(C) == 0

    async def test_a_forgotten_case_is_gone_with_its_points(self, ledger: Ledger) -> None:
        await ledger.write(C, case_batch("c"))
        await ledger.forget(C, cases=["c"])
        assert await ledger.case(C, "c") is None
        assert await ledger.resolve(C, ["c-words", "c-image"]) == []
        assert await ledger.image_points(C, 5) == []

    async def test_pending_points_carry_their_vectors_until_they_are_acknowledged(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("a", passage_point("p", "a")))
        points, removed, mark = await ledger.pending(C, 10)
        assert (await ledger.pending(C, 10))[2] == mark
        [point] = points
        assert point.text is not None
        assert point.text.tolist() == [0.25, -1.5]
        assert point.sparse == SparseVector((1, 7), (0.5, 0.5))
        assert (point.image, point.payload, removed) == (None, {"language": "en"}, [])
        await ledger.acknowledge(C, removed, mark)
        assert await ledger.pending(C, 10) == ([], [], mark)

    async def test_pending_points_come_in_the_order_written_a_few_at_a_time(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("a", *(passage_point(f"p{i}", "a") for i in (3, 1, 2))))
        seen: list[str] = []
        while (found := await ledger.pending(C, 2))[0]:
            points, removed, mark = found
            seen += [point.id for point in points]
            await ledger.acknowledge(C, removed, mark)
        assert seen == ["p3", "p1", "p2"]

    async def test_points_that_went_are_to_be_removed_until_that_is_acknowledged(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("a", passage_point("p1", "a"), passage_point("p2", "a")))
        await drained(ledger)
        await ledger.forget(C, ["a"])
        points, removed, mark = await ledger.pending(C, 10)
        assert (points, sorted(removed)) == ([], ["p1", "p2"])
        await ledger.acknowledge(C, ["p1"], mark)
        assert (await ledger.pending(C, 10))[1] == ["p2"]

    async def test_a_point_that_comes_back_is_removed_first_and_then_written(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("a", passage_point("p", "a")))
        await drained(ledger)
        await ledger.write(C, batch_of("a", passage_point("p", "a")))
        points, removed, _ = await ledger.pending(C, 10)
        assert ([point.id for point in points], removed) == (["p"], ["p"])

    async def test_acknowledging_nothing_up_to_zero_makes_everything_pending_again(
        self, ledger: Ledger
    ) -> None:
        await ledger.write(C, batch_of("a", passage_point("p", "a")))
        await drained(ledger)
        await ledger.acknowledge(C, [], 0)
        assert await drained(ledger) == ["p"]

    async def test_a_paged_span_has_one_box_per_line(self, ledger: Ledger) -> None:
        words = [
            PlacedWord(0, 1, 1, 1, 10.0, 20.0, 18.0, 30.0),
            PlacedWord(2, 8, 1, 1, 20.0, 20.0, 40.0, 30.0),
            PlacedWord(9, 11, 2, 2, 10.0, 50.0, 18.0, 60.0),
        ]
        await ledger.write(C, batch_of("a", layout=pack(words)))
        boxes = await ledger.boxes(C, "a", 0, 11)
        assert [(box.page, box.box) for box in boxes] == [
            (1, (10.0, 20.0, 40.0, 30.0)),
            (2, (10.0, 50.0, 18.0, 60.0)),
        ]

    async def test_an_unpaged_or_unknown_document_has_no_boxes(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a"))
        assert await ledger.boxes(C, "a", 0, 5) == ()
        assert await ledger.boxes(C, "b", 0, 5) == ()

    async def test_image_points_are_a_fixed_sample(self, ledger: Ledger) -> None:
        for case_id in ("c2", "c1", "c3"):
            await ledger.write(C, case_batch(case_id))
        sample = await ledger.image_points(C, 2)
        assert [point.id for point in sample] == ["c1-image", "c2-image"]
        assert sample[0].image is not None
        assert sample[0].image.tolist() == [1, 1, 1]

    async def test_counts_are_by_kind(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a", passage_point("p1", "a"), passage_point("p2", "a")))
        await ledger.write(C, case_batch("c"))
        expected = {"documents": 1, "passages": 2, "cases": 1, "images": 1}
        assert await ledger.counts(C) == expected

    async def test_files_are_found_by_key_and_only_indexed_ones_by_instance(
        self, ledger: Ledger
    ) -> None:
        held = FileRecord(key="k1", instance="I-1", content="c", state="indexed")
        failed = FileRecord(
            key="k2", instance="I-2", state="failed", code="PDF_DAMAGED", message="m"
        )
        await ledger.put_files(C, [held, failed])
        stored = await ledger.file(C, "k2")
        assert stored is not None
        assert stored.changed_at is not None
        assert stored.model_copy(update={"changed_at": None}) == failed
        found = await ledger.holding(C, "I-1")
        assert [(one.key, one.content) for one in found] == [(held.key, held.content)]
        assert await ledger.holding(C, "I-2") == []
        assert await ledger.count_files(C) == {"indexed": 1, "failed": 1}

    async def test_a_file_has_its_latest_state(self, ledger: Ledger) -> None:
        await ledger.put_files(C, [FileRecord(key="k", state="seen")])
        await ledger.put_files(C, [FileRecord(key="k", state="indexed")])
        assert await ledger.count_files(C) == {"indexed": 1}

    async def test_files_come_by_state_and_key_a_few_at_a_time(self, ledger: Ledger) -> None:
        records = [FileRecord(key=f"k{i}", kind="pdf", state="seen") for i in range(3)]
        await ledger.put_files(C, [*records, FileRecord(key="k9", state="indexed")])
        first = await ledger.files(C, ["seen", "failed"], limit=2)
        rest = await ledger.files(C, ["seen", "failed"], limit=2, after=first[-1].key)
        assert [one.key for one in (*first, *rest)] == ["k0", "k1", "k2"]
        assert first[0].kind == "pdf"
        assert [one.key for one in await ledger.files_like(C, "k")] == ["k0", "k1"]
        assert [one.key for one in await ledger.files_like(C, "k9")] == ["k9"]
        assert await ledger.files_like(C, "x") == []

    async def test_links_lead_from_files_to_what_they_gave_and_back(self, ledger: Ledger) -> None:
        document, image = FileLink(kind="document", id="a"), FileLink(kind="image", id="e")
        stored = batch_of("a", passage_point("p", "a"))
        await ledger.write(C, replace(stored, links=[("k1", document), ("k2", document)]))
        await ledger.write(C, LedgerBatch(links=[("k1", image)]))
        assert await ledger.links(C, ["k1", "k3"]) == {"k1": [document, image]}
        givers = await ledger.givers(C, [document, image, FileLink(kind="case", id="a")])
        assert givers == {document: {"k1", "k2"}, image: {"k1"}}
        await ledger.relink(C, "k1", "k2")
        assert await ledger.links(C, ["k1", "k2"]) == {"k2": [document, image]}
        await ledger.write(C, batch_of("a", passage_point("p2", "a"), digest="new"))
        assert await ledger.givers(C, [document]) == {document: {"k2"}}
        await ledger.forget(C, documents=["a"])
        assert await ledger.givers(C, [document]) == {}

    async def test_objects_keep_their_order_and_tell_what_their_files_gave(
        self, ledger: Ledger
    ) -> None:
        first, second = (
            StoredObject(key, "c", StudyObject(study="S", series="s", instance=key, image=image))
            for key, image in (("k2", "e" * 64), ("k1", ""))
        )
        await ledger.write(C, LedgerBatch(objects=[first, second]))
        assert await ledger.study_objects(C, "S") == [first, second]
        case, picture = FileLink(kind="case", id="c"), FileLink(kind="image", id="e" * 64)
        assert await ledger.links(C, ["k1", "k2"]) == {"k1": [case], "k2": [case, picture]}
        moved = replace(first, case_id="d", object=first.object.model_copy(update={"text": "T."}))
        await ledger.write(C, LedgerBatch(objects=[moved]))
        assert await ledger.study_objects(C, "S") == [moved, second]
        assert await ledger.givers(C, [case]) == {case: {"k1"}}
        await ledger.drop_files(C, ["k1"])
        assert await ledger.objects_of(C, ["k1", "k2"]) == [moved]
        await ledger.forget(C, cases=["d"])
        assert await ledger.study_objects(C, "S") == []

    async def test_files_of_a_batch_get_their_state_with_it(self, ledger: Ledger) -> None:
        stored = batch_of("a", passage_point("p", "a"))
        await ledger.write(C, replace(stored, files=[FileRecord(key="k", state="encoded")]))
        assert await ledger.count_files(C) == {"encoded": 1}

    async def test_the_sources_of_a_file_are_those_where_it_stands(self, ledger: Ledger) -> None:
        await ledger.place(C, {"s1": ["k"], "s2": ["k", "l"]})
        assert await ledger.sources(C, "k") == {"s1", "s2"}
        assert await ledger.sources(C, "x") == set()

    async def test_a_key_that_stands_nowhere_any_more_is_told_until_it_is_dropped(
        self, ledger: Ledger
    ) -> None:
        assert await ledger.place(C, {"s1": ["old"], "s2": ["old"], "s3": ["x", "y"]}) == {}
        assert await ledger.place(C, {"s1": ["new"]}) == {}
        assert await ledger.place(C, {"s2": ["newer"], "s3": ["x", "y"]}) == {"old": "s2"}
        assert await ledger.place(C, {"s2": ["newer"]}) == {"old": "s2"}
        await ledger.drop_files(C, ["old"])
        assert await ledger.place(C, {"s1": ["new"], "s2": ["newer"]}) == {}
        assert await ledger.place(C, {"s3": ["y"]}) == {"x": "s3"}
        assert await ledger.place("other", {"s3": ["z"]}) == {}

    async def test_a_patients_cases_and_the_users_of_an_image_are_found(
        self, ledger: Ledger
    ) -> None:
        case = Case(
            case_id="c", patient="P-1", images=(ImageRef(digest="e" * 64, uri="u"),), report="r"
        )
        await ledger.write(C, LedgerBatch(cases=[StoredCase(case, "d")]))
        await ledger.write("other", case_batch("d"))
        assert await ledger.cases_of(C, "P-1") == ["c"]
        assert await ledger.cases_of("other", "P-1") == ["d"]
        assert await ledger.image_users(["e" * 64, "f" * 64]) == {"e" * 64: {(C, "c")}}
        await ledger.forget(C, cases=["c"])
        assert await ledger.image_users(["e" * 64]) == {}
        await ledger.write(C, batch_of("a", passage_point("p", "a")))
        assert await ledger.document_holders(["a", "b"]) == {"a": {C}}

    async def test_what_was_stored_before_a_time_is_found(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a"))
        await ledger.write(C, case_batch("c"))
        assert await ledger.stored_before(C, "2999-01-01T00:00:00+00:00") == (["a"], ["c"])
        assert await ledger.stored_before(C, "1999-01-01T00:00:00+00:00") == ([], [])

    async def test_the_points_of_a_case_come_with_their_vectors(self, ledger: Ledger) -> None:
        await ledger.write(C, case_batch("c"))
        await ledger.write(C, batch_of("c", passage_point("p", "c")))
        found = await ledger.points_of(C, "c")
        assert [point.id for point in found] == ["c-words", "c-image"]
        assert found[1].image is not None

    async def test_erasing_keeps_what_is_there(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a", passage_point("p", "a")))
        await ledger.erase()
        assert [name for name, _ in await ledger.resolve(C, ["p"])] == ["p"]

    async def test_a_batch_is_stored_together_or_not_at_all(self, ledger: Ledger) -> None:
        await ledger.write(C, batch_of("a", passage_point("p", "a")))
        twice = passage_point("q", "a")
        with pytest.raises(Exception, match="INTERNAL"):
            await ledger.write(C, batch_of("a", twice, twice, digest="new"))
        assert await ledger.known(C, {"a": "d"}) == {"a"}
        assert [name for name, _ in await ledger.resolve(C, ["p", "q"])] == ["p"]
        assert await ledger.document_frequencies(C, [1, 7]) == {1: 1, 7: 1}

    async def test_a_dropped_collection_leaves_the_others_alone(self, ledger: Ledger) -> None:
        for name in (C, "other"):
            await ledger.put_collection(CollectionRecord(name=name, sparse="bm25/1"))
            await ledger.write(name, batch_of("a", passage_point("p", "a")))
            await ledger.put_files(name, [FileRecord(key="k", state="indexed")])
        await ledger.drop_collection(C)
        assert [record.name for record in await ledger.collections()] == ["other"]
        assert await ledger.document(C, "a") is None
        assert await ledger.pending(C, 5) == ([], [], 0)
        assert await ledger.document_count(C) == 0
        assert await ledger.count_files(C) == {}
        assert await ledger.document_count("other") == 1
