"""Identifiers of people in free text, in English and Chinese, put out of sight by typed placeholders.

Forms, labels, lists and counts, not a trained model: what they leave in doubt is for a person to look at.
"""

import hmac
import re
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256

from radcite.core.naming.found import Found
from radcite.core.naming.known import Known
from radcite.core.naming.places import identifying

__all__ = ["Found", "Redactor", "day_in_words"]

_CHINESE = {
    "KNOWN": "已知",
    "EMAIL": "邮箱",
    "URL": "网址",
    "ID": "身份证",
    "DOB": "出生日期",
    "RECORD": "病历号",
    "PHONE": "电话",
    "ADDRESS": "地址",
    "NAME": "姓名",
    "DOCTOR": "医师",
    "HOSPITAL": "医院",
    "AGE": "年龄",
    "DATE": "日期",
    "CODE": "编号",
}
# What tells of a person only beside the rest of a record.
_OF_RECORDS = frozenset({"DATE", "HOSPITAL", "URL", "AGE", "CODE"})
_WHOLE_DAY = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<a>[-/.年])(?P<m>\d{1,2})(?P<b>[-/.月])(?P<d>\d{1,2})(?P<end>日?)"
)
_WHOLE_DAY_UNMARKED = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<a>)(?P<m>\d\d)(?P<b>)(?P<d>\d\d)(?P<end>)"
)


class Redactor:
    """Placeholders for one record: the same value gets the same placeholder in each of its texts.

    Args:
        known: Ids, addresses and the like that came with the record; they are removed wherever they
            stand as words, short ones after a label: see `Known`.
        names: Names of people, also as DICOM writes them (`Family^Given=王^小明`); each part of one is
            removed, those that are words as well where they are written as names are.
        key: Where given, a placeholder ends in letters that are keyed instead of counted, so that one
            value has one placeholder in all the records for which the key is the same.
        days_back: Where given, days written in full go back by so many, so that intervals stay; one whose
            order of day and month is not certain, or that has no year, gets a placeholder. Without it the text
            is no record: days, places of treatment, addresses of pages, ages and codes without a label are left.
        doubtful: Whether what may be a name goes as well, as where a person decided so.
    """

    def __init__(
        self,
        known: Iterable[str] = (),
        names: Iterable[str] = (),
        key: bytes | None = None,
        days_back: int | None = None,
        *,
        doubtful: bool = False,
    ) -> None:
        self._days_back = days_back
        self._doubtful = doubtful
        self._given: dict[tuple[str, str], int] = {}
        self._key = key
        self._known = Known(known, names)

    def __call__(self, text: str) -> str:
        """The text with `[NAME-1]`, `[电话-1]` and the like in place of what identifies a person."""
        out: list[str] = []
        at = 0
        chinese = re.search(r"[\u4e00-\u9fff]", text) is not None
        for one in self.find(text):
            if not (one.sure or self._doubtful):
                continue
            out += [
                text[at : one.start],
                self._instead(one.kind, text[one.start : one.end], chinese=chinese),
            ]
            at = one.end
        return "".join((*out, text[at:]))

    def find(self, text: str) -> list[Found]:
        """What identifies a person or may do so, in order and without overlap."""
        found = identifying(text, self._known.find(text))
        return [one for one in found if one.kind not in _OF_RECORDS or self._days_back is not None]

    def doubts(self, text: str) -> tuple[Found, ...]:
        """What may be a name, for a person to look at."""
        return () if self._doubtful else tuple(one for one in self.find(text) if not one.sure)

    def _instead(self, kind: str, value: str, *, chinese: bool) -> str:
        if kind == "DATE" and self._days_back is not None:
            whole = _WHOLE_DAY.fullmatch(value) or _WHOLE_DAY_UNMARKED.fullmatch(value)
            if whole and (moved := _moved(whole, self._days_back)):
                return moved
        return f"[{_CHINESE[kind] if chinese else kind}-{self._mark(kind, value)}]"

    def _mark(self, kind: str, value: str) -> str:
        if self._key is not None:
            digest = hmac.new(self._key, value.casefold().encode(), sha256).digest()
            return "".join(chr(ord("A") + byte % 26) for byte in digest[:4])
        key = (kind, value.casefold())
        return str(self._given.setdefault(key, 1 + sum(one == kind for one, _ in self._given)))


def _moved(match: re.Match[str], days: int) -> str | None:
    try:
        moved = date(*map(int, match.group("y", "m", "d"))) - timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    parts = (f"{moved.year:04}", match["a"], f"{moved.month:02}", match["b"])
    return "".join((*parts, f"{moved.day:02}", match["end"]))


def day_in_words(value: str) -> tuple[str, ...]:
    """How a day given as YYYYMMDD may stand in a text; nothing for what is no day."""
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
    except ValueError:
        return ()
    marks = "-/."
    return (
        value,
        *(day.strftime(f"%Y{mark}%m{mark}%d") for mark in marks),
        *(day.strftime(f"%d{mark}%m{mark}%Y") for mark in marks),
        *(day.strftime(f"%m{mark}%d{mark}%Y") for mark in marks),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{day.month:02}月{day.day:02}日",
        *(f"{day.day} {day:%b} {day.year}", f"{day.day} {day:%B} {day.year}"),
        *(f"{day:%b} {day.day}, {day.year}", f"{day:%B} {day.day}, {day.year}"),
    )
