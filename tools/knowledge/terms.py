"""The one bilingual term file: it serves the tokeniser and query expansion, and is never cited."""

from functools import lru_cache
from importlib.resources import files

from radcite.core.frozen import Frozen

__all__ = ["TermEntry", "chinese_words", "find_term", "general_words", "load_terms"]


class TermEntry(Frozen):
    """A concept with its names in both languages, the preferred one first."""

    term_id: str
    category: str
    en: tuple[str, ...]
    zh: tuple[str, ...]
    parent: str | None


@lru_cache(maxsize=1)
def load_terms() -> tuple[TermEntry, ...]:
    """Every entry of the term file."""
    lines = files("radcite.tools.knowledge").joinpath("terms.tsv").read_text("utf-8").splitlines()
    return tuple(_entry(line) for line in lines[1:] if line)


def chinese_words() -> frozenset[str]:
    """Every Chinese name of every term."""
    return frozenset(name for entry in load_terms() for name in entry.zh)


@lru_cache(maxsize=1)
def general_words() -> tuple[tuple[str, str], ...]:
    """Chinese words of medicine and science that name no term (`突变`), each with an English one."""
    lines = files("radcite.tools.knowledge").joinpath("general_words.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in lines.splitlines()[1:])
    return tuple((word, en) for zh, en in rows for word in zh.split("|"))


def find_term(name: str) -> TermEntry | None:
    """The entry that has this name, in either language and any case; None for an unknown name."""
    return _by_name().get(name.casefold())


@lru_cache(maxsize=1)
def _by_name() -> dict[str, TermEntry]:
    names: dict[str, TermEntry] = {}
    for entry in load_terms():
        for name in (*entry.en, *entry.zh):
            names.setdefault(name.casefold(), entry)
    return names


def _entry(line: str) -> TermEntry:
    term_id, category, en, zh, more_en, more_zh, parent = line.split("\t")
    return TermEntry(
        term_id=term_id,
        category=category,
        en=tuple(filter(None, (en, *more_en.split("|")))),
        zh=tuple(filter(None, (zh, *more_zh.split("|")))),
        parent=parent or None,
    )
