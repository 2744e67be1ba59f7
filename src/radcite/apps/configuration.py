"""Where settings come from, and where data and models live."""

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from radcite.core.errors import RadciteError
from radcite.core.settings import Settings

__all__ = [
    "CONFIG_FILE",
    "home_of",
    "load_settings",
    "models_folder",
    "site_secret",
    "stored_secret",
]

CONFIG_FILE = "radcite.toml"


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings from `radcite.toml` in the working folder or the home, the environment, and flags.

    Raises:
        RadciteError: `CONFIG_INVALID` naming the key at fault; no value is repeated.
    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    try:
        for path in _candidates(given.get("home")):
            if path.is_file():
                from_file = tomllib.loads(path.read_text("utf-8-sig"))
                return _layered(from_file, given)
        return Settings(**given)
    except tomllib.TOMLDecodeError as exc:
        raise RadciteError("CONFIG_INVALID", f"{CONFIG_FILE}: {exc}") from exc
    except UnicodeDecodeError as exc:
        raise RadciteError(
            "CONFIG_INVALID", f"{CONFIG_FILE}: not UTF-8", f"{CONFIG_FILE}：不是 UTF-8 编码"
        ) from exc
    except SettingsError as exc:
        raise _not_json(exc) from exc
    except ValidationError as exc:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in exc.errors(include_input=False, include_url=False)
        )
        raise RadciteError("CONFIG_INVALID", faults) from exc


def home_of(settings: Settings) -> Path:
    """The data folder: as set, else the platform's user data folder."""
    from platformdirs import user_data_path

    return settings.home or user_data_path("radcite")


def models_folder() -> Path:
    """Where models built on this machine are cached."""
    from platformdirs import user_cache_path

    return user_cache_path("radcite") / "models"


def site_secret(home: Path) -> bytes:
    """The key of this site's pseudonyms: made once, readable by its owner alone."""
    path = home / "secret.key"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_secret(path)
    secret = secrets.token_bytes(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as key:
        key.write(secret.hex())
        key.flush()
        os.fsync(key.fileno())
    return secret


def stored_secret(home: Path) -> bytes | None:
    """The key of this site's pseudonyms where the home has one; nothing is written.

    Raises:
        RadciteError: `CONFIG_INVALID` for a damaged one.
    """
    path = home / "secret.key"
    return _read_secret(path) if path.is_file() else None


def _read_secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) < 32:
        raise RadciteError("CONFIG_INVALID", "the home's secret.key is damaged")
    return secret


def _candidates(home: Path | None) -> list[Path]:
    folder = home or os.environ.get("RADCITE_HOME")
    return [Path(CONFIG_FILE), *([Path(folder) / CONFIG_FILE] if folder else [])]


def _not_json(error: SettingsError) -> RadciteError:
    """A list or a section stands in the environment as JSON; what is not is told by its variable."""
    given = error.__cause__.doc if isinstance(error.__cause__, json.JSONDecodeError) else None
    names = ", ".join(name for name, value in os.environ.items() if value == given)
    return RadciteError(
        "CONFIG_INVALID",
        f'{names or error}: not JSON; a list in the environment is written ["one", "two"]',
        f'{names or error}：不是 JSON；环境变量中的列表写作 ["一", "二"]',
    )


def _layered(from_file: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    """The file lowest, the environment above it, flags on top."""
    from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

    class Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, dict(from_file))

    return Layered(**given)
