"""Identifiers of people in free text, in English and Chinese, put out of sight by typed placeholders.

Patterns and labels, not a model: a name that no label announces and that the caller does not know stays.
"""

import hmac
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from hashlib import sha256

__all__ = ["Redactor", "day_in_words"]

_LATIN_NAME = (
    r"[A-Z][A-Za-z'’\-]+(?:,[ \t]*[A-Z][A-Za-z'’\-]+)?(?:[ \t]+(?:[A-Z]\.|[A-Z][a-z'’\-]+)){0,2}"
)
_NAME = rf"(?:{_LATIN_NAME}|[\u4e00-\u9fff·]{{2,4}}(?![\u4e00-\u9fff]))"
# The hundred commonest, enough before a form of address.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范"
    "方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_DAY = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{8}"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2} [A-Z][a-z]{2,8}\.? \d{4})"
)
_CODE = r"(?=[A-Za-z\-]*\d)[A-Za-z0-9][A-Za-z0-9\-]{2,}"
_IS = r"[ \t]*(?:[:：#=]|\b(?:is|no\.?|number)\b|[为是])[ \t.:：#]*"

# Each pattern's group `value` is replaced; what leads to it stays.
_PATTERNS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (english, chinese, re.compile(pattern))
    for english, chinese, pattern in (
        (
            "EMAIL",
            "邮箱",
            r"(?P<value>[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)",
        ),
        ("ID", "身份证", r"(?<![0-9A-Za-z])(?P<value>\d{17}[\dXx])(?![0-9A-Za-z])"),
        ("ID", "身份证", r"(?<![\d\-])(?P<value>\d{3}-\d{2}-\d{4})(?![\d\-])"),
        (
            "DOB",
            "出生日期",
            (
                rf"(?:(?i:\bDOB|\bdate of birth|\bborn(?: on)?)|出生日期|出生年月日?|生日)(?:{_IS}|[ \t]*)"
                rf"(?P<value>{_DAY})"
            ),
        ),
        (
            "RECORD",
            "病历号",
            (
                r"(?:(?i:\bMRN|\bmedical record|\bpatient ID|\baccession)"
                r"|住院号|病历号|病案号|门诊号|检查号|影像号|登记号)"
                rf"(?:{_IS}|[ \t]*)(?P<value>{_CODE})"
            ),
        ),
        (
            "PHONE",
            "电话",
            r"(?<![\d.\-])(?P<value>(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4})(?!\.?\d)",
        ),
        (
            "PHONE",
            "电话",
            r"(?<![\d.\-])(?P<value>(?:\+?1[ \-.])?(?:\(\d{3}\) ?|\d{3}[\-.])\d{3}[\-.]\d{4})(?!\.?\d)",
        ),
        (
            "PHONE",
            "电话",
            rf"(?:(?i:\bphone|\btel|\bmobile)|电话|手机号?){_IS}(?P<value>\+?\d[\d \-()]{{5,18}}\d)",
        ),
        (
            "ADDRESS",
            "地址",
            r"(?:(?i:\b(?:home )?address)|家庭住址|住址|地址)[ \t]*[:：][ \t]*(?P<value>[^\n;；。\[]{2,120})",
        ),
        (
            "NAME",
            "姓名",
            (
                rf"(?:\b(?:(?:Patient|PATIENT|patient)(?:['’]s)? )?(?:Name|NAME|name)[ \t]*[:：]"
                r"|\b(?:Patient|PATIENT)[ \t]*:"
                rf"|(?:患者)?姓名[ \t]*[:：]|(?:患者|病人)[ \t]*[:：])[ \t]*(?P<value>{_NAME})"
            ),
        ),
        ("NAME", "姓名", rf"\b(?:Mrs?|Ms)\b\.?[ \t]+(?P<value>{_LATIN_NAME})"),
        (
            "NAME",
            "姓名",
            rf"(?P<value>[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?)(?=女士|先生|小姐)",
        ),
        (
            "DOCTOR",
            "医师",
            rf"(?:\bDr\.?[ \t]+|(?:报告|审核|检查|主治|诊断|申请)?(?:医师|医生)[ \t]*[:：][ \t]*)(?P<value>{_NAME})",
        ),
    )
)
_WHOLE_DAY = re.compile(
    r"(?<![\d.\-/])(?P<y>(?:19|20)\d\d)(?P<a>[-/.年])(?P<m>\d{1,2})(?P<b>[-/.月])(?P<d>\d{1,2})(?P<end>日?)(?![\d\-/])"
)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_OTHER_DAY = re.compile(
    r"(?<![\d.\-/])(?P<value>\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d"
    rf"|(?:{_MONTHS})[a-z]*\.? \d{{1,2}},? (?:19|20)\d\d|\d{{1,2}} (?:{_MONTHS})[a-z]*\.? (?:19|20)\d\d)(?![\d\-/])"
)
# What stands in name attributes and names nobody.
_NO_NAMES = frozenset(
    [
        "anon",
        "anonymous",
        "anonymized",
        "anonymised",
        "unknown",
        "none",
        "null",
        "test",
        "patient",
        "name",
        "phantom",
    ]
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Redactor:
    """Placeholders for one record: the same value gets the same placeholder in each of its texts.

    Args:
        known: Ids, addresses and the like that came with the record; they are removed wherever they
            stand as words. Values under four characters without a Chinese character are left, for
            they occur in words and measurements.
        names: Names of people, also as DICOM writes them (`Family^Given=王^小明`); each part of one is
            removed, parts of three letters where they are written as names are.
        key: Where given, a placeholder ends in letters that are keyed instead of counted, so that one
            value has one placeholder in all the records for which the key is the same.
        days_back: Where given, days written in full go back by so many, so that intervals stay; one whose
            order of day and month is not certain gets a placeholder.
    """

    def __init__(
        self,
        known: Iterable[str] = (),
        names: Iterable[str] = (),
        key: bytes | None = None,
        days_back: int | None = None,
    ) -> None:
        self._days_back = days_back
        self._given: dict[tuple[str, str], int] = {}
        self._key = key
        self._known = tuple(
            pattern
            for pattern in (
                _any_of(known, _is_telling, re.IGNORECASE),
                _any_of(_parts(names), _is_long, re.IGNORECASE),
                _any_of(_written_as_names(_parts(names)), _is_three_letters, 0),
            )
            if pattern is not None
        )

    def __call__(self, text: str) -> str:
        """The text with `[NAME-1]`, `[电话-1]` and the like in place of what identifies a person."""
        for known in self._known:
            text = known.sub(self._put("KNOWN", "已知", text), text)
        for english, chinese, pattern in _PATTERNS:
            text = pattern.sub(self._put(english, chinese, text), text)
        return text if self._days_back is None else self._moved(text, self._days_back)

    def _moved(self, text: str, days: int) -> str:
        def earlier(match: re.Match[str]) -> str:
            try:
                moved = date(*map(int, match.group("y", "m", "d"))) - timedelta(days=days)
            except (ValueError, OverflowError):
                return match[0]
            parts = (f"{moved.year:04}", match["a"], f"{moved.month:02}", match["b"])
            return "".join((*parts, f"{moved.day:02}", match["end"]))

        text = _WHOLE_DAY.sub(earlier, text)
        return _OTHER_DAY.sub(self._put("DATE", "日期", text), text)

    def _put(self, english: str, chinese: str, text: str) -> Callable[[re.Match[str]], str]:
        kind = chinese if re.search(r"[\u4e00-\u9fff]", text) else english

        def replaced(match: re.Match[str]) -> str:
            value = match["value"]
            if len(value) == 18 and value[:17].isdigit() and not _is_national_id(value):
                return match[0]
            start, end = (at - match.start() for at in match.span("value"))
            return f"{match[0][:start]}[{kind}-{self._mark(english, value)}]{match[0][end:]}"

        return replaced

    def _mark(self, kind: str, value: str) -> str:
        if self._key is not None:
            digest = hmac.new(self._key, value.casefold().encode(), sha256).digest()
            return "".join(chr(ord("A") + byte % 26) for byte in digest[:4])
        key = (kind, value.casefold())
        return str(self._given.setdefault(key, 1 + sum(one == kind for one, _ in self._given)))


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


def _any_of(
    words: Iterable[str], chosen: Callable[[str], bool], flags: int
) -> re.Pattern[str] | None:
    stripped = {each.strip() for each in words}
    kept = sorted(filter(chosen, stripped), key=lambda word: (-len(word), word))
    if not kept:
        return None
    return re.compile(f"(?P<value>{'|'.join(map(_bounded, kept))})", flags)


def _bounded(word: str) -> str:
    before = "" if _is_cjk(word[0]) else r"(?<![A-Za-z0-9])"
    after = "" if _is_cjk(word[-1]) else r"(?![A-Za-z0-9])"
    # A value in a header and the same one in a text differ in their white space.
    return before + r"\s+".join(map(re.escape, word.split())) + after


def _parts(names: Iterable[str]) -> list[str]:
    parts: list[str] = []
    for name in names:
        for spelling in name.split("="):
            pieces = [piece for piece in re.split(r"[\^\s,]+", spelling) if piece]
            parts += [piece for piece in pieces if piece.casefold() not in _NO_NAMES]
            if pieces and all(map(_is_cjk, "".join(pieces))):
                parts.append("".join(pieces))
    return parts


def _written_as_names(parts: Iterable[str]) -> list[str]:
    return [form for part in parts for form in (part.upper(), part.title())]


def _is_telling(word: str) -> bool:
    return len(word) > 3 or (len(word) > 1 and all(map(_is_cjk, word)))


def _is_long(part: str) -> bool:
    return len(part) > 3 or (len(part) > 1 and _is_cjk(part[0]))


def _is_three_letters(part: str) -> bool:
    return len(part) == 3 and not _is_cjk(part[0])


def _is_cjk(character: str) -> bool:
    return (
        "\u3040" <= character <= "\u30ff"
        or "\u4e00" <= character <= "\u9fff"
        or "\uac00" <= character <= "\ud7a3"
    )


def _is_national_id(value: str) -> bool:
    # GB 11643-1999: ISO 7064 MOD 11-2 over the first seventeen digits.
    total = sum(int(digit) * weight for digit, weight in zip(value[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == value[17].upper()
