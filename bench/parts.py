"""The parts of a radcite that the measurements take together and apart."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from radcite.apps.models import text_encoder
from radcite.backends.images.files import FileImages
from radcite.backends.index.qdrant_edge import EdgeIndex
from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.backends.shipped_models import shipped_model
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.backends.text.onnx import OnnxTextEncoder
from radcite.core.ports import TextEncoder
from radcite.core.settings import Settings
from radcite.core.tokens import Tokenizer
from radcite.ingestion.ingest import Ingestor
from radcite.ingestion.worker import ParserPool
from radcite.ingestion.writer import Encoders
from radcite.tools.hybrid import HybridSearch
from radcite.tools.knowledge.terms import chinese_words

__all__ = ["Store", "bench_folder", "built_in_encoder", "default_encoder"]


@dataclass(frozen=True, slots=True)
class Store:
    """A ledger and an index in a folder, with what makes sparse vectors."""

    home: Path
    ledger: SqliteLedger
    index: EdgeIndex
    sparse: Bm25Encoder

    @classmethod
    def open(cls, home: Path) -> "Store":
        home.mkdir(parents=True, exist_ok=True)
        ledger = SqliteLedger(home / "ledger.sqlite")
        sparse = Bm25Encoder(Tokenizer(chinese_words()), ledger)
        return cls(home, ledger, EdgeIndex(home / "index"), sparse)

    def ingestor(self, text: TextEncoder | None, *, optimize_above: int = 10**9) -> Ingestor:
        return Ingestor(
            ledger=self.ledger,
            index=self.index,
            encoders=Encoders(self.sparse, text, None),
            images=FileImages(self.home / "images"),
            pool=ParserPool(),
            secret=bytes(32),
            optimize_above=optimize_above,
        )

    def search(self, text: TextEncoder | None, *, exact_up_to: int = 50_000) -> HybridSearch:
        return HybridSearch(self.index, self.ledger, self.sparse, text, exact_up_to=exact_up_to)

    async def close(self) -> None:
        await self.index.close()
        await self.ledger.close()


def built_in_encoder(threads: int | None = None) -> OnnxTextEncoder:
    """The text encoder that radcite carries."""
    folder = shipped_model("text-zh-en")
    assert folder is not None, "this checkout has no text encoder"
    return OnnxTextEncoder.from_folder(folder, threads=threads)


def default_encoder() -> TextEncoder:
    """The text encoder of a fresh installation: MiniLM reads English, the carried one the rest."""
    encoder = text_encoder(Settings())
    assert encoder is not None, "this checkout has no text encoder"
    return encoder


@contextmanager
def bench_folder(kept: Path | None = None) -> Generator[Path]:
    """A scratch folder, or one that stays for the next run."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="radcite-bench-") as folder:
        yield Path(folder)
