import asyncio
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from radcite.backends.fakes import FlatImageEncoder, HashingTextEncoder
from radcite.core.errors import RadciteError
from radcite.core.sources import Case
from radcite.tools.cases import CaseRequest, CaseSearch
from tests.tools.library import Library, owners, picture


def case(name: str, report: str, patient: str, *brightness: int, **more: object) -> Case:
    images = tuple(picture(shade) for shade in brightness)
    return Case.model_validate(
        {"case_id": name, "report": report, "patient": patient, "images": images} | more
    )


CASES = (
    case("dark", "Pneumothorax on the left.", "P-1", 10, modality="CR", body_part="CHEST"),
    case("dim", "Fracture of the rib.", "P-1", 60, 70, modality="CT", body_part="CHEST"),
    case("bright", "Effusion on the right.", "P-2", 240, modality="CR", body_part="CHEST"),
    case("knee", "Effusion of the knee.", "P-3", 150, modality="MR", body_part="KNEE"),
    case("worded", "Pneumothorax after biopsy.", "P-4"),
    case("zh", "左侧气胸。", "P-5", language="zh"),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library.at(tmp_path_factory.mktemp("cases"))
    filled = library.fill(cases=CASES, text=HashingTextEncoder(), image=FlatImageEncoder())
    asyncio.run(filled)
    yield library
    asyncio.run(library.close())


@pytest.fixture
def search(library: Library) -> CaseSearch:
    text = library.search(HashingTextEncoder())
    return CaseSearch(text, library.index, library.images, FlatImageEncoder())


async def found(search: CaseSearch, *brightness: int, **more: object) -> list[str]:
    images = tuple(picture(shade).digest for shade in brightness)
    request = CaseRequest.model_validate({"images": images, **more})
    return owners(await search(request))


async def test_cases_come_by_the_likeness_of_their_images(search: CaseSearch) -> None:
    assert (await found(search, 10))[:2] == ["dark", "dim"]
    assert (await found(search, 240))[0] == "bright"


async def test_a_case_with_several_images_comes_once(search: CaseSearch) -> None:
    names = await found(search, 60, 70)
    assert names[0] == "dim"
    assert len(names) == len(set(names)) == 4


async def test_hits_by_image_carry_their_cosine(search: CaseSearch) -> None:
    [first] = await search(CaseRequest(images=(picture(10).digest,), limit=1))
    assert (first.rank, first.encoder, first.coverage) == (1, "flat/4", None)
    assert first.cosine == pytest.approx(1, abs=1e-5)


async def test_the_patients_own_cases_are_kept_out_by_image_and_by_words(
    search: CaseSearch,
) -> None:
    assert not {"dark", "dim"} & set(await found(search, 10, patient="P-1"))
    names = await found(search, query="pneumothorax on the left", patient="P-1")
    assert names[0] == "worded"
    assert not {"dark", "dim"} & set(names)


async def test_an_excluded_case_is_kept_out_by_image_and_by_words(search: CaseSearch) -> None:
    both = await found(search, 10, query="pneumothorax", exclude=("dark", "worded"))
    assert both
    assert not {"dark", "worded"} & set(both)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"modality": "CR"}, {"dark", "bright"}),
        ({"body_part": "KNEE"}, {"knee"}),
        ({"modality": "CR", "body_part": "KNEE"}, set()),
        ({"language": "zh"}, set()),
    ],
)
async def test_conditions_hold_for_images(
    search: CaseSearch, condition: dict[str, str], expected: set[str]
) -> None:
    assert set(await found(search, 150, **condition)) == expected


async def test_conditions_hold_for_words(search: CaseSearch) -> None:
    assert await found(search, query="effusion", modality="MR") == ["knee"]
    assert await found(search, query="effusion", modality="mr", body_part="Knee") == ["knee"]
    assert await found(search, query="气胸", language="zh") == ["zh"]
    # A Chinese question finds English cases by the names of its terms.
    assert set(await found(search, query="气胸", language="en")) == {"worded", "dark"}
    assert await found(search, query="气胸", modality="US") == []


async def test_image_and_words_together_rank_a_case_near_in_both_first(
    search: CaseSearch,
) -> None:
    images = (picture(10).digest,)
    hits = await search(CaseRequest(images=images, query="pneumothorax on the left"))
    names = owners(hits)
    assert names[0] == "dark"
    assert "worded" in names
    assert len(names) == len(set(names)) <= 5
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert hits[0].coverage == pytest.approx(1)


async def test_no_more_cases_come_than_asked_for(search: CaseSearch) -> None:
    assert len(await found(search, 10, query="effusion", limit=2)) == 2


async def test_an_image_that_is_not_stored_is_not_found(search: CaseSearch) -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await found(search, 11)


async def test_an_image_without_an_encoder_is_refused(library: Library) -> None:
    blind = CaseSearch(library.search(None), library.index, library.images, None)
    with pytest.raises(RadciteError, match="VALIDATION"):
        await found(blind, 10)
    assert (await found(blind, query="knee"))[0] == "knee"


async def test_another_image_encoder_than_the_collections_is_refused(library: Library) -> None:
    other = CaseSearch(library.search(None), library.index, library.images, FlatImageEncoder(2))
    with pytest.raises(RadciteError, match="INDEX_MODEL_MISMATCH"):
        await found(other, 10)


async def test_an_unknown_collection_holds_no_cases(search: CaseSearch) -> None:
    assert await found(search, 10, query="effusion", collection="none") == []


@pytest.mark.parametrize("given", [{}, {"query": "  "}, {"query": "x", "limit": 0}])
def test_a_request_has_words_or_an_image_and_room(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CaseRequest.model_validate(given)
