"""A case whose text may name somebody waits; what a person decides is what happens."""

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from radcite.backends.state.database import SqliteState
from radcite.backends.state.phi_reviews import PHI_REVIEWS_SCHEMA, SqlPhiReviews
from radcite.core.errors import RadciteError
from radcite.core.phi_review import Decision
from radcite.core.settings import PrivacySettings
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.ingest import Ingestor
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import HeldForReview
from tests.ingestion.studio import Studio, open_studio, write_jsonl

DOUBTFUL = "Film on Thursday. Nadia in cardiac physiology has the card. Dr. Jane Roe reported."
CLEAR = "Small left effusion."


def listed(folder: Path) -> Path:
    path = folder / "cases.jsonl"
    write_jsonl(path, [{"case_id": "d", "report": DOUBTFUL}, {"case_id": "c", "report": CLEAR}])
    return path


def ingestor(studio: Studio, reviews: SqlPhiReviews, **privacy: object) -> Ingestor:
    from dataclasses import replace

    return replace(
        studio.ingestor, reviews=reviews, privacy=PrivacySettings.model_validate(privacy)
    )


@pytest.mark.parametrize(
    ("decision", "stands"), [("masked", False), ("as it is", True), ("rejected", None)]
)
async def test_a_case_in_doubt_waits_and_is_taken_as_decided(
    decision: Decision, stands: bool | None, tmp_path: Path
) -> None:
    path = listed(tmp_path)
    reviews = SqlPhiReviews(SqliteState(tmp_path / "phi.sqlite", PHI_REVIEWS_SCHEMA))
    async with open_studio(tmp_path / "home") as studio:
        take = ingestor(studio, reviews)
        first = await take([path], "default")
        assert (first.cases, [one.code for one in first.quarantined]) == (1, ["PHI_REVIEW"])
        [held] = await reviews.images()
        [word] = held.words
        assert DOUBTFUL[word.start : word.end] == "Nadia"
        assert "Nadia" not in held.model_dump_json()
        await reviews.decide(held.key, decision, "lin", "seen")
        second = await take([path], "default")
        assert [one.code for one in second.quarantined] == (
            ["PHI_REVIEW"] if stands is None else []
        )
        case = await studio.ledger.case("default", "d")
        if stands is None:
            assert case is None
        else:
            assert case is not None
            assert ("Nadia" in case.report) is stands
            assert "Jane Roe" not in case.report
    await reviews.close()


@pytest.mark.parametrize(("setting", "stands"), [("mask", False), ("keep", True)])
async def test_a_site_may_decide_for_all(setting: str, stands: bool, tmp_path: Path) -> None:
    reviews = SqlPhiReviews(SqliteState(tmp_path / "phi.sqlite", PHI_REVIEWS_SCHEMA))
    async with open_studio(tmp_path / "home") as studio:
        await ingestor(studio, reviews, doubtful_names=setting)([listed(tmp_path)], "default")
        case = await studio.ledger.case("default", "d")
        assert case is not None
        assert ("Nadia" in case.report) is stands
    await reviews.close()


def test_words_of_a_dicom_report_in_doubt_are_held(tmp_path: Path) -> None:
    path = tmp_path / "sr.dcm"
    dataset = pydicom.dcmread(str(get_testdata_file("reportsi.dcm", download=False)))
    item = pydicom.Dataset()
    item.ValueType, item.TextValue, item.RelationshipType = "TEXT", DOUBTFUL, "CONTAINS"
    dataset.ContentSequence = [item]
    dataset.save_as(path)
    with pytest.raises(HeldForReview, match="PHI_REVIEW") as held:
        read_dicom(path, Limits(), Gate(b"k" * 32))
    assert [one.field for one in held.value.words] == ["text"]
    assert "Nadia" not in str(held.value)
    masked = read_dicom(path, Limits(), Gate(b"k" * 32, release="masked"))
    assert "Nadia" not in masked.text
    assert "Nadia" in read_dicom(path, Limits(), Gate(b"k" * 32, release="as it is")).text
    assert isinstance(held.value, RadciteError)
