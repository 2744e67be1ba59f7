from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from radcite.apps.web.desk import By, TheDesk, Who, allow
from radcite.core.phi_review import Decision, HeldImage

__all__ = ["router"]

router = APIRouter(prefix="/api/phi-holds", tags=["privacy"], dependencies=[allow("admin")])


class VerdictBody(BaseModel):
    """What is decided about a held image, and why; `by` names the person where nobody signs in."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    reason: str = Field(min_length=1, max_length=2_000)
    by: str | None = Field(default=None, max_length=200)


@router.get("", summary="Images held because text in them may name somebody")
async def holds(desk: TheDesk, by: By) -> list[HeldImage]:
    """Those that wait, the latest first. Nothing of their content is kept: places of text alone."""
    await by.read("image", detail="phi holds")
    return [one for one in await desk.house.phi_reviews.images() if one.decision is None]


@router.post("/{key}", summary="Let a held image in, or keep it out")
async def decide(
    key: Annotated[str, Path(min_length=12, max_length=128)],
    body: VerdictBody,
    desk: TheDesk,
    who: Who,
    by: By,
) -> HeldImage:
    """The image with the decision; one that is let in is to be sent in again, since no copy of it is kept.

    Raises:
        RadciteError: `NOT_FOUND`; `VALIDATION` without a name or a reason, or to mask what cannot be masked.
    """
    name = who.name if await desk.login() else body.by or ""
    image = await desk.house.phi_reviews.image(key)
    image.check(body.decision, name, body.reason)
    # On record before it holds; `I-` is how the record names what came in as a file.
    subjects = (f"I-{image.key}",)
    await by.note("review", f"phi {body.decision}", signer=name, subjects=subjects)
    return await desk.house.phi_reviews.decide(image.key, body.decision, name, body.reason)
