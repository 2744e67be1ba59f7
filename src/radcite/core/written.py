"""What a person writes, as it is kept: nothing in it is invisible, steers a terminal or turns the reading order."""

from unicodedata import category

from radcite.core.errors import RadciteError

__all__ = ["line_of", "lines_of", "without_controls"]

# They join or part letters of Persian and Indic scripts and of some pictures; other invisible letters say nothing.
_JOINERS = frozenset("\u200c\u200d")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line_of(text: str | None) -> str | None:
    """One line of what a person wrote; None for nothing.

    Raises:
        RadciteError: `VALIDATION` for control characters.
    """
    return " ".join(_cleaned(text or "").split()) or None


def lines_of(text: str | None) -> str | None:
    """What a person wrote, line by line, without empty ends; None for nothing.

    Raises:
        RadciteError: `VALIDATION` for control characters.
    """
    lines = [" ".join(line.split()) for line in _cleaned(text or "").splitlines()]
    return "\n".join(lines).strip() or None


def without_controls(text: str) -> str:
    """A text without its control and invisible characters; line ends and tabs stay, and so do rare letters.

    Characters for private use stay too: names are written with them where Unicode has no letter yet.
    """
    return "".join(one for one in text if not _says_nothing(one) and not _steers(one))


def _cleaned(text: str) -> str:
    if any(_steers(one) for one in text):
        raise RadciteError("VALIDATION", "text with control characters", "文字含控制字符")
    return "".join(one for one in text if not _says_nothing(one))


def _steers(one: str) -> bool:
    kind = category(one)
    return one in _TURNING or kind == "Cs" or (kind == "Cc" and not one.isspace())


def _says_nothing(one: str) -> bool:
    return category(one) == "Cf" and one not in _JOINERS and one not in _TURNING
