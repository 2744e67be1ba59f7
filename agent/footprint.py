"""What a thread keeps of the steps of a turn: digests, by which a replay tells where it goes another way."""

from collections.abc import Iterable
from hashlib import sha256

from pydantic import BaseModel

from radcite.agent.drafts import Draft
from radcite.agent.state import Footprint, Request
from radcite.core.claims import Evidence

__all__ = ["footprint"]

_LENGTH = 32


def footprint(requests: Iterable[Request], evidence: Iterable[Evidence], draft: Draft) -> Footprint:
    """Digests of the searches, of what they found and of what was written, each 32 hexadecimal digits."""
    return tuple(_digest(each) for each in (requests, evidence, (draft,)))


def _digest(values: Iterable[BaseModel]) -> str:
    told = sha256()
    for value in values:
        told.update(value.model_dump_json().encode() + b"\n")
    return told.hexdigest()[:_LENGTH]
