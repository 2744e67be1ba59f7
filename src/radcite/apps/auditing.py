"""What is noted in the audit record of a question, a search, a reading, an export, a review, a failure.

Each event is on the disk before what it speaks of is shown or done; where it cannot be written, nothing is.
"""

import hmac
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, cast

from radcite import __version__
from radcite.core.audit import AuditAction, AuditChannel, AuditEvent
from radcite.core.claims import Abstention, Answer, Claim, Evidence
from radcite.core.errors import ErrorCode, RadciteError
from radcite.core.ports import AuditLog
from radcite.core.pseudonym import pseudonym
from radcite.core.question import Question
from radcite.core.review import Report
from radcite.core.sources import Case, Region, Source

__all__ = ["Auditor", "ReadKind", "audited_steps"]

ReadKind = Literal["document", "case", "image", "report", "study", "thread"]
Update = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Auditor:
    """The audit record for one user who came one way."""

    log: AuditLog
    secret: bytes
    actor: str
    channel: AuditChannel

    def keyed(self, kind: ReadKind, name: str) -> str:
        """The name under which a thing stands in the record: the same for the same thing at this site."""
        return pseudonym(self.secret, kind, name)

    async def note(self, action: AuditAction, detail: str, **told: object) -> None:
        """Write an event of this user.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        given = {"at": at, "action": action, "actor": self.actor, "channel": self.channel}
        event = AuditEvent.model_validate(
            {**given, "software": __version__, "detail": detail, **told}
        )
        await self.log.record(event)

    async def read(
        self,
        kind: ReadKind,
        *names: str,
        detail: str | None = None,
        collection: str | None = None,
        patient: str | None = None,
    ) -> None:
        """Note that something is about to be shown; without names, a list of it."""
        await self.note(
            "read",
            detail or kind,
            subjects=tuple(self.keyed(kind, name) for name in names),
            collection=collection,
            patient=patient,
        )

    async def removed(self, kind: ReadKind, name: str, *, patient: str | None = None) -> None:
        """Note that something is about to be removed."""
        await self.note("remove", kind, subjects=(self.keyed(kind, name),), patient=patient)

    async def changed(self, kind: ReadKind, name: str, detail: str) -> None:
        """Note that something of the user's own is about to be changed."""
        await self.note("manage", detail, subjects=(self.keyed(kind, name),))

    async def searched(
        self,
        tool: str,
        words: str,
        found: Iterable[Source],
        *,
        collection: str,
        patient: str | None = None,
    ) -> None:
        """Note a search and the keyed names of what it found."""
        await self.note(
            "search",
            tool,
            question=self._words(words),
            collection=collection,
            patient=patient,
            subjects=self._sources(found),
        )

    async def answered(self, question: Question, outcome: Answer | Abstention) -> None:
        """Note an answer with the keyed names of what it cites, or an abstention with its reason."""
        said = isinstance(outcome, Answer)
        await self.note(
            "answer",
            f"{outcome.task} {'answer' if said else outcome.reason}",
            question=self._words(question.text),
            collection=question.collection,
            patient=question.patient,
            trace=outcome.trace_id,
            report=outcome.review.report_id if said and outcome.review else None,
            subjects=self._sources(item.source for item in outcome.evidence) if said else (),
        )

    async def showed(self, question: Question, cited: Iterable[Source]) -> None:
        """Note that a checked claim is about to be shown, before the answer it belongs to is whole."""
        await self.note(
            "read",
            "claim",
            question=self._words(question.text),
            collection=question.collection,
            patient=question.patient,
            subjects=self._sources(cited),
        )

    async def of_report(
        self, action: AuditAction, detail: str, report: Report, signer: str | None = None
    ) -> None:
        """Note what is about to be done with a version of a report."""
        await self.note(
            action,
            detail,
            report=report.report_id,
            version=report.version,
            trace=report.trace_id,
            collection=report.collection,
            patient=report.patient,
            signer=signer,
        )

    async def failed(self, code: ErrorCode, detail: str) -> None:
        """Note a failure; that of the record itself cannot be."""
        if code != "AUDIT_UNAVAILABLE":
            await self.note("failure", detail, code=code)

    @asynccontextmanager
    async def guard(self, detail: str) -> AsyncGenerator[None]:
        """Note a failure of what runs inside, and let it go on; used once, where a request enters.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE` in place of a failure that could not be noted.
        """
        try:
            yield
        except RadciteError as error:
            await self.failed(error.code, detail)
            raise
        except Exception:
            await self.failed("INTERNAL", detail)
            raise

    def _words(self, text: str) -> str:
        return hmac.new(self.secret, f"question\x1f{text}".encode(), sha256).hexdigest()

    def _sources(self, sources: Iterable[Source]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._source(source) for source in sources))

    def _source(self, source: Source) -> str:
        if isinstance(source, Case):
            return self.keyed("case", source.case_id)
        if isinstance(source, Region):
            return self.keyed("image", source.image)
        return self.keyed("document", source.document_id)


async def audited_steps(
    updates: AsyncIterator[Update], question: Question, by: Auditor
) -> AsyncGenerator[Update]:
    """The agent's steps, each passed on once what it shows is on record.

    A step with an outcome is held until the next one, so that the outcome that stands is noted, and noted once.
    Nothing is begun, not the safety texts either, where nothing could be noted.
    """
    await by.log.probe()
    held: Update | None = None
    found: dict[str, Source] = {}
    async for name, change in updates:
        if held is not None:
            yield held
            held = None
        if "searched" in change:
            await _note_search(change, question, by)
            found.update((item.key, item.source) for item in _evidence(change))
        if isinstance(claim := change.get("claim"), Claim):
            cited = [found[one.evidence] for one in claim.citations if one.evidence in found]
            await by.showed(question, cited)
        if "outcome" in change:
            held = name, change
        else:
            yield name, change
    if held is not None:
        outcome = held[1]["outcome"]
        if isinstance(outcome, Answer | Abstention):
            await by.answered(question, outcome)
        yield held


async def _note_search(change: Mapping[str, object], question: Question, by: Auditor) -> None:
    await by.searched(
        "ask",
        question.text,
        (item.source for item in _evidence(change)),
        collection=question.collection,
        patient=question.patient,
    )


def _evidence(change: Mapping[str, object]) -> tuple[Evidence, ...]:
    return cast("tuple[Evidence, ...]", change.get("evidence") or ())
