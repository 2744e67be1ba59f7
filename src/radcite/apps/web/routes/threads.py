from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from radcite.apps.web.desk import By, TheDesk, Who, allow
from radcite.core.conversations import Feedback, ThreadRecord, Turn
from radcite.core.typed import Typed

__all__ = ["router"]

TurnNumber = Annotated[int, Path(ge=1, le=1_000_000)]

router = APIRouter(prefix="/api/threads", tags=["threads"], dependencies=[allow("ask")])


class TitleBody(BaseModel):
    """A thread's title."""

    model_config = ConfigDict(extra="forbid")

    title: Typed = Field(min_length=1, max_length=200)


@router.get("", summary="Your threads, the latest first")
async def threads(desk: TheDesk, who: Who) -> list[ThreadRecord]:
    """Threads of other users are not among them."""
    return await desk.house.conversations.threads(who.name)


@router.get("/{thread}", summary="The turns of a thread")
async def turns(thread: str, desk: TheDesk, who: Who, by: By) -> list[Turn]:
    """Questions with their outcomes, in order.

    Raises:
        RadciteError: `NOT_FOUND`, also for another user's thread.
    """
    found = await desk.house.conversations.turns(who.name, thread)
    await by.read("thread", thread)
    return found


@router.patch("/{thread}", status_code=204, summary="Rename a thread")
async def rename(thread: str, body: TitleBody, desk: TheDesk, who: Who, by: By) -> None:
    """Raises: RadciteError: `NOT_FOUND`."""
    await desk.house.conversations.turns(who.name, thread)
    await by.changed("thread", thread, "rename")
    await desk.house.conversations.rename(who.name, thread, body.title)


@router.delete("/{thread}", status_code=204, summary="Remove a thread")
async def remove(thread: str, desk: TheDesk, who: Who, by: By) -> None:
    """Removes the turns, and what the agent remembers of the thread.

    Raises:
        RadciteError: `NOT_FOUND`.
    """
    await desk.house.conversations.turns(who.name, thread)
    await by.removed("thread", thread)
    await desk.house.conversations.drop_thread(who.name, thread)
    await desk.agent.forget(thread)


@router.post("/{thread}/stop", status_code=204, summary="Stop what is being answered")
async def stop(thread: str, desk: TheDesk, who: Who) -> None:
    """Ends the answer on its way: searches, the model's writing and checks; its stream ends with `stopped`.

    Raises:
        RadciteError: `NOT_FOUND`, also for another user's thread; none where nothing is being answered.
    """
    await desk.house.conversations.turns(who.name, thread)
    desk.work.stop(who.name, thread)


@router.put("/{thread}/turns/{number}/feedback", status_code=204, summary="Judge an answer")
async def judge(
    thread: str, number: TurnNumber, body: Feedback, desk: TheDesk, who: Who, by: By
) -> None:
    """Raises: RadciteError: `NOT_FOUND`."""
    await desk.house.conversations.turns(who.name, thread)
    await by.changed("thread", thread, "feedback")
    await desk.house.conversations.judge(who.name, thread, number, body)
