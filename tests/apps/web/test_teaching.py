"""A case to learn from does not tell what it is until a choice was made."""

from radcite.core.claims import Answer
from tests.apps.web.scene import Site


async def test_a_puzzle_hides_the_diagnosis_and_its_solution_cites_the_record(site: Site) -> None:
    async with site.client() as client:
        puzzle = (await client.get("/api/teaching/case", params={"body_part": "CHEST"})).json()
        case = await site.desk.house.ledger.case("default", puzzle["case_id"])
        assert case is not None
        assert case.diagnosis is not None
        assert "report" not in puzzle
        assert 2 <= len(puzzle["choices"]) <= 4
        told = []
        for choice in puzzle["choices"]:
            body = {"case": case.case_id, "choice": choice["code"], "language": "zh"}
            told.append((await client.post("/api/teaching/guess", json=body)).json())
    assert [one["right"] for one in told].count(True) == 1
    outcome = {key: value for key, value in told[0]["outcome"].items() if key != "schema"}
    answer = Answer.model_validate(outcome)
    assert answer.claims[0].citations[0].quote == case.diagnosis
    assert all(claim.support == "supported" for claim in answer.claims)
    assert answer.claims[0].text.startswith("相似病例")


async def test_a_collection_without_cases_has_no_puzzle(site: Site) -> None:
    async with site.client() as client:
        told = await client.get("/api/teaching/case", params={"collection": "none"})
    assert (told.status_code, told.json()["code"]) == (404, "NOT_FOUND")
