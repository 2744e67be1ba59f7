from collections.abc import AsyncIterable
from contextlib import aclosing
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from radcite.apps.asking import check_length
from radcite.apps.searching import asked_patient, check_known
from radcite.apps.web.desk import Desk, TheDesk, Who, allow, check_collection
from radcite.apps.web.events import Asked, answer_events, sent
from radcite.core.accounts import Identity
from radcite.core.conversations import Asking, StudyRecord
from radcite.core.errors import RadciteError
from radcite.core.question import Question, TaskChoice
from radcite.core.sources import Language
from radcite.core.typed import Typed, without_identifiers

__all__ = ["router"]

router = APIRouter(tags=["ask"])
_TITLE = 80


class AskBody(BaseModel):
    """A question. `images` are digests of the study's images; without them its key images are asked about."""

    model_config = ConfigDict(extra="forbid")

    text: Typed = Field(default="", max_length=20_000)
    thread: str | None = Field(default=None, max_length=64)
    study: str | None = Field(default=None, max_length=64)
    images: Annotated[list[str], Field(max_length=8)] = []
    task: TaskChoice = "auto"
    language: Literal["auto"] | Language = "auto"
    collection: str = Field(default="default", max_length=200)
    patient: str | None = Field(default=None, max_length=200)


async def _let_in(body: AskBody, desk: TheDesk, who: Who) -> Asked:
    check_collection(who, body.collection)
    await check_known(desk.house, body.collection)
    if not body.text.strip() and body.study is None:
        raise RadciteError("VALIDATION", "a question needs words or an image", "问题需要文字或图像")
    study = await desk.house.conversations.study(who.name, body.study) if body.study else None
    images = _images(body, study)
    if body.thread is not None:
        await desk.house.conversations.turns(who.name, body.thread)
    text = without_identifiers(body.text, [body.patient] if body.patient else ())
    check_length(text)
    # Before the stream begins, so that the status can say it.
    desk.line.check_room()
    desk.asks.take(who.name)
    thread = body.thread or await _new_thread(desk, who, text)
    patient = await asked_patient(desk.house, body.patient)
    asking = Asking(
        text=text,
        study=body.study,
        images=images,
        task=body.task,
        language=body.language,
        collection=body.collection,
    )
    question = Question(
        text=text,
        images=images,
        patient=patient or (study.patient if study else None),
        thread=thread,
        task=body.task,
        language=body.language,
        collection=body.collection,
    )
    return Asked(who.name, thread, asking, question)


@router.post(
    "/api/ask",
    dependencies=[allow("ask")],
    response_class=EventSourceResponse,
    summary="Ask; the answer comes as events",
)
async def ask(
    desk: TheDesk, asked: Annotated[Asked, Depends(_let_in)]
) -> AsyncIterable[ServerSentEvent]:
    """The events of the answer.

    `thread`, `step`, `safety`, `evidence`, `claim`, `citation`, `differential`, `interrupt`, `usage`,
    then `done` (the outcome), `error` (a problem document), or `stopped`.
    """
    async with aclosing(answer_events(desk, asked)) as events:
        async for event in events:
            yield sent(event)


def _images(body: AskBody, study: StudyRecord | None) -> tuple[str, ...]:
    if study is None:
        if body.images:
            raise RadciteError("VALIDATION", "images are those of a study", "图像须属于某检查")
        return ()
    known = {image.digest for series in study.series for image in series.images}
    if not known.issuperset(body.images):
        raise RadciteError("NOT_FOUND", "no such image in this study", "该检查中没有此图像")
    return tuple(body.images) or tuple(series.key for series in study.series)[:8]


async def _new_thread(desk: Desk, who: Identity, text: str) -> str:
    title = " ".join(text.split())[:_TITLE]
    return await desk.house.conversations.new_thread(who.name, title)
