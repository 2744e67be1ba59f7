"""Server-sent events, and a question as the events of its answer."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from radcite.apps.reviewing import keep_draft
from radcite.apps.web.problems import problem_document
from radcite.apps.web.work import Stopped
from radcite.core.audit import AuditChannel
from radcite.core.claims import Abstention, Answer, Claim, Evidence, Safety
from radcite.core.conversations import Asking, Turn
from radcite.core.errors import RadciteError
from radcite.core.question import Question

if TYPE_CHECKING:
    from fastapi.sse import ServerSentEvent

    from radcite.apps.web.desk import Desk

__all__ = ["Asked", "Event", "answer_events", "outcome_json", "sent"]

_NEXT = {
    "reply": "intake",
    "intake": "plan",
    "hand_over": "review",
    "plan": "retrieve",
    "retrieve": "write",
    "look": "write",
    "write": "verify",
    "rewrite": "verify",
    "verify": "review",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was let in: whose, in which thread, as typed and as the agent takes it.

    Without a thread nothing is kept of it.
    """

    user: str
    thread: str | None
    asking: Asking
    question: Question
    channel: AuditChannel = "web"


def sent(event: Event) -> "ServerSentEvent":
    """An event for the wire."""
    from fastapi.sse import ServerSentEvent

    return ServerSentEvent(event=event.name, data=event.data)


def outcome_json(outcome: Answer | Abstention) -> dict[str, Any]:
    """An outcome as the published document."""
    return {"schema": "radcite.outcome/1", **outcome.model_dump(mode="json")}


@dataclass(slots=True)
class _Progress:
    """What has happened so far in one turn."""

    started: float = field(default_factory=perf_counter)
    steps: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    outcome: Answer | Abstention | None = None
    evidence: int = 0
    first_evidence: float | None = None
    first_claim: float | None = None
    shown: list[Claim] = field(default_factory=list[Claim])

    def seconds(self) -> float:
        return round(perf_counter() - self.started, 4)

    def found(self, desk: "Desk") -> None:
        """Count a piece of evidence."""
        self.evidence += 1
        if self.first_evidence is None:
            self.first_evidence = self.seconds()
            desk.metrics.first_evidence.observe(self.first_evidence)

    def shows(self, claim: Claim, desk: "Desk") -> list[Event]:
        """The events of a claim that is shown now."""
        index = len(self.shown)
        self.shown.append(claim)
        if self.first_claim is None:
            self.first_claim = self.seconds()
            desk.metrics.first_claim.observe(self.first_claim)
        return [
            Event("claim", {"index": index, "claim": claim.model_dump(mode="json")}),
            *(
                Event("citation", {"claim": index, "citation": one.model_dump(mode="json")})
                for one in claim.citations
            ),
        ]


async def answer_events(desk: "Desk", asked: Asked) -> AsyncGenerator[Event]:
    """The events of one question.

    `thread`, `step`, `safety`, `evidence`, `claim`, `citation`, `differential`, `interrupt`, `usage`, and at the
    end `done` with the whole outcome, `error` with the problem, or `stopped`.

    A claim is sent as soon as it was checked, never before; a model's while it still writes the next. What was
    asked and what came of it is kept in the thread; nothing of it where it was stopped, or whoever asked has gone.
    """
    progress, problem = _Progress(), None
    if asked.thread is not None:
        yield Event("thread", {"thread": asked.thread})
    try:
        async with aclosing(_working(desk, asked, progress)) as events:
            async for event in events:
                yield event
    except Stopped:
        desk.metrics.outcomes.labels(asked.question.task, "stopped").inc()
        yield Event("stopped", {})
        return
    except Exception as error:  # noqa: BLE001 - the outermost edge: a stream has no other place to say it
        problem = _problem(error)
    number = None
    try:
        number = await _keep(desk, asked, progress, problem)
    except Exception as error:  # noqa: BLE001 - as above: what is not kept is not done
        problem = problem or _problem(error)
    desk.metrics.outcomes.labels(*_labels(asked, progress, problem)).inc()
    if problem is not None:
        yield Event("error", problem)
    elif progress.outcome is not None:
        yield Event("done", {"turn": number, "outcome": outcome_json(progress.outcome)})


def _problem(error: Exception) -> dict[str, Any]:
    known = isinstance(error, RadciteError)
    return problem_document(error if known else RadciteError("INTERNAL", type(error).__name__))


async def _working(desk: "Desk", asked: Asked, progress: _Progress) -> AsyncGenerator[Event]:
    """The events of the work itself, which runs as a task of its own, so that it can be stopped."""
    told: asyncio.Queue[Event | None] = asyncio.Queue()

    async def work() -> None:
        try:
            async with desk.line.place(desk.alone(asked.thread)):
                desk.metrics.asking.set(desk.line.inside)
                told.put_nowait(Event("step", {"name": "intake", "state": "started"}))
                guard = desk.house.auditor(asked.user, asked.channel).guard("ask")
                async with guard, aclosing(_run(desk, asked, progress)) as events:
                    async for event in events:
                        told.put_nowait(event)
        finally:
            desk.metrics.asking.set(desk.line.inside)
            told.put_nowait(None)

    async with desk.work.of(asked.user, asked.thread, work()) as task:
        while (event := await told.get()) is not None:
            yield event
        await asyncio.wait({task})
        if task.cancelled():
            raise Stopped
        task.result()


async def _run(desk: "Desk", asked: Asked, progress: _Progress) -> AsyncGenerator[Event]:
    by = desk.house.auditor(asked.user, asked.channel)
    steps = desk.agent.once if asked.thread is None else desk.agent.steps
    async for name, change in steps(asked.question, by):
        if isinstance(claim := change.get("claim"), Claim):
            for event in progress.shows(claim, desk):
                yield event
            continue
        for event in _of_step(name, change, desk, progress):
            yield event
    if progress.outcome is None:
        raise RadciteError("INTERNAL", "the graph ended without an outcome")
    await _keep_draft(desk, asked, progress.outcome)
    for event in _said(progress.outcome, desk, progress):
        yield event


def _of_step(
    name: str, change: Mapping[str, object], desk: "Desk", progress: _Progress
) -> Iterator[Event]:
    step = {"name": name, "state": "done", "seconds": progress.seconds(), **_told(name, change)}
    progress.steps.append(step)
    yield Event("step", step)
    if following := _NEXT.get(name):
        yield Event("step", {"name": following, "state": "started"})
    if isinstance(safety := change.get("safety"), Safety):
        yield Event("safety", safety.model_dump(mode="json"))
    for item in cast("tuple[Evidence, ...]", change.get("evidence") or ()):
        progress.found(desk)
        yield Event("evidence", item.model_dump(mode="json"))
    if isinstance(outcome := change.get("outcome"), Answer | Abstention):
        progress.outcome = outcome


def _said(outcome: Answer | Abstention, desk: "Desk", progress: _Progress) -> list[Event]:
    events: list[Event] = []
    usage: dict[str, Any] = {
        "evidence": progress.evidence,
        "first_evidence": progress.first_evidence,
    }
    if isinstance(outcome, Answer):
        # What the model wrote was shown claim by claim, and stands at the same places in the answer.
        for claim in outcome.claims[len(progress.shown) :]:
            events += progress.shows(claim, desk)
        usage |= {"first_claim": progress.first_claim, "claims": len(outcome.claims)}
        if outcome.differential:
            items = [item.model_dump(mode="json") for item in outcome.differential]
            events.append(Event("differential", {"items": items}))
        if outcome.review is not None:
            events.append(Event("interrupt", outcome.review.model_dump(mode="json")))
    elif outcome.reason == "ASKED_BACK":
        events.append(Event("interrupt", {"asked_back": outcome.message}))
    events.append(Event("usage", {**usage, "seconds": progress.seconds()}))
    return events


def _told(name: str, change: Mapping[str, object]) -> dict[str, Any]:
    """What a step says of its work, for the trace; its values are those of the outcome or the plan."""
    told: dict[str, Any] = {
        key: change[key]
        for key in ("task", "language", "searched", "refused", "degraded")
        if change.get(key)
    }
    if name in ("plan", "look"):
        requests = cast("tuple[Any, ...]", change.get("requests") or ())
        told["requests"] = [
            request.model_dump(
                mode="json", include={"tool", "query", "limit", "modality", "body_part"}
            )
            for request in requests
        ]
    if "evidence" in change:
        told["found"] = len(cast("tuple[Evidence, ...]", change["evidence"]))
    if "draft" in change:
        told["drafted"] = len(cast("Any", change["draft"]).claims)
    if isinstance(outcome := change.get("outcome"), Answer):
        told["kept"] = len(outcome.claims)
    return told


async def _keep_draft(desk: "Desk", asked: Asked, outcome: Answer | Abstention) -> None:
    if asked.thread is not None:
        await keep_draft(desk.house, asked.user, asked.question, outcome)


async def _keep(
    desk: "Desk", asked: Asked, progress: _Progress, problem: dict[str, Any] | None
) -> int | None:
    if asked.thread is None:
        return None
    turn = Turn(
        number=0,
        asking=asked.asking,
        outcome=None if progress.outcome is None or problem else outcome_json(progress.outcome),
        problem=problem,
        steps=tuple(progress.steps),
        seconds=progress.seconds(),
        asked_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    try:
        return await desk.house.conversations.add_turn(asked.user, asked.thread, turn)
    except RadciteError as error:
        if error.code != "NOT_FOUND":
            raise
        # The thread was removed while its answer was on the way.
        return None


def _labels(asked: Asked, progress: _Progress, problem: dict[str, Any] | None) -> tuple[str, str]:
    if problem is not None or progress.outcome is None:
        return asked.question.task, str(problem["code"]) if problem else "INTERNAL"
    outcome = progress.outcome
    return outcome.task, "answer" if isinstance(outcome, Answer) else outcome.reason
