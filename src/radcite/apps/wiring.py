"""Settings to parts: the one place that picks engines."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.auditing import Auditor
from radcite.apps.configuration import home_of, site_secret
from radcite.apps.identities import vault_key
from radcite.apps.models import (
    chat_of,
    image_encoder,
    image_labeler,
    reranker_of,
    support_judge,
    text_encoder,
)
from radcite.apps.stores import (
    accounts_of,
    audit_of,
    conversations_of,
    index_of,
    phi_reviews_of,
    reviews_of,
    threads_of,
    vault_of,
)
from radcite.backends.bm25 import Bm25Encoder
from radcite.backends.file_images import FileImages
from radcite.backends.file_viewing import FileFrames, FilePages
from radcite.backends.home_lock import hold_home, turn_to_write
from radcite.backends.lent_index import borrow_index, lend_index
from radcite.backends.sqlite_ledger import SqliteLedger
from radcite.backends.vault_key import VaultKey
from radcite.core.accounts import LOCAL_USER, Accounts
from radcite.core.audit import AuditChannel
from radcite.core.conversations import Conversations
from radcite.core.errors import RadciteError
from radcite.core.ledger import Ledger
from radcite.core.literature import LiteratureSource, Retractions
from radcite.core.pacs import Pacs
from radcite.core.phi_review import PhiReviews
from radcite.core.ports import (
    AuditLog,
    ChatModel,
    ImageEncoder,
    ImageStore,
    Index,
    SupportJudge,
    TextEncoder,
    TokenCounter,
)
from radcite.core.review import ReviewStore
from radcite.core.settings import PacsSettings, Settings
from radcite.core.tokens import Tokenizer
from radcite.core.usage import Meter
from radcite.core.vault import Vault
from radcite.core.viewing import FrameStore, PageStore
from radcite.tools.cases import CaseSearch
from radcite.tools.hybrid import HybridSearch
from radcite.tools.image_labels import ImageLabels
from radcite.tools.knowledge.terms import chinese_words
from radcite.tools.labels import NeighbourLabels
from radcite.tools.literature import LiteratureSearch

if TYPE_CHECKING:
    from radcite.backends.openai_chat import OpenAIChat
    from radcite.backends.shown_images import ShownImages
    from radcite.ingestion.door import Door
    from radcite.ingestion.ingest import Ingestor
    from radcite.ingestion.limits import Limits
    from radcite.ingestion.worker import ParserPool, Readers

__all__ = ["House", "open_house"]

_RETRACTIONS = "retractions.json"


@dataclass(slots=False)
class House:
    """A data folder with its engines, each opened when it is first used.

    Close it through `open_house`. Where another process owns the folder, the index is borrowed from that one.
    """

    settings: Settings
    home: Path
    _closing: AsyncExitStack
    _borrowed: Index | None = None
    _pool: "ParserPool | None" = None
    _readers: "Readers | None" = None

    @cached_property
    def meter(self) -> Meter:
        """Counts what the language model is asked."""
        return Meter()

    @cached_property
    def secret(self) -> bytes:
        """The site's key for pseudonyms."""
        return site_secret(self.home)

    @cached_property
    def ledger(self) -> Ledger:
        """The source of truth."""
        ledger = SqliteLedger(self.home / "ledger.sqlite")
        self._closing.push_async_callback(ledger.close)
        return ledger

    @cached_property
    def index(self) -> Index:
        """The engine that is searched."""
        if self._borrowed is not None and self.settings.index.kind == "edge":
            return self._borrowed
        index = index_of(self.settings, self.home)
        self._closing.push_async_callback(index.close)
        return index

    def lending(self) -> AbstractAsyncContextManager[None]:
        """Let other commands at this machine work beside for as long as the block runs; a guest lends nothing."""
        return lend_index(self.home, self.index) if self._borrowed is None else nullcontext()

    def writing(self) -> AbstractAsyncContextManager[None]:
        """Be alone in adding to and removing from what is stored, once those before are done."""
        return turn_to_write(self.home)

    @cached_property
    def images(self) -> ImageStore:
        """De-identified pixels."""
        return FileImages(self.home / "images")

    @cached_property
    def frames(self) -> FrameStore:
        """Stored values of images that a viewer windows."""
        return FileFrames(self.home / "frames")

    @cached_property
    def pages(self) -> PageStore:
        """Documents whose pages are shown."""
        return FilePages(self.home / "pages")

    @cached_property
    def conversations(self) -> Conversations:
        """What the users of the web service asked and sent in."""
        store = conversations_of(self.settings)
        self._closing.push_async_callback(store.close)
        return store

    @property
    def threads(self) -> Path | str:
        """Where the agent remembers its threads: a file, or the address of a database."""
        return threads_of(self.settings)

    @cached_property
    def accounts(self) -> Accounts:
        """The users of the web service."""
        store = accounts_of(self.settings)
        self._closing.push_async_callback(store.close)
        return store

    @cached_property
    def reviews(self) -> ReviewStore:
        """Drafted and signed reports."""
        store = reviews_of(self.settings)
        self._closing.push_async_callback(store.close)
        return store

    @cached_property
    def audit(self) -> AuditLog:
        """The record of what was done."""
        log = audit_of(self.settings)
        self._closing.push_async_callback(log.close)
        return log

    def auditor(self, actor: str = LOCAL_USER, channel: AuditChannel = "cli") -> Auditor:
        """The audit record for one user."""
        return Auditor(self.audit, self.secret, actor, channel)

    @cached_property
    def pacs(self) -> Pacs | None:
        """The archive whose studies can be picked, or None."""
        return self.archive("") if self.settings.pacs else None

    def archive(self, url: str) -> Pacs:
        """The archive at an address, "" for that of the settings, whose credentials go to its own address alone.

        Raises:
            RadciteError: `VALIDATION` for what is no http address; `NOT_FOUND` where none is set.
        """
        from radcite.backends.dicomweb_pacs import DicomWebPacs

        chosen = self.settings.pacs
        if url and (chosen is None or url.rstrip("/") != chosen.url.rstrip("/")):
            chosen = PacsSettings(url=url)
        if chosen is None:
            raise RadciteError(
                "NOT_FOUND", "no archive is connected ([pacs])", "未连接影像归档（[pacs]）"
            )
        if not chosen.url.startswith(("http://", "https://")):
            raise RadciteError(
                "VALIDATION", "an archive's address is http(s)", "归档地址应为 http(s)"
            )
        archive = DicomWebPacs(
            chosen.url,
            username=chosen.username,
            password=chosen.password,
            most_bytes=chosen.study_mib << 20,
        )
        self._closing.push_async_callback(archive.close)
        return archive

    def literature_source(self, scheme: str) -> LiteratureSource:
        """The service that `pubmed`, `pmc` or `europepmc` names."""
        from radcite.backends.entrez import PmcArticles, PubMedArticles
        from radcite.backends.europepmc import EuropePmcArticles
        from radcite.backends.polite_web import PoliteWeb

        chosen = self.settings.literature
        web = PoliteWeb(
            chosen.europepmc_url if scheme == "europepmc" else chosen.eutils_url,
            cache=self.home / "cache" / "literature",
            per_second=chosen.per_second,
            cache_hours=chosen.cache_hours,
        )
        self._closing.push_async_callback(web.close)
        if scheme == "europepmc":
            return EuropePmcArticles(web)
        key = chosen.api_key.get_secret_value() if chosen.api_key else ""
        stated = {"tool": "radcite", "email": chosen.email or "", "api_key": key}
        identity = {name: value for name, value in stated.items() if value}
        return (PubMedArticles if scheme == "pubmed" else PmcArticles)(web, identity)

    def retractions(self) -> Retractions | None:
        """The list of retracted articles that was loaded last."""
        kept = self.home / _RETRACTIONS
        return Retractions.model_validate_json(kept.read_bytes()) if kept.is_file() else None

    def keep_retractions(self, found: Retractions) -> None:
        """Keep a list in place of the one before."""
        part = self.home / f"{_RETRACTIONS}.part"
        part.write_text(found.model_dump_json())
        part.replace(self.home / _RETRACTIONS)

    @cached_property
    def sparse(self) -> Bm25Encoder:
        """Words to BM25 vectors."""
        return Bm25Encoder(Tokenizer(chinese_words()), self.ledger)

    @cached_property
    def text_encoder(self) -> TextEncoder | None:
        """The text encoder, or None: then search is by words alone."""
        return text_encoder(self.settings)

    @cached_property
    def image_encoder(self) -> ImageEncoder:
        """The image encoder."""
        return image_encoder(self.settings)

    @cached_property
    def judge(self) -> SupportJudge:
        """What decides whether quotes carry a claim."""
        return support_judge(self.settings, self.chat)

    @property
    def chat(self) -> ChatModel | None:
        """The language model, or None: then the extractive writer answers."""
        return self._served

    @property
    def tokens(self) -> TokenCounter | None:
        """Counts in the language model's tokens."""
        return self._served.tokens if self._served else None

    @cached_property
    def pictures(self) -> "ShownImages | None":
        """Images as the language model is shown them, if it takes any."""
        from radcite.backends.shown_images import ShownImages

        return ShownImages(self.images, self._served) if self._served else None

    @cached_property
    def _served(self) -> "OpenAIChat | None":
        if self.settings.llm is None:
            return None
        chat = chat_of(self.settings.llm, self.meter)
        self._closing.push_async_callback(chat.close)
        return chat

    @cached_property
    def search(self) -> HybridSearch:
        """The text search that literature and cases share."""
        return HybridSearch(
            self.index,
            self.ledger,
            self.sparse,
            self.text_encoder,
            self.settings.fusion,
            exact_up_to=self.settings.index.optimize_above,
            reranker=reranker_of(self.settings),
        )

    @cached_property
    def literature(self) -> LiteratureSearch:
        """The literature tool."""
        return LiteratureSearch(self.search, self.images, self.image_encoder)

    @cached_property
    def cases(self) -> CaseSearch:
        """The similar-case tool."""
        return CaseSearch(self.search, self.index, self.images, self.image_encoder)

    @cached_property
    def labels(self) -> ImageLabels:
        """The image-label tool."""
        near = NeighbourLabels(self.index, self.ledger, self.images, self.image_encoder)
        return ImageLabels(near, self.images, image_labeler(self.settings))

    def ingestor(self, jobs: int = 2) -> "Ingestor":
        """What takes files into a collection."""
        from radcite.apps.forgetting import stores_of
        from radcite.ingestion.ingest import Ingestor
        from radcite.ingestion.writer import Encoders

        return Ingestor(
            ledger=self.ledger,
            index=self.index,
            encoders=Encoders(self.sparse, self.text_encoder, self.image_encoder),
            images=self.images,
            pages=self.pages,
            pool=self._readers or self.parser_pool(jobs),
            secret=self.secret,
            jobs=jobs,
            confined=False,
            optimize_above=self.settings.index.optimize_above,
            shown_elsewhere=stores_of(self).shown_elsewhere,
            privacy=self.settings.privacy,
            reviews=self.phi_reviews,
            vault=self.vault if self.vault_key else None,
            vault_key=self.vault_key,
            turn=self.writing,
        )

    @cached_property
    def vault_key(self) -> VaultKey | None:
        """What seals and opens the identity vault; None where it is off."""
        return vault_key(self.settings, self.home)

    @cached_property
    def vault(self) -> Vault:
        """Sealed originals of pseudonyms."""
        store = vault_of(self.home)
        self._closing.push_async_callback(store.close)
        return store

    @cached_property
    def phi_reviews(self) -> PhiReviews:
        """Images held for a privacy review."""
        store = phi_reviews_of(self.settings)
        self._closing.push_async_callback(store.close)
        return store

    def door(self) -> "Door":
        """How files that come with questions are read."""
        from radcite.ingestion.door import Door
        from radcite.ingestion.gate import Gate

        gate = Gate(self.secret, self.settings.privacy)
        return Door(self.parser_pool(), gate, self.phi_reviews)

    async def take_images(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """Read a question's images through the privacy gate; the digests they are stored under.

        Raises:
            RadciteError: `NOT_FOUND`, `UNSUPPORTED_FILE`, or the reader's code.
        """
        if not paths:
            return ()
        from radcite.ingestion.query_images import take_query_image

        door = self.door()
        return tuple([await take_query_image(path, door, self.images) for path in paths])

    @property
    def limits(self) -> "Limits":
        """What reading one file may cost."""
        from radcite.ingestion.limits import Limits

        bounds = self.settings.limits
        return Limits(
            wall_seconds=bounds.wall_seconds,
            cpu_seconds=max(1, round(bounds.wall_seconds)),
            memory_bytes=bounds.memory_mib << 20,
            file_bytes=bounds.file_mib << 20,
            pages=bounds.pages,
        )

    def read_on_ray(self, address: str | None, jobs: int = 2) -> None:
        """Have the files of ingests read on a Ray cluster from now on.

        Raises:
            RadciteError: `MISSING_EXTRA`; `CONFIG_INVALID` when no cluster answers.
        """
        from radcite.ingestion.ray_readers import RayReaders

        self._readers = readers = RayReaders(address, self.limits, jobs=jobs)
        self._closing.push_async_callback(readers.close)

    def parser_pool(self, jobs: int = 2) -> "ParserPool":
        """Worker processes for untrusted files, one set for as long as the house is open.

        Args:
            jobs: How many files are read at once; the first call says it.
        """
        if self._pool is None:
            from radcite.ingestion.worker import ParserPool

            self._pool = ParserPool(self.limits, jobs=jobs)
            self._closing.push_async_callback(self._pool.close)
        return self._pool


@asynccontextmanager
async def open_house(settings: Settings, *, alone: bool = False) -> AsyncGenerator[House]:
    """Own the data folder for as long as the block runs, or be the guest of a process that lends its index.

    Args:
        settings: Which folder, and its engines.
        alone: Be no guest.

    Raises:
        RadciteError: `HOME_LOCKED` when another process owns it and lends nothing.
    """
    home = home_of(settings)
    async with AsyncExitStack() as closing:
        borrowed: Index | None = None
        try:
            closing.enter_context(hold_home(home))
        except RadciteError:
            borrowed = None if alone else await borrow_index(home)
            if borrowed is None:
                raise
        yield House(settings, home, closing, borrowed)
