"""Literature that is fetched by identifier or query, and what is known of it later."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple, Protocol

from radcite.core.frozen import Frozen

__all__ = ["LiteratureSource", "Marked", "Retractions", "plain_doi"]


class LiteratureSource(Protocol):
    """A public service of articles. The query is sent to it; nothing else of the site is."""

    def files(self, query: str, folder: Path, limit: int) -> AsyncIterator[Path]:
        """What the service has for a query, as files that ingestion reads: JATS, PubMed XML, `passages.jsonl`.

        Args:
            query: In the service's own language; identifiers parted by commas or blanks where it takes those.
            folder: Where the files are written, one after another.
            limit: How many articles at most.

        Raises:
            RadciteError: `VALIDATION` for a query it cannot take, `NOT_FOUND` for one without any article.
            DependencyDown: `RETRIEVAL_UNAVAILABLE` after bounded retries.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


class Retractions(Frozen):
    """Which articles were retracted, by DOI in small letters without its address, and by PubMed id."""

    dois: frozenset[str] = frozenset()
    pmids: frozenset[str] = frozenset()

    def name(self, doi: str | None, pmid: str | None) -> bool:
        """Whether an article is among them."""
        return (doi is not None and plain_doi(doi) in self.dois) or pmid in self.pmids


class Marked(NamedTuple):
    """How many stored documents a list of retractions marked anew, and from how many it took the mark."""

    marked: int
    cleared: int


def plain_doi(stated: str) -> str:
    """A DOI in small letters without what leads to it (`https://doi.org/`, `doi:`)."""
    return stated.strip().lower().rsplit("doi.org/", 1)[-1].removeprefix("doi:").strip()
