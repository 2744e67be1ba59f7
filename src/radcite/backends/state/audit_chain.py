"""The links and signatures of the audit record.

Source: RFC 8785 (canonical JSON), FIPS 180-4 (SHA-256), RFC 8032 (Ed25519).
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from radcite.core.audit import AuditEntry, AuditEvent, AuditFault, Checkpoint
from radcite.core.errors import DependencyDown

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["GENESIS", "AuditKey", "Row", "entry_of", "faults_of", "linked", "verified"]

GENESIS = sha256(b"radcite audit record").hexdigest()
"""What the first event links to."""

_SIGNED = b"radcite-audit/1 "
Row = tuple[object, object, object, object]
"""Number, canonical text, hash and signature, as they stand in the store."""


@dataclass(frozen=True, slots=True)
class AuditKey:
    """The private key that signs a site's audit record."""

    private: "Ed25519PrivateKey"

    @staticmethod
    def new() -> "AuditKey":
        """A fresh key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return AuditKey(Ed25519PrivateKey.generate())

    @staticmethod
    def read(path: Path) -> "AuditKey":
        """The key in a file.

        Raises:
            DependencyDown: `AUDIT_UNAVAILABLE`.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        try:
            raw = bytes.fromhex(path.read_text("ascii").strip())
            return AuditKey(Ed25519PrivateKey.from_private_bytes(raw))
        except (OSError, ValueError) as exc:
            raise DependencyDown(
                "AUDIT_UNAVAILABLE",
                "the key of the audit record cannot be read",
                "审计密钥无法读取",
            ) from exc

    def write_new(self, path: Path) -> None:
        """Keep it in a file that is not there yet, readable by its owner alone."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(self.private.private_bytes_raw().hex())
            file.flush()
            os.fsync(file.fileno())

    @property
    def public(self) -> str:
        """The public key, 64 hexadecimal digits."""
        return self.private.public_key().public_bytes_raw().hex()

    def checkpoint(self, number: int, digest: str) -> Checkpoint:
        """The state after `number` events, signed."""
        signature = self.private.sign(_message(number, digest)).hex()
        return Checkpoint(number=number, hash=digest, key=self.public, signature=signature)


def linked(number: int, previous: str, event: AuditEvent) -> tuple[str, str]:
    """The RFC 8785 text of an event in its place, fields without a value left out, and its hash."""
    import rfc8785

    told = event.model_dump(mode="json", exclude_defaults=True)
    text = rfc8785.dumps({"number": number, "previous": previous, "event": told}).decode()
    return text, sha256(text.encode()).hexdigest()


def verified(checkpoint: Checkpoint) -> bool:
    """Whether a checkpoint was signed by the key that it names."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    with suppress(InvalidSignature, ValueError):
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.key))
        key.verify(
            bytes.fromhex(checkpoint.signature), _message(checkpoint.number, checkpoint.hash)
        )
        return True
    return False


def entry_of(row: Row) -> AuditEntry | None:
    """A stored row as an entry; None for one that is not what the record writes."""
    import json

    number, text, digest, signature = row
    try:
        told = cast("dict[str, Any]", json.loads(cast("str", text)))
        event = AuditEvent.model_validate_json(json.dumps(told["event"]))
        entry = AuditEntry(
            number=told["number"],
            previous=told["previous"],
            event=event,
            hash=cast("str", digest),
            signature=cast("str", signature),
        )
    except (ValueError, TypeError, KeyError, ValidationError):
        return None
    # One event has one text: a spelling that means the same is an alteration too.
    same = (text, digest) == linked(entry.number, entry.previous, entry.event)
    return entry if same and entry.number == number else None


def faults_of(rows: Iterable[Row], key: str) -> Iterator[AuditFault | AuditEntry]:
    """Each row, read in order, as its entry, or as what is wrong with it.

    Args:
        rows: The stored rows in the order of their numbers.
        key: The public key that must have signed each of them.
    """
    expected, previous = 1, GENESIS
    for row in rows:
        entry = entry_of(row)
        if entry is None:
            yield AuditFault(kind="altered", number=expected)
        elif fault := _fault(entry, expected, previous, key):
            yield fault
        else:
            yield entry
        previous = row[2] if isinstance(row[2], str) else ""
        expected = (row[0] if isinstance(row[0], int) else expected) + 1


def _fault(entry: AuditEntry, expected: int, previous: str, key: str) -> AuditFault | None:
    if entry.number != expected:
        kind = "missing" if entry.number > expected else "out_of_order"
        return AuditFault(kind=kind, number=expected)
    if entry.previous != previous:
        return AuditFault(kind="out_of_order", number=entry.number)
    try:
        point = Checkpoint(number=entry.number, hash=entry.hash, key=key, signature=entry.signature)
    except ValidationError:
        return AuditFault(kind="not_signed", number=entry.number)
    return None if verified(point) else AuditFault(kind="not_signed", number=entry.number)


def _message(number: int, digest: str) -> bytes:
    return _SIGNED + f"{number} {digest}".encode()
