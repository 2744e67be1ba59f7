import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from radcite.backends.fakes import HashingTextEncoder, WordOverlapReranker
from radcite.core.sources import Case, Document, Passage
from radcite.tools.hits import Hit
from radcite.tools.hybrid import HybridSearch
from radcite.tools.literature import LiteratureRequest, LiteratureSearch
from radcite.tools.rerank import RERANKED, blended, rerank, words_of
from tests.tools.library import Library, owners


def hit(number: int, text: str) -> Hit:
    passage = Passage(document_id=f"D{number}", text=text, language="en", start=0, end=len(text))
    return Hit(passage, number + 1, 1.0 - number / 100, None, None, "bm25")


async def test_the_text_that_answers_comes_first_and_scores_stay_with_ranks() -> None:
    hits = [
        hit(0, "A rib fracture."),
        hit(1, "Nothing of note."),
        hit(2, "The nodule measured 6 mm."),
    ]
    model = WordOverlapReranker({"en": 1.0})
    found = await rerank("what size had the nodule", hits, model)
    assert owners(found) == ["D2", "D0", "D1"]
    assert [one.rank for one in found] == [1, 2, 3]
    assert [one.score for one in found] == [one.score for one in hits]


async def test_a_language_without_a_share_is_left_as_it_is() -> None:
    hits = [hit(0, "骨折。"), hit(1, "结节直径6毫米。")]
    assert await rerank("结节多大", hits, WordOverlapReranker({"en": 1.0})) == hits


async def test_only_the_first_hits_are_read() -> None:
    hits = [hit(n, "Nothing of note.") for n in range(RERANKED)] + [hit(RERANKED, "nodule")]
    found = await rerank("nodule", hits, WordOverlapReranker({"en": 1.0}))
    assert owners(found)[-1] == f"D{RERANKED}"


def test_shares_lie_between_the_search_and_the_model() -> None:
    searched, told = [0.9, 0.5, 0.1], [0.0, 2.0, 1.5]
    assert blended(searched, told, 0.0) == [0, 1, 2]
    assert blended(searched, told, 1.0) == [1, 2, 0]
    assert blended([0.5, 0.5], [1.0, 1.0], 0.5) == [0, 1]


def test_a_passage_is_read_behind_its_title_and_a_case_with_all_its_words() -> None:
    titled = replace(hit(0, "It is round."), encoder="x").source
    assert words_of(titled) == "It is round."
    assert words_of(titled.model_copy(update={"title": "Nodules"})) == "Nodules. It is round."
    case = Case(case_id="C", report="A nodule.", diagnosis="granuloma")
    assert words_of(case) == "A nodule.\ngranuloma"


TEXTS = {
    "round": "Nodule: a rounded opacity. Nodule nodule.",
    "size": "What size had the nodule is told in millimetres.",
    "other": "Effusion blunts an angle.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library.at(tmp_path_factory.mktemp("reranked"))
    documents = [Document(document_id=n, text=t, language="en") for n, t in TEXTS.items()]
    asyncio.run(library.fill(documents, text=HashingTextEncoder()))
    yield library
    asyncio.run(library.close())


async def test_a_hybrid_search_is_reranked_and_the_others_are_not(library: Library) -> None:
    plain = library.search(HashingTextEncoder())
    contrary = WordOverlapReranker({"en": 1.0}, sign=-1)

    async def found(search: HybridSearch, mode: str, limit: int = 3) -> list[str]:
        request = LiteratureRequest.model_validate(
            {"query": "what size had the nodule", "mode": mode, "limit": limit}
        )
        return owners(list(await LiteratureSearch(search)(request)))

    reranked = replace(plain, reranker=contrary)
    assert (await found(plain, "hybrid"))[0] == "size"
    assert (await found(reranked, "hybrid"))[0] == "other"
    assert await found(reranked, "hybrid", limit=1) == ["other"]
    for mode in ("dense", "sparse"):
        assert await found(reranked, mode) == await found(plain, mode)
