"""Written dates: day, month and year are one quantity, not three numbers."""

import re

from radcite.core.grounding.words import Quantity

__all__ = ["DATED", "DAY", "dates", "falls_on"]

DAY = "day of the calendar"
"""The unit of a date that names a month; its value is `yyyymmdd` with zeros for what it leaves open."""
DATED = frozenset((DAY, "date", "month"))
"""Units of whatever says when: a written date, a bare year, a bare month (`5月`)."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in _MONTHS)
_NAMES = "|".join(name.capitalize() for name in _MONTHS)
_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_PATTERNS = (
    re.compile(rf"(?<![\d.])(?P<y>{_YEAR})[-/.~](?P<m>0?[1-9]|1[0-2])[-/.~](?P<d>{_NUMBER})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<y>{_YEAR})年(?P<m>\d{{1,2}})月份?(?:(?P<d>{_NUMBER})[日号])?"),
    re.compile(rf"(?<![\d年])(?P<m>1[0-2]|0?[1-9])月(?P<d>{_NUMBER})[日号]"),
    re.compile(
        rf"(?<![\d.])(?P<d>{_NUMBER})(?:st|nd|rd|th)?(?: of)?[- ](?P<m>{_MONTH})\b\.?(?:,?[- ](?P<y>{_YEAR})\b)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<m>{_MONTH})\.?[- ](?P<d>{_NUMBER})(?:st|nd|rd|th)?\b(?![%.]?\d)(?:,? (?P<y>{_YEAR})\b)?",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<m>{_MONTH})\.?,?(?: of)? (?P<y>{_YEAR})\b", re.IGNORECASE),
    re.compile(
        r"(?<![A-Za-z])(?:[Ii]n|[Oo]f|[Bb]y|[Ss]ince|[Uu]ntil|[Ff]rom|[Dd]uring|[Ee]arly|[Ll]ate|[Mm]id)[- ]"
        rf"(?P<m>{_NAMES})\b"
    ),
)


def dates(text: str) -> list[Quantity]:
    """The dates of a sentence that name a month, in order."""
    found: list[Quantity] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start = match.start("m") if match.re is _PATTERNS[-1] else match.start()
            if not any(start < other.end and other.start < match.end() for other in found):
                found.append(
                    Quantity(_value(match), DAY, "", False, start, match.end(), start, match.end())
                )
    return sorted(found, key=lambda date: date.start)


def _value(match: re.Match[str]) -> float:
    parts = match.groupdict()
    month = parts["m"]
    number = (
        int(month)
        if month.isdigit()
        else 1 + _MONTHS.index(next(name for name in _MONTHS if name[:3] == month[:3].lower()))
    )
    return float(int(parts.get("y") or 0) * 10_000 + number * 100 + int(parts.get("d") or 0))


def falls_on(claim: Quantity, quote: Quantity) -> bool:
    """Whether a date of the quote is the claim's: `May 2023` is told by `5 May 2023`, not the other way."""
    return all(
        mine in (0, theirs) for mine, theirs in zip(_parts(claim), _parts(quote), strict=True)
    )


def _parts(date: Quantity) -> tuple[int, int, int]:
    value = int(date.value)
    if date.unit == DAY:
        return value // 10_000, value // 100 % 100, value % 100
    return (value, 0, 0) if date.unit == "date" else (0, value, 0)
