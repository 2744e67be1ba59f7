"""A question as a user states it, through the graph of an opened house."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from uuid import uuid4

from radcite.apps.auditing import Auditor, audited_steps
from radcite.apps.reviewing import keep_draft, resume_thread
from radcite.apps.searching import asked_patient, check_known
from radcite.apps.strictness import remember_strictly
from radcite.apps.wiring import House
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.question import Question, TaskChoice
from radcite.core.review import Report
from radcite.core.sources import Language
from radcite.core.typed import without_identifiers

if TYPE_CHECKING:
    from radcite.agent.graph import Graph
    from radcite.agent.replay import Replayed
    from radcite.agent.state import Parts

__all__ = [
    "Agent",
    "AskOptions",
    "Asker",
    "Hear",
    "Steps",
    "check_length",
    "open_agent",
    "open_asker",
    "outcome_of",
    "parts_of",
    "question_of",
    "replayed",
    "resume_at",
]

Steps = Callable[[Question, Auditor], AsyncIterator[tuple[str, Mapping[str, object]]]]
"""A question, and who asks, to the name and the update of each step of the agent as it ends and is on record.

In between, `claim` with its `index` for each claim that a model wrote and that was checked.
"""
Hear = Callable[[str, Mapping[str, object]], None]
"""Called with what `Steps` gives, as it comes."""

_MOST_CHARACTERS = 20_000


class AskOptions(Frozen):
    """A question with image files and a patient id of the user's own."""

    text: str = ""
    images: tuple[Path, ...] = ()
    patient: str | None = None
    thread: str | None = None
    task: TaskChoice = "auto"
    language: Literal["auto"] | Language = "auto"
    collection: str = "default"


@dataclass(frozen=True, slots=True)
class Agent:
    """The agent step by step.

    `once` is for a thread in which nobody can reply, so that nobody is asked back. `forget` removes what it
    remembers of a thread; `resume` lets one go on whose report is signed.
    """

    steps: Steps
    once: Steps
    forget: Callable[[str], Awaitable[None]]
    resume: Callable[[Report], Awaitable[None]]


class Asker(Protocol):
    """Answers one question after another in one opened house."""

    def __call__(
        self, options: AskOptions, hear: Hear | None = None, /
    ) -> Awaitable[Answer | Abstention]:
        """The outcome; where somebody hears, a model's claims come one by one as they are checked."""
        ...


def parts_of(house: House, *, signing: bool = False, streaming: bool = False) -> "Parts":
    """What the agent works with in this house."""
    from radcite.agent.state import Parts
    from radcite.apps.calibrating import calibrations_of
    from radcite.apps.reporting.forms import headings

    return Parts(
        literature=house.literature,
        cases=house.cases,
        labels=house.labels,
        sources=house.ledger,
        sparse=house.sparse,
        text=house.text_encoder,
        judge=house.judge,
        chat=house.chat,
        rounds=house.settings.llm.rounds if house.settings.llm else 1,
        headings=headings,
        tokens=house.tokens,
        pictures=house.pictures,
        intended_use=house.settings.intended_use,
        tasks=house.settings.tasks,
        signing=signing,
        streaming=streaming,
        calibrations=calibrations_of(house),
    )


@asynccontextmanager
async def open_agent(house: House) -> AsyncGenerator[Agent]:
    """The agent step by step, with threads."""
    async with _open_graph(house, threads=True) as (graph, parts):
        from langgraph.checkpoint.base import BaseCheckpointSaver

        from radcite.agent.ask import steps

        async def forget(thread: str) -> None:
            if isinstance(graph.checkpointer, BaseCheckpointSaver):
                await graph.checkpointer.adelete_thread(thread)

        heard = replace(parts, streaming=True)
        replied = replace(heard, replies=True)
        yield Agent(
            lambda question, by: audited_steps(steps(graph, replied, question), question, by),
            lambda question, by: audited_steps(steps(graph, heard, question), question, by),
            forget,
            partial(resume_thread, graph),
        )


@asynccontextmanager
async def _open_graph(house: House, *, threads: bool) -> "AsyncGenerator[tuple[Graph, Parts]]":
    remember_strictly()
    from radcite.agent.checkpoints import open_checkpoints
    from radcite.agent.graph import build_graph

    async with AsyncExitStack() as closing:
        checkpoints = (
            await closing.enter_async_context(open_checkpoints(house.threads)) if threads else None
        )
        yield build_graph(checkpoints), parts_of(house, signing=threads)


async def resume_at(threads: Path | str, report: Report) -> None:
    """Let the thread of a report that was signed at the command line go on; `serve` may run meanwhile."""
    if report.thread is None:
        return
    if isinstance(threads, Path) and not await asyncio.to_thread(threads.exists):
        return
    remember_strictly()
    from radcite.agent.checkpoints import open_checkpoints
    from radcite.agent.graph import build_graph

    async with open_checkpoints(threads) as checkpoints:
        await resume_thread(build_graph(checkpoints), report)


async def replayed(house: House, trace_id: str) -> "Replayed":
    """The answer of a kept trace, made again by this house's parts.

    Raises:
        RadciteError: `NOT_FOUND`; as the steps.
    """
    remember_strictly()
    from radcite.agent.checkpoints import open_checkpoints
    from radcite.agent.replay import replay, stored_turn

    by = house.auditor()
    async with by.guard("replay"), open_checkpoints(house.threads) as checkpoints:
        stored = await stored_turn(checkpoints, trace_id)
        found = await replay(stored, parts_of(house))
        await by.answered(stored["question"], found.outcome)
        return found


@asynccontextmanager
async def open_asker(house: House, *, threads: bool = True) -> AsyncGenerator[Asker]:
    """The agent; with threads, conversations are kept, and drafted reports wait to be signed."""
    async with _open_graph(house, threads=threads) as (graph, parts):
        from radcite.agent.ask import steps

        by = house.auditor()

        async def answer(options: AskOptions, hear: Hear | None = None, /) -> Answer | Abstention:
            async with by.guard("ask"), house.show_images(options.images) as images:
                question = (await question_of(house, options)).model_copy(update={"images": images})
                # Who named the thread can go on in it, and so reply.
                replies = threads and options.thread is not None
                heard = replace(parts, streaming=hear is not None, replies=replies)
                updates = audited_steps(steps(graph, heard, question), question, by)
                outcome = await outcome_of(updates, hear)
                if threads:
                    for digest in await _kept_images(graph, question, outcome):
                        await house.images.put(digest, await house.images.pixels(digest))
                    await keep_draft(house, by.actor, question, outcome)
            return outcome

        yield answer


async def _kept_images(
    graph: "Graph", question: Question, outcome: Answer | Abstention
) -> Sequence[str]:
    """Of a question's images those that its draft shows or its thread remembers: there they are looked for later."""
    if isinstance(outcome, Answer) and outcome.review is not None:
        return question.images
    state = await graph.aget_state({"configurable": {"thread_id": question.thread}})
    remembered = state.values.get("question")
    shown = remembered.images if isinstance(remembered, Question) else ()
    return [digest for digest in question.images if digest in shown]


async def outcome_of(
    updates: AsyncIterator[tuple[str, Mapping[str, object]]],
    hear: Hear | None = None,
) -> Answer | Abstention:
    """What the agent's steps come to; each is heard as it ends.

    Raises:
        RadciteError: As the steps.
    """
    outcome: object = None
    async for name, change in updates:
        if hear is not None:
            hear(name, change)
        outcome = change.get("outcome", outcome)
    if not isinstance(outcome, Answer | Abstention):
        raise RadciteError("INTERNAL", "the graph ended without an outcome")
    return outcome


def check_length(text: str) -> None:
    """Refuse a question that is too long, as it is without identifiers: their placeholders may be longer.

    Raises:
        RadciteError: `VALIDATION`.
    """
    if len(text) > _MOST_CHARACTERS:
        raise RadciteError(
            "VALIDATION",
            f"a question of more than {_MOST_CHARACTERS} characters",
            f"问题超过 {_MOST_CHARACTERS} 个字符",
        )


async def question_of(house: House, options: AskOptions) -> Question:
    """The question without identifiers and without its images.

    Raises:
        RadciteError: `VALIDATION` for one that is too long, `NOT_FOUND` for a collection that there is none of.
    """
    await check_known(house, options.collection)
    text = without_identifiers(options.text, [options.patient] if options.patient else ())
    check_length(text)
    return Question(
        text=text,
        patient=await asked_patient(house, options.patient),
        thread=options.thread or uuid4().hex,
        task=options.task,
        language=options.language,
        collection=options.collection,
    )
