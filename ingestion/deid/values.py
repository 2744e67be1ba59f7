"""Single values of DICOM attributes: what they become, and whether they are what their type says."""

import re
from datetime import date, timedelta

__all__ = [
    "CHECKED",
    "TEXT",
    "dummy",
    "emptied",
    "is_offset",
    "known_uid",
    "looks_valid",
    "shifted_age",
    "shifted_day",
]

TEXT = frozenset({"LO", "SH", "ST", "LT", "UC", "UT"})
# Hour, minute, second and fraction, also with the colons of ACR-NEMA: PS3.5 6.2.
_TIME = r"(?:(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)? *"
# As many figures in a row are a telephone or a national number, unless noughts fill them up.
_LONG_NUMBER = re.compile(r"(?<![\d.])(?:1[3-9]\d{9}|\d{10,})(?![\d.eE])")
_FORMS = {
    "CS": re.compile(r"[A-Z0-9_ \\]*"),
    "DS": re.compile(r"[0-9eE+\-. \\\0]*"),
    "IS": re.compile(r"[0-9+\- \\\0]*"),
    "TM": re.compile(rf"{_TIME}(?:\\{_TIME})*"),
    "UI": re.compile(r"[0-9.]{0,64}"),
    "AE": re.compile(r"(?!)"),
    "UR": re.compile(r"(?!)"),
}
CHECKED = frozenset({"CS", "DS", "IS", "TM", "AE", "UR"})
_DAY = re.compile(r"(\d{4})[.\-]?(\d{2})?[.\-]?(\d{2})?(.*)", re.DOTALL)
_AGE = re.compile(r"(\d{3})([DWMY])")
_OLDEST = 89
_NUMBERS = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT"})


def looks_valid(vr: str, value: str) -> bool:
    """Whether a value has the form of its representation; one that never has an own form does not.

    Source: DICOM PS3.5 table 6.2-1.
    """
    form = _FORMS.get(vr)
    if form is not None and form.fullmatch(value) is None:
        return False
    numbers = _LONG_NUMBER.findall(value) if vr in {"DS", "IS"} else ()
    return all(number.endswith("00000") for number in numbers)


def is_offset(value: str) -> bool:
    """Whether a value is an offset from UTC: PS3.3 C.12.1.1.8."""
    return re.fullmatch(r"[+\-]\d{4}", value) is not None


def known_uid(value: str) -> bool:
    """Whether a UID is one that the standard gives out, and so nobody's."""
    from pydicom.uid import UID

    return not value or UID(value).name != value


def shifted_day(value: str, days: int) -> str:
    """A date or date-time so many days earlier at the same time of day; "" for what is no date."""
    found = _DAY.fullmatch(value.strip())
    if not found or not re.fullmatch(r"[\d.+\-]*", found[4]):
        return ""
    year, month, day = int(found[1]), int(found[2] or 7), int(found[3] or 1)
    try:
        earlier = date(year, month, day) - timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    known = 8 if found[3] else 6 if found[2] else 4
    return f"{earlier:%Y%m%d}".zfill(8)[:known] + found[4]


def shifted_age(value: str) -> str:
    """An age; those over 89 years are one class, as HIPAA asks (45 CFR 164.514(b)(2)(i)(C))."""
    found = _AGE.fullmatch(value.strip())
    if not found:
        return ""
    return "090Y" if found[2] == "Y" and int(found[1]) > _OLDEST else found[0]


def dummy(vr: str) -> object:
    """A value of this kind that says nothing."""
    if vr in {"DA", "DT", "TM", "AS", "UI"}:
        return ""
    return "ANONYMIZED" if vr in TEXT or vr in {"CS", "AE", "PN"} else emptied(vr)


def emptied(vr: str) -> object:
    """No value of this kind."""
    if vr == "SQ":
        return []
    return None if vr in _NUMBERS else b"" if vr.startswith("O") or vr == "UN" else ""
