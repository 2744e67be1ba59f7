from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from radcite.apps.teaching import Puzzle, choice_of, pick, solution
from radcite.apps.web.desk import By, TheDesk, Who, allow, check_collection
from radcite.apps.web.events import outcome_json
from radcite.core.sources import Case, Language

__all__ = ["router"]

router = APIRouter(prefix="/api/teaching", tags=["teaching"], dependencies=[allow("ask")])


class GuessBody(BaseModel):
    """A choice, by the code that the case came with."""

    model_config = ConfigDict(extra="forbid")

    case: str = Field(min_length=1, max_length=500)
    choice: str = Field(max_length=500)
    collection: str = Field(default="default", max_length=200)
    language: Language = "en"


@router.get("/case", summary="A case at random, without its diagnosis")
async def puzzle(
    desk: TheDesk,
    who: Who,
    by: By,
    collection: Annotated[str, Query(max_length=200)] = "default",
    body_part: Annotated[str | None, Query(max_length=64)] = None,
) -> Puzzle:
    """Raises: RadciteError: `NOT_FOUND` for a collection that has too few cases with a diagnosis."""
    check_collection(who, collection)
    found = await pick(desk.house, collection, body_part or None)
    await by.read("case", found.case_id, detail="teaching", collection=collection)
    return found


@router.post("/guess", summary="Whether a choice was right, and what the case's record says")
async def guess(body: GuessBody, desk: TheDesk, who: Who, by: By) -> dict[str, Any]:
    """`right`, the `diagnosis`, and the `outcome`: the record as claims that cite it.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    check_collection(who, body.collection)
    answer = await solution(desk.house, body.collection, body.case, body.language)
    await by.read("case", body.case, detail="teaching", collection=body.collection)
    source = answer.evidence[0].source
    diagnosis = choice_of((source.diagnosis or "") if isinstance(source, Case) else "")
    return {
        "right": diagnosis.code == body.choice,
        "diagnosis": diagnosis.model_dump(mode="json"),
        "outcome": outcome_json(answer),
    }
