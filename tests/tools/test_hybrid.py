import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from radcite.backends.fakes import HashingTextEncoder
from radcite.core.errors import RadciteError
from radcite.core.ports import Filter
from radcite.core.sources import Document, Language
from radcite.tools.hits import Hit
from radcite.tools.hybrid import HybridSearch
from radcite.tools.literature import LiteratureRequest, LiteratureSearch
from tests.tools.library import Library, owners


def document(name: str, text: str, language: Language = "en", **more: object) -> Document:
    return Document.model_validate({"document_id": name, "text": text, "language": language} | more)


LONG = " ".join(f"Pleural effusion of patient {i} was drained on that day." for i in range(60))
DOCUMENTS = (
    document("effusion", "Pleural effusion blunts the costophrenic angle."),
    document("nodule", "A pulmonary nodule is a rounded opacity."),
    document("withdrawn", "Pleural effusion is cured by sunlight.", retracted=True),
    document("long", LONG),
    document("zh", "胸腔积液使肋膈角变钝。", "zh"),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library.at(tmp_path_factory.mktemp("dense"))
    asyncio.run(library.fill(DOCUMENTS, text=HashingTextEncoder()))
    yield library
    asyncio.run(library.close())


@pytest.fixture
def read(library: Library) -> HybridSearch:
    """Searched by words and by meaning; the encoder reads English."""
    return library.search(HashingTextEncoder())


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HybridSearch]:
    """Searched by words alone."""
    library = Library.at(tmp_path_factory.mktemp("worded"))
    asyncio.run(library.fill(DOCUMENTS))
    yield library.search(None)
    asyncio.run(library.close())


async def found(
    search: HybridSearch,
    query: str,
    *,
    mode: Literal["hybrid", "dense", "sparse"] = "hybrid",
    group: Literal["passage", "document"] = "passage",
    **more: object,
) -> list[Hit]:
    request = LiteratureRequest.model_validate(
        {"query": query, "mode": mode, "group": group, **more}
    )
    return list(await LiteratureSearch(search)(request))


async def test_the_nearest_passage_comes_first_with_its_signals(read: HybridSearch) -> None:
    hits = await found(read, "rounded pulmonary nodule opacity")
    assert owners(hits)[0] == "nodule"
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert hits[0].encoder == "hashing/64"
    assert hits[0].coverage == pytest.approx(1.0)
    assert hits[0].cosine is not None
    assert 0 < hits[0].cosine <= 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


async def test_coverage_is_the_share_of_weight_the_source_holds(read: HybridSearch) -> None:
    hits = await found(read, "nodule sarcoidosis", mode="sparse")
    assert owners(hits) == ["nodule"]
    assert hits[0].coverage is not None
    assert 0 < hits[0].coverage < 0.5


async def test_retracted_passages_are_out_unless_asked_for(read: HybridSearch) -> None:
    query = "effusion cured by sunlight"
    assert "withdrawn" not in owners(await found(read, query))
    assert owners(await found(read, query, with_retracted=True))[0] == "withdrawn"


async def test_a_language_the_encoder_does_not_read_falls_back_to_words(
    read: HybridSearch,
) -> None:
    hits = await found(read, "胸腔积液")
    # A text in the question's language comes before those that hold its terms in the other one.
    assert owners(hits)[0] == "zh"
    assert {"effusion"} <= set(owners(hits))
    assert hits[0].cosine is None
    assert hits[0].encoder.startswith("bm25/")


async def test_a_dense_search_in_a_language_the_encoder_does_not_read_is_refused(
    read: HybridSearch,
) -> None:
    with pytest.raises(RadciteError, match="VALIDATION"):
        await found(read, "胸腔积液", mode="dense")


async def test_a_dense_search_without_an_encoder_is_refused(worded: HybridSearch) -> None:
    with pytest.raises(RadciteError, match="VALIDATION") as caught:
        await found(worded, "effusion", mode="dense")
    assert caught.value.detail_zh != caught.value.detail


async def test_a_collection_without_an_encoder_is_searched_by_words(worded: HybridSearch) -> None:
    [first, *_] = await found(worded, "nodule")
    assert (owners([first]), first.cosine) == (["nodule"], None)


async def test_a_dense_collection_is_searched_by_words_when_no_encoder_is_at_hand(
    library: Library,
) -> None:
    assert owners(await found(library.search(None), "nodule")) == ["nodule"]


async def test_a_dense_search_has_cosines_and_a_sparse_one_none(read: HybridSearch) -> None:
    dense = await found(read, "pulmonary nodule", mode="dense", limit=3)
    assert [hit.score for hit in dense] == sorted((hit.score for hit in dense), reverse=True)
    assert all(hit.cosine is not None for hit in dense)
    sparse = await found(read, "pulmonary nodule", mode="sparse")
    assert [hit.cosine for hit in sparse] == [None]
    assert sparse[0].encoder.startswith("bm25/")


async def test_another_encoder_than_the_collections_is_refused(
    library: Library, read: HybridSearch
) -> None:
    with pytest.raises(RadciteError, match=r"INDEX_MODEL_MISMATCH.*hashing/64.*hashing/32"):
        await found(library.search(HashingTextEncoder(32)), "nodule")


async def test_the_passages_of_one_document_can_be_grouped(read: HybridSearch) -> None:
    single = await found(read, "pleural effusion drained", limit=3)
    assert owners(single).count("long") > 1
    grouped = await found(read, "pleural effusion drained", group="document", limit=3)
    assert len(set(owners(grouped))) == len(grouped)
    assert [hit.rank for hit in grouped] == [1, 2, 3][: len(grouped)]
    assert grouped[0].source == single[0].source


async def test_a_long_document_does_not_take_the_places_of_others(tmp_path: Path) -> None:
    tale = " ".join(f"Pleural effusion of patient {i} was drained on that day." for i in range(900))
    short = (document(f"s{i}", f"Effusion number {i} of another kind.") for i in range(4))
    library = Library.at(tmp_path)
    await library.fill([document("tale", tale), *short])
    grouped = await found(
        library.search(None), "pleural effusion drained", group="document", limit=4
    )
    assert len(set(owners(grouped))) == 4
    await library.close()


async def test_a_language_can_be_asked_for(read: HybridSearch) -> None:
    assert owners(await found(read, "effusion 积液", language="zh")) == ["zh"]
    assert "zh" not in owners(await found(read, "effusion 积液", language="en"))


async def test_no_more_hits_come_than_asked_for(read: HybridSearch) -> None:
    assert len(await found(read, "pleural effusion", limit=2)) == 2


async def test_an_unknown_collection_holds_nothing(read: HybridSearch) -> None:
    assert await found(read, "effusion", collection="none") == []


async def test_words_that_no_passage_holds_find_nothing(read: HybridSearch) -> None:
    assert await found(read, "zygomycosis", mode="sparse") == []


async def test_a_forgotten_document_is_not_found_even_before_the_index_knows(
    tmp_path: Path,
) -> None:
    library = Library.at(tmp_path)
    await library.fill(DOCUMENTS[:2])
    search = library.search(None)
    assert owners(await found(search, "pulmonary nodule")) == ["nodule"]
    await library.ledger.forget("default", ["nodule"])
    assert await found(search, "pulmonary nodule") == []
    await library.close()


async def test_a_small_collection_is_compared_whole(library: Library, read: HybridSearch) -> None:
    assert await read.is_exact("default")
    few = HybridSearch(library.index, library.ledger, library.sparse, read.text, exact_up_to=2)
    assert not await few.is_exact("default")
    assert owners(await few("nodule", "default", Filter(), 1)) == ["nodule"]
