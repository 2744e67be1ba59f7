"""Which action a de-identification profile has for each attribute: data files over the standard's table."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen

__all__ = ["Action", "Profile", "load_profile"]

Action = Literal["keep", "clean", "empty", "dummy", "remove", "uid"]

# The columns of PS3.15 table E.1-1 as dicom-anonymizer names them. Where the standard leaves a choice that depends on
# the object, what keeps the object valid is taken: an attribute may be required.
_TABLE: Mapping[str, Action] = {
    "D_TAGS": "dummy",
    "Z_TAGS": "empty",
    "X_TAGS": "remove",
    "U_TAGS": "uid",
    "Z_D_TAGS": "dummy",
    "X_Z_TAGS": "empty",
    "X_D_TAGS": "dummy",
    "X_Z_D_TAGS": "empty",
    "X_Z_U_STAR_TAGS": "clean",
}
_FOLDER = Path(__file__).parent / "profiles"


class _ProfileFile(Frozen):
    name: str
    dates: Literal["shift", "remove"]
    codes: tuple[tuple[str, str], ...]
    keep: tuple[str, ...] = ()
    clean: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile ready to be applied.

    `actions` is by tag; an attribute without one is judged by its value representation. `codes` are of
    DICOM CID 7050. `binary` are the tags of byte strings that may stay.
    """

    name: str
    dates: Literal["shift", "remove"]
    codes: tuple[tuple[str, str], ...]
    actions: Mapping[int, Action]
    binary: frozenset[int]


@cache
def load_profile(name: str) -> Profile:
    """A profile of the package by its name, or a file of the same form by its path.

    Raises:
        RadciteError: `CONFIG_INVALID` for a file that is not there or not a profile.

    Source: DICOM PS3.15 table E.1-1, edition 2026c, as dicom-anonymizer carries it.
    """
    path = Path(name) if name.endswith(".toml") else _FOLDER / f"{name}.toml"
    try:
        file = _ProfileFile.model_validate(tomllib.loads(path.read_text("utf-8")))
        kept, cleaned, binary = map(_tags, (file.keep, file.clean, file.binary))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as exc:
        raise RadciteError(
            "CONFIG_INVALID", "privacy.profile is no profile", "privacy.profile 不是有效的方案"
        ) from exc
    actions = dict(_table())
    actions.update((tag, "clean") for tag in cleaned)
    actions.update((tag, "keep") for tag in kept)
    return Profile(file.name, file.dates, file.codes, actions, frozenset(binary))


def _tags(keywords: tuple[str, ...]) -> list[int]:
    from pydicom.datadict import tag_for_keyword

    found = {keyword: tag_for_keyword(keyword) for keyword in keywords}
    unknown = [keyword for keyword, tag in found.items() if tag is None]
    if unknown:
        raise RadciteError("CONFIG_INVALID", f"privacy.profile: {unknown[0]} is no DICOM keyword")
    return [tag for tag in found.values() if tag is not None]


@cache
def _table() -> dict[int, Action]:
    from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as edition

    # Its patterns of repeating groups (curves, overlays) are not wanted: those groups are removed whole.
    return {
        tag[0] << 16 | tag[1]: action
        for name, action in _TABLE.items()
        for tag in getattr(edition, name)
        if len(tag) == 2
    }
