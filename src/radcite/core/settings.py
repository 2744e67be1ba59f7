"""What a site can set: `radcite.toml`, then `RADCITE_…` in the environment, then command flags."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from radcite.core.question import IntendedUse, Task

__all__ = [
    "EncoderSettings",
    "IndexSettings",
    "LimitSettings",
    "LiteratureSettings",
    "LlmSettings",
    "PacsSettings",
    "PrivacySettings",
    "RetentionSettings",
    "ServeSettings",
    "Settings",
    "StateSettings",
    "VaultSettings",
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LlmSettings(_Section):
    """An OpenAI-compatible server, such as vLLM; a LoRA adapter's name works as `model` too.

    Prices are of a million tokens, in any one currency.
    `context_tokens`: what a prompt and its reply may take together; unset, the server is asked.
    `rounds`: how often at most the model chooses searches for one question, each time seeing what was found.
    """

    base_url: str
    model: str
    api_key: SecretStr | None = None
    timeout_seconds: float = Field(default=120, gt=0)
    context_tokens: int | None = Field(default=None, ge=512)
    rounds: int = Field(default=2, ge=1, le=4)
    requests_per_minute: float | None = Field(default=None, gt=0)
    prompt_price: float = Field(default=0, ge=0)
    reply_price: float = Field(default=0, ge=0)


class IndexSettings(_Section):
    """`edge`: in process; `server`: a Qdrant server or cluster at `url`."""

    kind: Literal["edge", "server"] = "edge"
    url: str | None = None
    api_key: SecretStr | None = None
    shards: int | None = Field(default=None, ge=1)
    optimize_above: int = Field(default=50_000, ge=1_000)


class EncoderSettings(_Section):
    """`builtin`, a local folder, or a hub name (`open_clip:hf-hub:…` for images).

    For texts also `static`, the encoder in the package alone, and `minilm`, English only; `builtin` joins them.
    For images also `classical`, a descriptor without learned weights.
    `reranker`: `builtin`, a folder that `radcite train reranker` wrote, or `none`.
    """

    text: str = "builtin"
    image: str = "builtin"
    reranker: str = "none"
    threads: int | None = Field(default=None, ge=1)


class LimitSettings(_Section):
    """Bounds on one file read by a worker process."""

    wall_seconds: float = Field(default=60, gt=0)
    memory_mib: int = Field(default=2048, ge=256)
    file_mib: int = Field(default=512, ge=1)
    pages: int = Field(default=2000, ge=1)


class ServeSettings(_Section):
    """The web service. `hosts` are names it is reached by besides loopback and the address it listens on.

    `proxies` are addresses of reverse proxies whose `X-Forwarded-For` and `-Proto` are believed. With `proxy_header`
    they also say who is signed in: the name of a user, in that header, which the proxy must set or remove itself.
    """

    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    proxy_header: str | None = Field(default=None, pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    asks_per_minute: int = Field(default=60, ge=1)
    uploads_per_minute: int = Field(default=30, ge=1)
    asks_at_once: int = Field(default=4, ge=1)
    asks_waiting: int = Field(default=32, ge=0)
    upload_mib: int = Field(default=1024, ge=1)
    upload_files: int = Field(default=5000, ge=1)


class PacsSettings(_Section):
    """A DICOMweb archive whose studies can be picked; `url` is its root (`http://orthanc:8042/dicom-web`)."""

    url: str
    username: str | None = None
    password: SecretStr | None = None
    study_mib: int = Field(default=2048, ge=1)


class LiteratureSettings(_Section):
    """Where `radcite ingest pubmed: | pmc: | europepmc:` asks; nothing is sent before such a command.

    NCBI allows three requests a second, ten with a key, and likes to know an address for complaints.
    """

    eutils_url: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    europepmc_url: str = "https://www.ebi.ac.uk/europepmc/webservices/rest"
    email: str | None = None
    api_key: SecretStr | None = None
    per_second: float = Field(default=3, gt=0, le=10)
    cache_hours: float = Field(default=24, ge=0)


class PrivacySettings(_Section):
    """The gate at the door. `profile`: `default`, `basic`, or the path of a profile file.

    `burned_in`: which DICOM images are read for text in their pixels: `usual` (ultrasound, secondary capture,
    angiography, radiographs and the like), `declared` (the same without those whose header says there is none),
    `all`, or `none`. `pictures`: whether PNG and JPEG files are read for it too. `sampled`: whether a file whose
    text repeats another's of its series is not read again. `deidentified`: collections
    whose files are known to be de-identified; their pixels are not read for text, and nothing in them is doubtful.
    `doubtful_names`: what becomes of words in a case's texts that may be a name: `review` holds the case for a person,
    `mask` replaces them, `keep` leaves them.
    """

    profile: str = "default"
    burned_in: Literal["usual", "declared", "all", "none"] = "usual"
    pictures: bool = True
    sampled: bool = True
    doubtful_names: Literal["review", "mask", "keep"] = "review"
    deidentified: tuple[str, ...] = ()


class RetentionSettings(_Section):
    """After how many days things are removed by `radcite ledger expire`; unset: never."""

    documents_days: int | None = Field(default=None, ge=1)
    cases_days: int | None = Field(default=None, ge=1)
    studies_days: int | None = Field(default=None, ge=1)
    threads_days: int | None = Field(default=None, ge=1)


class StateSettings(_Section):
    """Where conversations, reports, users, the audit record and the agent's threads are kept.

    `url`: a PostgreSQL database (`postgresql://user@host/name`, extra `postgres`); unset: SQLite files in the data
    folder.
    """

    url: SecretStr | None = None


class VaultSettings(_Section):
    """The identity vault, off without `key_file`: a key that `radcite vault init` made, outside the data folder."""

    key_file: Path | None = None


class Settings(BaseSettings):
    """The whole configuration; an unknown key is an error.

    `intended_use` says what stands above every answer; a task that is not among `tasks` gets none.
    """

    model_config = SettingsConfigDict(
        env_prefix="RADCITE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
    )

    home: Path | None = None
    intended_use: IntendedUse = "research"
    tasks: tuple[Task, ...] = Field(
        default=("caption", "diagnosis", "literature", "consultation"), min_length=1
    )
    llm: LlmSettings | None = None
    index: IndexSettings = IndexSettings()
    encoders: EncoderSettings = EncoderSettings()
    limits: LimitSettings = LimitSettings()
    serve: ServeSettings = ServeSettings()
    pacs: PacsSettings | None = None
    state: StateSettings = StateSettings()
    literature: LiteratureSettings = LiteratureSettings()
    retention: RetentionSettings = RetentionSettings()
    privacy: PrivacySettings = PrivacySettings()
    vault: VaultSettings = VaultSettings()
    fusion: Literal["score", "rank"] = "score"
    judge: Literal["builtin", "rules", "llm"] = "builtin"
