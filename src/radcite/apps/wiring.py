"""Settings to parts: the one place that picks engines."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.configuration import home_of
from radcite.apps.models import (
    chat_of,
    image_encoder,
    image_labeler,
    reranker_of,
    support_judge,
    text_encoder,
)
from radcite.apps.outside import archive_at, literature_source, literature_web
from radcite.apps.stored import Stored
from radcite.backends.images.remembering import RememberingEncoder
from radcite.backends.index.lent import borrow_index
from radcite.backends.state.home_lock import hold_home
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.errors import RadciteError
from radcite.core.literature import LiteratureSource
from radcite.core.pacs import Pacs
from radcite.core.ports import (
    ChatModel,
    ImageEncoder,
    Index,
    SupportJudge,
    TextEncoder,
    TokenCounter,
)
from radcite.core.settings import Settings
from radcite.core.tokens import Tokenizer
from radcite.core.usage import Meter
from radcite.core.vectors import Pixels
from radcite.tools.cases import CaseSearch
from radcite.tools.hybrid import HybridSearch
from radcite.tools.image_labels import ImageLabels
from radcite.tools.knowledge.terms import chinese_words
from radcite.tools.labels import NeighbourLabels
from radcite.tools.literature import LiteratureSearch

if TYPE_CHECKING:
    from radcite.backends.chat.openai import OpenAIChat
    from radcite.backends.images.shown import ShownImages
    from radcite.ingestion.door import Door
    from radcite.ingestion.ingest import Ingestor
    from radcite.ingestion.limits import Limits
    from radcite.ingestion.worker import ParserPool, Readers

__all__ = ["House", "open_house"]


@dataclass(slots=False)
class House(Stored):
    """A data folder with the engines, models and tools that work on it, each opened when it is first used.

    Close it through `open_house`. Where another process owns the folder, the index is borrowed from that one.
    """

    _pool: "ParserPool | None" = None
    _readers: "Readers | None" = None

    @cached_property
    def meter(self) -> Meter:
        """Counts what the language model is asked."""
        return Meter()

    @cached_property
    def pacs(self) -> Pacs | None:
        """The archive whose studies can be picked, or None."""
        return self.archive("") if self.settings.pacs else None

    def archive(self, url: str) -> Pacs:
        """The archive at an address, "" for that of the settings, whose credentials go to its own address alone.

        Raises:
            RadciteError: `VALIDATION` for what is no http address; `NOT_FOUND` where none is set.
        """
        return self._kept(archive_at(url, self.settings))

    def literature_source(self, scheme: str) -> LiteratureSource:
        """The service that `pubmed`, `pmc` or `europepmc` names."""
        web = self._kept(literature_web(scheme, self.settings, self.home))
        return literature_source(scheme, web, self.settings)

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
    def asked_encoder(self) -> ImageEncoder:
        """The same for the tools, of which several look up the image that is asked about."""
        return RememberingEncoder(self.image_encoder)

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
        if self._served is None:
            return None
        from radcite.backends.images.shown import ShownImages

        return ShownImages(self.images, self._served)

    @cached_property
    def _served(self) -> "OpenAIChat | None":
        if self.settings.llm is None:
            return None
        return self._kept(chat_of(self.settings.llm, self.meter))

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
        return LiteratureSearch(self.search, self.images, self.asked_encoder)

    @cached_property
    def cases(self) -> CaseSearch:
        """The similar-case tool."""
        return CaseSearch(self.search, self.index, self.images, self.asked_encoder)

    @cached_property
    def labels(self) -> ImageLabels:
        """The image-label tool."""
        near = NeighbourLabels(self.index, self.ledger, self.images, self.asked_encoder)
        return ImageLabels(near, self.images, image_labeler(self.settings))

    def ingestor(self, jobs: int = 2) -> "Ingestor":
        """What takes files into a collection."""
        from radcite.apps.upkeep.dropping import stores_of
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
            vault=self.known_vault,
            vault_key=self.vault_key,
            retractions=self.retractions,
            turn=self.writing,
        )

    def door(self) -> "Door":
        """How files that come with questions are read."""
        from radcite.ingestion.deid.keys import Gate
        from radcite.ingestion.door import Door

        gate = Gate(self.secret, self.settings.privacy)
        return Door(self.parser_pool(), gate, self.phi_reviews)

    async def take_images(self, paths: Sequence[Path]) -> tuple[str, ...]:
        """Read and keep the images of a question that a thread remembers; the digests they are stored under.

        Raises:
            RadciteError: As `show_images`; nothing is kept then.
        """
        read = await self._read_images(paths)
        for digest, pixels in read.items():
            await self.images.put(digest, pixels)
        return tuple(read)

    @asynccontextmanager
    async def show_images(self, paths: Sequence[Path]) -> AsyncGenerator[tuple[str, ...]]:
        """The digests of a question's images, read through the privacy gate and shown while the block runs.

        They are held in memory alone: nothing is left of them.

        Raises:
            RadciteError: `NOT_FOUND`, `UNSUPPORTED_FILE`, or the reader's code.
        """
        read = await self._read_images(paths)
        with self.images.showing(read):
            yield tuple(read)

    async def _read_images(self, paths: Sequence[Path]) -> dict[str, Pixels]:
        if not paths:
            return {}
        from radcite.ingestion.query_images import read_query_image

        door = self.door()
        return dict([await read_query_image(path, door) for path in paths])

    @property
    def limits(self) -> "Limits":
        """What reading one file may cost."""
        from radcite.ingestion.limits import Limits

        return Limits.of(self.settings.limits)

    def read_on_ray(self, address: str | None, jobs: int = 2) -> None:
        """Have the files of ingests read on a Ray cluster from now on.

        Raises:
            RadciteError: `MISSING_EXTRA`; `CONFIG_INVALID` when no cluster answers.
        """
        from radcite.ingestion.ray_readers import RayReaders

        self._readers = self._kept(RayReaders(address, self.limits, jobs=jobs))

    def parser_pool(self, jobs: int = 2) -> "ParserPool":
        """Worker processes for untrusted files, one set for as long as the house is open.

        Args:
            jobs: How many files are read at once; the first call says it.
        """
        if self._pool is None:
            from radcite.ingestion.worker import ParserPool

            self._pool = self._kept(ParserPool(self.limits, jobs=jobs))
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
