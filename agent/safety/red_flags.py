"""Emergencies told by rules, outside any model: their advice stands before every answer."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from radcite.core.frozen import Frozen
from radcite.core.sources import Language

__all__ = ["RedFlag", "load_red_flags", "red_flags"]


class RedFlag(Frozen):
    """An emergency: patterns of which one must match, and the advice in both languages."""

    id: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    advice_en: str
    advice_zh: str


@lru_cache(maxsize=1)
def load_red_flags() -> tuple[RedFlag, ...]:
    """Every rule, in the order of the file."""
    text = files("radcite.agent.safety").joinpath("red_flags.toml").read_text("utf-8")
    return tuple(RedFlag(id=name, **rule) for name, rule in tomllib.loads(text).items())


def red_flags(text: str, language: Language) -> tuple[str, ...]:
    """The advice for every emergency the words speak of, in the language of the answer."""
    return tuple(
        rule.advice_en if language == "en" else rule.advice_zh
        for rule, pattern in _compiled()
        if pattern.search(text)
    )


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[RedFlag, re.Pattern[str]], ...]:
    return tuple(
        (rule, re.compile("|".join((*rule.en, *rule.zh)), re.IGNORECASE))
        for rule in load_red_flags()
    )
