"""A small collection over a real index and ledger, with the shipped doubles for encoders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radcite.backends.fakes import FlatImageEncoder, HashingTextEncoder
from radcite.backends.images.files import FileImages
from radcite.backends.index.qdrant_edge import EdgeIndex
from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.ledger import StoredDocument
from radcite.core.sources import Case, Document, ImageRef
from radcite.core.tokens import Tokenizer
from radcite.core.vectors import Pixels
from radcite.ingestion.writer import BatchWriter, Encoders, PendingCase, open_collection
from radcite.tools.hits import Hit
from radcite.tools.hybrid import HybridSearch


@dataclass(frozen=True)
class Library:
    ledger: SqliteLedger
    index: EdgeIndex
    images: FileImages

    @classmethod
    def at(cls, folder: Path) -> "Library":
        return cls(
            SqliteLedger(folder / "ledger.sqlite"),
            EdgeIndex(folder / "index"),
            FileImages(folder / "images"),
        )

    @property
    def sparse(self) -> Bm25Encoder:
        return Bm25Encoder(Tokenizer(), self.ledger)

    def search(self, text: HashingTextEncoder | None) -> HybridSearch:
        return HybridSearch(self.index, self.ledger, self.sparse, text)

    async def fill(
        self,
        documents: Sequence[Document] = (),
        cases: Sequence[Case] = (),
        text: HashingTextEncoder | None = None,
        image: FlatImageEncoder | None = None,
    ) -> None:
        """Take sources in; an image's digest, read as a number, is its brightness."""
        encoders = Encoders(self.sparse, text, image)
        await open_collection(self.ledger, self.index, encoders, "default")
        writer = BatchWriter("default", self.ledger, self.index, encoders)
        for document in documents:
            await writer.add_document(StoredDocument(document, document.text))
        for case in cases:
            pictures = [(ref, shade(int(ref.digest))) for ref in case.images]
            for ref, pixels in pictures:
                await self.images.put(ref.digest, pixels)
            await writer.add_case(PendingCase(case, case.case_id, pictures))
        await writer.flush()

    async def close(self) -> None:
        await self.index.close()
        await self.ledger.close()


def shade(brightness: int) -> Pixels:
    return np.full((16, 16), brightness, dtype=np.uint8)


def picture(brightness: int) -> ImageRef:
    return ImageRef(digest=f"{brightness:064}", uri="x")


def owners(hits: Sequence[Hit]) -> list[str]:
    """Documents and cases of hits, in order."""
    return [
        hit.source.case_id if isinstance(hit.source, Case) else hit.source.document_id
        for hit in hits
    ]
