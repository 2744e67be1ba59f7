"""The words and numbers by which the parts of an article are known, whatever kind of file it came in."""

import re

from radcite.core.normalization import normalize

__all__ = ["CAPTION", "doi_in", "letters_of", "pmid_in"]

CAPTION = re.compile(
    r"(?:(?:Supplementary|Supplemental|Extended Data|Appendix)\s+)?"
    r"(?P<label>(?P<kind>Fig(?:ure|\.)?|Table|Scheme|Box|Chart|图|表)\s*[A-Z]?\d+[A-Za-z]?)"
    r"(?P<after>\s*[.:|．：]|(?=\s|$))",
    re.IGNORECASE,
)
"""How a caption begins: its label, and the sign after it."""

_DOI = re.compile(r"(?<![\d.])10\.\d{4,9}/[^\s\"<>\u00a0]+")
_PMID = re.compile(r"\bPMID\s*[:：]?\s*(\d{4,8})(?!\d)", re.IGNORECASE)


def doi_in(text: str) -> str | None:
    """The first DOI in a text, in small letters."""
    found = _DOI.search(text)
    return found.group().rstrip(".,;:)]}").lower() if found else None


def pmid_in(text: str) -> str | None:
    """The first PubMed number that a text calls so."""
    found = _PMID.search(text)
    return found.group(1) if found else None


def letters_of(text: str) -> str:
    """The letters and digits of a text, one after another, in small letters."""
    return "".join(char for char in normalize(text).text.lower() if char.isalnum())
