"""A drafted report, what a person decides about each of its findings, and their signature.

draft → final → amended. A signed version is never changed: an amendment is a further version, and the
signed one stands until that is signed too.
"""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Literal, Protocol

from pydantic import Field, ValidationError, model_validator

from radcite.core.claims import (
    About,
    Answer,
    Certainty,
    Citation,
    DifferentialItem,
    Evidence,
    Safety,
    Support,
)
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.question import Task
from radcite.core.report_form import FormField, ReportForm
from radcite.core.sources import Language

__all__ = [
    "Change",
    "Decision",
    "Finding",
    "Judgement",
    "Report",
    "ReportStatus",
    "ReviewStore",
    "Signature",
    "amend",
    "check_open",
    "check_successor",
    "decide",
    "drafted",
    "sign",
]

Judgement = Literal["accepted", "edited", "rejected"]
Decision = Literal["pending", "accepted", "edited", "rejected"]
ReportStatus = Literal["draft", "final", "amended"]


class Finding(Frozen):
    """One drafted statement and what was decided about it.

    `edited` holds the reviewer's words; the citations stay those of the drafted `text`. `heading`: under which heading
    of the house's report the writer put it.
    """

    id: str = Field(pattern=r"^F[1-9][0-9]*$")
    text: str = Field(min_length=1)
    about: About
    certainty: Certainty = "present"
    support: Support
    citations: tuple[Citation, ...] = Field(min_length=1)
    decision: Decision = "pending"
    edited: str | None = Field(default=None, max_length=4_000)
    reason: str | None = Field(default=None, max_length=2_000)
    heading: str | None = None

    @model_validator(mode="after")
    def _decision_carries_its_words(self) -> "Finding":
        if (self.decision == "edited") != bool(self.edited):
            raise ValueError("edited words go with the decision `edited`, and only with it")
        if self.decision == "rejected" and not self.reason:
            raise ValueError("a rejection has a reason")
        return self

    @property
    def wording(self) -> str:
        """The words that stand in the report."""
        return self.edited or self.text


class Signature(Frozen):
    """Who signed which version, when (UTC, ISO 8601), and the SHA-256 of what they signed.

    The digest covers the version with its earlier signatures, this signer and this time.
    """

    version: int = Field(ge=1)
    signer: str = Field(min_length=1, max_length=200)
    signed_at: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class Report(Frozen):
    """One version of a report. `patient` is a pseudonym, `images` are digests of stored images.

    `thread` is the agent's thread that waits for its signature.
    """

    report_id: str = Field(min_length=1)
    trace_id: str
    owner: str = Field(min_length=1)
    created_at: str
    task: Task
    language: Language
    collection: str
    patient: str | None = None
    images: tuple[str, ...] = ()
    version: int = Field(default=1, ge=1)
    amendment: str | None = Field(default=None, max_length=2_000)
    findings: tuple[Finding, ...] = Field(min_length=1)
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    differential: tuple[DifferentialItem, ...] | None = None
    safety: Safety
    degraded: tuple[str, ...] = ()
    form: ReportForm | None = None
    signatures: tuple[Signature, ...] = ()
    thread: str | None = None

    @model_validator(mode="after")
    def _versions_follow(self) -> "Report":
        signed = [signature.version for signature in self.signatures]
        if signed != list(range(1, len(signed) + 1)) or self.version - len(signed) not in {0, 1}:
            raise ValueError("every version but the last is signed, in order")
        if (self.version > 1) != bool(self.amendment):
            raise ValueError("an amendment, and only an amendment, has a reason")
        cited = {one.evidence for finding in self.findings for one in finding.citations}
        if missing := cited - {item.key for item in self.evidence}:
            raise ValueError(f"cited but not carried: {', '.join(sorted(missing))}")
        placed = (
            {one for field in self.form.fields for one in field.findings}
            if self.form
            else set[str]()
        )
        if not placed <= {finding.id for finding in self.findings}:
            raise ValueError("a form holds findings of its own report")
        return self

    @property
    def signed(self) -> bool:
        """Whether this very version is signed."""
        return len(self.signatures) == self.version

    @property
    def status(self) -> ReportStatus:
        """What stands: an amendment that is not signed yet leaves the signed version standing."""
        return ("draft", "final", "amended")[min(len(self.signatures), 2)]

    @property
    def pending(self) -> tuple[str, ...]:
        """Ids of the findings nobody has decided about."""
        return tuple(one.id for one in self.findings if one.decision == "pending")

    @property
    def kept(self) -> tuple[Finding, ...]:
        """The findings that were not rejected, in order."""
        return tuple(one for one in self.findings if one.decision != "rejected")

    @property
    def missing(self) -> tuple[FormField, ...]:
        """The form's required headings under which nothing stands yet; none without a form."""
        stated = [
            one.id for one in self.kept if one.about == "query_image" and one.decision != "pending"
        ]
        return self.form.missing(stated) if self.form else ()

    @property
    def intact(self) -> bool:
        """Whether a signed version is still what was signed; an unsigned one is."""
        if not self.signed:
            return True
        last = self.signatures[-1]
        before = self.model_copy(update={"signatures": self.signatures[:-1]})
        return last.digest == _digest(before, last.signer, last.signed_at)


Change = Callable[[Report], Report]
"""One step of a review: `decide`, `sign` or `amend` with its arguments."""


class ReviewStore(Protocol):
    """Reports with every version of them. To `owner` the reports of others do not exist.

    None for `owner` is whoever sits at the machine that keeps the data folder: they see all.
    """

    async def add(self, report: Report) -> None:
        """Keep a new draft.

        Raises:
            RadciteError: `VALIDATION` for an id that is taken, or a version that is no first draft.
        """
        ...

    async def reports(self, owner: str | None) -> list[Report]:
        """The latest version of each report, the newest report first."""
        ...

    async def report(self, owner: str | None, report_id: str) -> Report:
        """The latest version.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def versions(self, owner: str | None, report_id: str) -> list[Report]:
        """Every version in order.

        Raises:
            RadciteError: `NOT_FOUND`.
        """
        ...

    async def change(self, owner: str | None, report_id: str, step: Change) -> Report:
        """Take one step from the latest version, alone: no other change comes between.

        Raises:
            RadciteError: `NOT_FOUND`; what the step raises; `VALIDATION` for one that does not follow.
        """
        ...

    async def forget(self, report_ids: Sequence[str]) -> None:
        """Remove reports with every version of them, also signed ones; unknown ids are passed over."""
        ...

    async def erase(self) -> None:
        """Make sure that no byte of what was removed is left in the store's files."""
        ...

    async def close(self) -> None:
        """Close the store."""
        ...


def drafted(
    answer: Answer,
    *,
    owner: str,
    collection: str,
    at: str,
    patient: str | None = None,
    images: tuple[str, ...] = (),
    thread: str | None = None,
) -> Report | None:
    """The draft an answer is; None for one that needs no review."""
    if answer.review is None:
        return None
    return Report(
        report_id=answer.review.report_id,
        trace_id=answer.trace_id,
        owner=owner,
        created_at=at,
        task=answer.task,
        language=answer.language,
        collection=collection,
        patient=patient,
        images=images,
        findings=tuple(
            Finding(
                id=f"F{number}",
                text=claim.text,
                about=claim.about,
                certainty=claim.certainty,
                support=claim.support,
                citations=claim.citations,
                heading=claim.part if answer.task == "caption" else None,
            )
            for number, claim in enumerate(answer.claims, 1)
        ),
        evidence=answer.evidence,
        differential=answer.differential,
        safety=answer.safety,
        degraded=answer.degraded,
        thread=thread,
    )


def decide(
    report: Report,
    finding: str,
    decision: Judgement,
    *,
    words: str | None = None,
    reason: str | None = None,
) -> Report:
    """Accept, edit or reject one finding of an unsigned version; a decision may be changed.

    Raises:
        RadciteError: `NOT_FOUND` for the finding; `VALIDATION` for a signed version, an edit without
            words, words without an edit, or a rejection without a reason.
    """
    words, reason = _line(words), _line(reason)
    check_open(report)
    known = {one.id: one for one in report.findings}
    if finding not in known:
        raise RadciteError("NOT_FOUND", "no such finding in this report", "该报告中没有此条所见")
    if (decision == "edited") != (words is not None):
        raise _invalid("an edit, and only an edit, has words", "编辑须给出文字，其他决定不得给出")
    if decision == "rejected" and reason is None:
        raise _invalid("a rejection has a reason", "拒绝须说明理由")
    if len(words or "") > 4_000 or len(reason or "") > 2_000:
        raise _invalid("words over 4,000 or a reason over 2,000 characters", "文字或理由过长")
    decided = known[finding].model_copy(
        update={"decision": decision, "edited": words, "reason": reason}
    )
    findings = tuple(decided if one.id == finding else one for one in report.findings)
    return report.model_copy(update={"findings": findings})


def sign(report: Report, signer: str, at: str) -> Report:
    """The version, signed by name.

    Args:
        report: A version in which every finding is decided and one at least is kept.
        signer: The name of who signs.
        at: When, UTC, ISO 8601.

    Raises:
        RadciteError: `VALIDATION`.
    """
    check_open(report)
    name = _line(signer)
    if name is None or len(name) > 200:
        raise _invalid(
            "a report is signed by name, of 1 to 200 characters", "签署须署名（1–200 字符）"
        )
    if report.pending:
        left = ", ".join(report.pending)
        raise _invalid(f"findings not decided yet: {left}", f"尚未决定的所见：{left}")
    if report.missing:
        left = ", ".join(field.title for field in report.missing)
        raise _invalid(f"required headings are empty: {left}", f"必填栏目为空：{left}")
    if not report.kept:
        raise _invalid("every finding was rejected: nothing to sign", "全部所见均被拒绝，无可签署")
    digest = _digest(report, name, at)
    signature = Signature(version=report.version, signer=name, signed_at=at, digest=digest)
    return report.model_copy(update={"signatures": (*report.signatures, signature)})


def amend(report: Report, reason: str) -> Report:
    """A further version of a signed report, in which findings can be decided again.

    Raises:
        RadciteError: `VALIDATION` for a version that is not signed, or no reason.
    """
    why = _line(reason)
    if not report.signed:
        raise _invalid(
            "only a signed report is amended; this version is open", "仅可修订已签署的报告"
        )
    if why is None or len(why) > 2_000:
        raise _invalid("an amendment has a reason of 1 to 2,000 characters", "修订须说明理由")
    return report.model_copy(update={"version": report.version + 1, "amendment": why})


def check_successor(before: Report, after: Report) -> None:
    """Refuse a change that is no step of a review, however it came about.

    Raises:
        RadciteError: `VALIDATION`.
    """
    try:
        whole = Report.model_validate(after.model_dump())
    except ValidationError as exc:
        raise _no_step() from exc
    fixed = {"version", "amendment", "findings", "form", "signatures"}
    same = before.model_dump(exclude=fixed) == whole.model_dump(exclude=fixed)
    kept = whole.signatures[: len(before.signatures)] == before.signatures
    if before.signed:
        step = whole.version == before.version + 1 and not whole.signed
    else:
        step = whole.version == before.version
    if not (same and kept and step and whole.intact):
        raise _no_step()


def check_open(report: Report) -> None:
    """Refuse to change a version that is signed.

    Raises:
        RadciteError: `VALIDATION`.
    """
    if report.signed:
        raise _invalid(
            "this version is signed; `radcite report amend` opens another",
            "此版本已签署；请用 `radcite report amend` 修订",
        )


def _line(text: str | None) -> str | None:
    """One line of what a person wrote; nothing in it steers a terminal or turns the reading order."""
    line = " ".join((text or "").split())
    if not line.isprintable():
        raise _invalid("text with control characters", "文字含控制字符")
    return line or None


def _no_step() -> RadciteError:
    return _invalid("no step from draft to final to amended", "不符合 草稿→定稿→修订 的流程")


def _invalid(detail: str, detail_zh: str) -> RadciteError:
    return RadciteError("VALIDATION", detail, detail_zh)


def _digest(report: Report, signer: str, at: str) -> str:
    # What was signed before there were forms, threads and headings was signed without the words.
    without = {name for name in ("form", "thread") if getattr(report, name) is None}
    content = report.model_dump(mode="json", exclude=without)
    for finding in content["findings"]:
        if finding["heading"] is None:
            del finding["heading"]
    signed = {"report": content, "signer": signer, "signed_at": at}
    text = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
