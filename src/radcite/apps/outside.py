"""What lies outside the data folder: an archive of images, the services of literature."""

from pathlib import Path
from typing import TYPE_CHECKING

from radcite.core.errors import RadciteError
from radcite.core.settings import PacsSettings, Settings

if TYPE_CHECKING:
    from radcite.backends.remote.dicomweb import DicomWebPacs
    from radcite.backends.remote.entrez import PmcArticles, PubMedArticles
    from radcite.backends.remote.europepmc import EuropePmcArticles
    from radcite.backends.remote.polite_web import PoliteWeb

__all__ = ["archive_at", "literature_source", "literature_web"]


def archive_at(url: str, settings: Settings) -> "DicomWebPacs":
    """The archive at an address, "" for that of the settings, whose credentials go to its own address alone.

    Raises:
        RadciteError: `VALIDATION` for what is no http address; `NOT_FOUND` where none is set.
    """
    from radcite.backends.remote.dicomweb import DicomWebPacs

    chosen = settings.pacs
    if url and (chosen is None or url.rstrip("/") != chosen.url.rstrip("/")):
        chosen = PacsSettings(url=url)
    if chosen is None:
        raise RadciteError(
            "NOT_FOUND", "no archive is connected ([pacs])", "未连接影像归档（[pacs]）"
        )
    if not chosen.url.startswith(("http://", "https://")):
        raise RadciteError("VALIDATION", "an archive's address is http(s)", "归档地址应为 http(s)")
    return DicomWebPacs(
        chosen.url,
        username=chosen.username,
        password=chosen.password,
        most_bytes=chosen.study_mib << 20,
    )


def literature_web(scheme: str, settings: Settings, home: Path) -> "PoliteWeb":
    """The way to the service that `pubmed`, `pmc` or `europepmc` names, at the pace it asks for."""
    from radcite.backends.remote.polite_web import PoliteWeb

    chosen = settings.literature
    return PoliteWeb(
        chosen.europepmc_url if scheme == "europepmc" else chosen.eutils_url,
        cache=home / "cache" / "literature",
        per_second=chosen.per_second,
        cache_hours=chosen.cache_hours,
    )


def literature_source(
    scheme: str, web: "PoliteWeb", settings: Settings
) -> "PubMedArticles | PmcArticles | EuropePmcArticles":
    """The articles of that service."""
    from radcite.backends.remote.entrez import PmcArticles, PubMedArticles
    from radcite.backends.remote.europepmc import EuropePmcArticles

    if scheme == "europepmc":
        return EuropePmcArticles(web)
    chosen = settings.literature
    key = chosen.api_key.get_secret_value() if chosen.api_key else ""
    stated = {"tool": "radcite", "email": chosen.email or "", "api_key": key}
    identity = {name: value for name, value in stated.items() if value}
    return (PubMedArticles if scheme == "pubmed" else PmcArticles)(web, identity)
