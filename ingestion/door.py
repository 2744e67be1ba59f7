"""How files come in: read in a worker through the gate, held where a person has to decide."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from radcite.core.errors import RadciteError
from radcite.core.phi_review import HeldImage, HeldPlace, PhiReviews
from radcite.core.pseudonym import content_key
from radcite.ingestion.deid.keys import Gate, Release
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.burned_in import HeldForReview
from radcite.ingestion.worker import Readers

__all__ = ["Door"]

T_co = TypeVar("T_co", covariant=True)


class _Read(Protocol[T_co]):
    def __call__(self, path: Path, limits: Limits, gate: Gate) -> T_co: ...


@dataclass(frozen=True, slots=True)
class Door:
    """The workers with the gate that every image passes.

    Args:
        pool: What reads files.
        gate: What takes identity out of files.
        reviews: Where images are held; None only refuses them.
    """

    pool: Readers
    gate: Gate
    reviews: PhiReviews | None = None

    async def read(self, reader: "_Read[T_co]", path: Path, digest: bytes) -> T_co:
        """What a reader gives for a file, after what was decided about it.

        Args:
            reader: A top-level function that takes the gate.
            path: The file.
            digest: The SHA-256 of its bytes.

        Raises:
            RadciteError: `PHI_REVIEW` where it is held or was rejected; else the reader's code.
        """
        key = content_key(self.gate.secret, digest)
        gate = replace(self.gate, release=await self.decision(key))
        try:
            return await self.pool.run(partial(reader, gate=gate), path)
        except HeldForReview as held:
            raise await self.held(key, held) from held

    async def decision(self, key: str) -> Release | None:
        """How what has this key was let in; None where nobody decided.

        Raises:
            RadciteError: `PHI_REVIEW` where it was rejected.
        """
        decision = None if self.reviews is None else await self.reviews.decision(key)
        if decision == "rejected":
            raise RadciteError("PHI_REVIEW", "rejected by a reviewer", "审核人已拒绝")
        return decision

    async def held(self, key: str, why: HeldForReview, *, maskable: bool = True) -> RadciteError:
        """Put something into the queue; the error to raise, which tells where it waits.

        Args:
            key: The key of its content.
            why: What is in doubt in it.
            maskable: Whether it can be let in with that masked.
        """
        if self.reviews is not None:
            await self.reviews.hold(_image(key, why, maskable=maskable))
        return RadciteError(
            "PHI_REVIEW",
            f"{why.detail}; radcite review phi show {key[:12]}",
            f"{why.detail_zh}；radcite review phi show {key[:12]}",
        )


def _image(key: str, held: HeldForReview, *, maskable: bool) -> HeldImage:
    places = tuple(
        HeldPlace(frame=one.frame, box=one.box, score=one.score, verdict=one.verdict)
        for one in held.places
    )
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return HeldImage(key=key, places=places, words=held.words, maskable=maskable, held_at=now)
