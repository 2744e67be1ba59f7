"""What an ingest is made of."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from radcite.backends.state.vault_key import VaultKey
from radcite.core.ledger import Ledger
from radcite.core.literature import Retractions
from radcite.core.phi_review import PhiReviews
from radcite.core.ports import ImageStore, Index
from radcite.core.settings import PrivacySettings
from radcite.core.vault import Vault
from radcite.core.viewing import PageStore
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.door import Door
from radcite.ingestion.removal import Removed, Stores, given_by, remove
from radcite.ingestion.studies import pending_study
from radcite.ingestion.worker import Readers, check_jobs
from radcite.ingestion.writer import BatchWriter, Encoders, open_collection

__all__ = ["IngestParts"]


@dataclass(frozen=True, slots=True)
class IngestParts:
    """The stores, encoders and workers of an ingest, and how what was taken is taken out again.

    Args:
        ledger: The source of truth.
        index: The cache that is searched.
        encoders: What makes vectors.
        images: Where pixels go.
        pages: Where paged documents are kept, so that a quote can be shown on its page; None keeps none.
        pool: What reads untrusted files: worker processes, or a cluster.
        secret: The site's key for pseudonyms and content keys.
        jobs: How many files are read ahead.
        confined: Whether a list of cases may name images in its own folder alone, as where others send files
            in; at a user's own command line it may name any file of theirs.
        privacy: How the gate at the door is set.
        reviews: Where images wait for a person's decision; None refuses them for good.
        vault: Where sealed identities go, with the key that seals them; None keeps none.
        optimize_above: A collection of more points than this gets its approximate-search graph.
        shown_elsewhere: Which of some images are shown by something other than a collection: they stay when
            what gave them is superseded.
        retractions: The list of retracted articles as it stands when a run begins; what it names is taken as
            retracted.
        turn: What a run waits for, so that it adds to the data folder alone.

    Raises:
        RadciteError: `VALIDATION` for less than one file at once.
    """

    ledger: Ledger
    index: Index
    encoders: Encoders
    images: ImageStore
    pool: Readers
    secret: bytes
    jobs: int = 2
    confined: bool = True
    optimize_above: int = 50_000
    pages: PageStore | None = None
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    shown_elsewhere: Callable[[Collection[str]], Awaitable[frozenset[str]]] | None = None
    reviews: PhiReviews | None = None
    vault: Vault | None = None
    vault_key: VaultKey | None = None
    retractions: Callable[[], Retractions | None] | None = None
    turn: Callable[[], AbstractAsyncContextManager[None]] = nullcontext

    def __post_init__(self) -> None:
        check_jobs(self.jobs)

    def door(self, collection: str) -> Door:
        """How the files of a collection are read: pixels of one declared de-identified are not searched for text."""
        known = collection in self.privacy.deidentified
        settings = (
            self.privacy.model_copy(update={"burned_in": "none", "doubtful_names": "keep"})
            if known
            else self.privacy
        )
        return Door(self.pool, Gate(self.secret, settings, vault_key=self.vault_key), self.reviews)

    @property
    def stores(self) -> Stores:
        """Where what is taken in lies."""
        return Stores(
            self.ledger, self.index, self.images, self.pages, self.shown_elsewhere, self.vault
        )

    async def withdraw(self, collection: str, keys: Sequence[str]) -> Removed:
        """Take out what only these files gave; a case that others gave too is composed of what is left.

        The caller sees to it that nothing is written meanwhile. May be killed at any point: asking again finishes it.

        Raises:
            RadciteError: `INDEX_MODEL_MISMATCH` where words are to be encoded anew and the encoders are others.
        """
        found = await given_by(self.stores, collection, keys)
        if found.changed:
            writer = await self.writer(collection)
            for case in found.changed:
                await writer.add_case(await pending_study(case, self.images))
            await writer.flush()
        return await remove(self.stores, found)

    async def writer(self, collection: str) -> BatchWriter:
        """What writes into a collection, which is made if it is new. Raises as `open_collection`."""
        await open_collection(self.ledger, self.index, self.encoders, collection)
        retracted = None if self.retractions is None else self.retractions()
        return BatchWriter(collection, self.ledger, self.index, self.encoders, retracted)
