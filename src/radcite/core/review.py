"""A drafted report, what a person decides about each of its findings, and their signature.

draft → final → amended. A signed version is never changed: an amendment is a further version, and the
signed one stands until that is signed too.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Literal, Protocol

from pydantic import Field, model_validator

from radcite.core.claims import (
    About,
    Certainty,
    Citation,
    DifferentialItem,
    Evidence,
    Safety,
    Support,
)
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
    "digest_of",
]

Judgement = Literal["accepted", "edited", "rejected"]
Decision = Literal["pending", "accepted", "edited", "rejected"]
ReportStatus = Literal["draft", "final", "amended"]


class Finding(Frozen):
    """One drafted statement and what was decided about it.

    `edited` holds the reviewer's words; the citations stay those of the drafted `text`, `certainty` is what the words
    in force say. `heading`: under which heading of the house's report the writer put it.
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
    def upheld(self) -> tuple[DifferentialItem, ...]:
        """The differential, without the conditions of which every stated case was rejected.

        It rests on similar cases: nothing is left of it where all that was stated of these was rejected.
        """
        of_cases = [one for one in self.findings if one.about.startswith("case:")]
        if of_cases and all(one.decision == "rejected" for one in of_cases):
            return ()

        def cited(findings: Iterable[Finding]) -> set[str]:
            return {one.evidence for finding in findings for one in finding.citations}

        gone = cited(self.findings) - cited(self.kept)
        return tuple(
            one
            for one in self.differential or ()
            if not one.supporting or not gone.issuperset(one.supporting)
        )

    @property
    def worded(self) -> bool:
        """Whether the reviewer wrote anything under a heading."""
        return self.form is not None and any(field.text for field in self.form.fields)

    @property
    def missing(self) -> tuple[FormField, ...]:
        """The form's required headings under which nothing stands yet; none without a form."""
        stated = [
            one.id for one in self.kept if one.about == "query_image" and one.decision != "pending"
        ]
        return self.form.missing(stated) if self.form else ()

    @property
    def revision(self) -> str:
        """SHA-256 of this version as it is: who decides or signs says by it what they read."""
        return _sha256(self.model_dump(mode="json"))

    @property
    def intact(self) -> bool:
        """Whether a signed version is still what was signed; an unsigned one is."""
        if not self.signed:
            return True
        last = self.signatures[-1]
        before = self.model_copy(update={"signatures": self.signatures[:-1]})
        return last.digest == digest_of(before, last.signer, last.signed_at)


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

    async def change(
        self, owner: str | None, report_id: str, step: Change, *, expects: str | None = None
    ) -> Report:
        """Take one step from the latest version, alone: no other change comes between.

        Args:
            owner: Whose report it is.
            report_id: Which.
            step: What to do.
            expects: The `revision` from which the step is taken; None for whatever it is.

        Raises:
            RadciteError: `NOT_FOUND`; `REPORT_CHANGED` for another revision; what the step raises; `VALIDATION` for
                one that does not follow.
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


def digest_of(report: Report, signer: str, at: str) -> str:
    """SHA-256 of a version with who signs it and when."""
    # What was signed before there were forms, threads and headings was signed without the words.
    without = {name for name in ("form", "thread") if getattr(report, name) is None}
    content = report.model_dump(mode="json", exclude=without)
    for finding in content["findings"]:
        if finding["heading"] is None:
            del finding["heading"]
    return _sha256({"report": content, "signer": signer, "signed_at": at})


def _sha256(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
