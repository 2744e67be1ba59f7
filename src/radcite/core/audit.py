"""What was done, by whom, to what: the events of the audit record, and how they are linked.

An event names patients by pseudonym and everything else by an id of this site's or a keyed digest. What was
asked, found or written never stands in it.
"""

from typing import Annotated, Literal

from pydantic import Field

from radcite.core.errors import ErrorCode
from radcite.core.frozen import Frozen

__all__ = [
    "AuditAction",
    "AuditChannel",
    "AuditEntry",
    "AuditEvent",
    "AuditFault",
    "AuditVerdict",
    "Checkpoint",
    "FaultKind",
]

AuditAction = Literal[
    "read",
    "search",
    "answer",
    "export",
    "review",
    "sign_off",
    "failure",
    "ingest",
    "remove",
    "manage",
]
"""`review` is a decision about a finding or the opening of an amendment; `sign_off` a signature; `manage` a change of
users, of a thread's title or judgement, or of the data folder as a whole, and a sign-in or sign-out.
"""
AuditChannel = Literal["cli", "web", "openai", "mcp"]
FaultKind = Literal[
    "altered", "missing", "out_of_order", "not_signed", "cut_off", "head_unreadable", "unreadable"
]

Keyed = Annotated[str, Field(pattern=r"^[A-Z]-[0-9a-f]{16,64}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class AuditEvent(Frozen):
    """One thing that was done, or failed with `code`.

    `at` is UTC, ISO 8601. `detail` names the tool, form or route, in words of the program's own. `question` is the
    HMAC-SHA-256 of its text under the site's key; `subjects` are the keyed names of what was read or found;
    `account` is the user whose account was changed, or the key that was ended.
    """

    at: str = Field(max_length=40)
    action: AuditAction
    actor: str = Field(min_length=1, max_length=200)
    channel: AuditChannel
    software: str = Field(max_length=40)
    code: ErrorCode | None = None
    detail: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.:/{} -]{1,120}$")
    collection: str | None = Field(default=None, max_length=200)
    patient: Keyed | None = None
    question: Digest | None = None
    trace: Name | None = None
    report: Name | None = None
    version: int | None = Field(default=None, ge=1)
    signer: str | None = Field(default=None, max_length=200)
    account: str | None = Field(default=None, max_length=200)
    subjects: tuple[Keyed, ...] = ()


class AuditEntry(Frozen):
    """An event in its place: `hash` is the SHA-256 of the RFC 8785 text of number, previous hash and event."""

    number: int = Field(ge=1)
    previous: Digest
    event: AuditEvent
    hash: Digest
    signature: str


class Checkpoint(Frozen):
    """The state of the record after `number` events, signed (Ed25519, hexadecimal) by the key named `key`.

    One that is kept elsewhere proves later that nothing up to it was changed or removed.
    """

    number: int = Field(ge=0)
    hash: Digest
    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    signature: str = Field(pattern=r"^[0-9a-f]{128}$")


class AuditFault(Frozen):
    """What is wrong with the record, and at which event; 0 for the record as a whole."""

    kind: FaultKind
    number: int = Field(ge=0)


class AuditVerdict(Frozen):
    """What a verification found. `faults` are the first hundred; `checkpoint` is where the record stands now."""

    events: int
    faults: tuple[AuditFault, ...]
    checkpoint: Checkpoint | None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults
