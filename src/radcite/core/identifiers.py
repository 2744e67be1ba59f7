"""Identifiers of people in free text, in English and Chinese, put out of sight by typed placeholders.

Patterns and labels, not a model: a name that no label announces and that the caller does not know stays.
"""

import re
from collections.abc import Callable, Iterable, Sequence

__all__ = ["Redactor"]

_LATIN_NAME = (
    r"[A-Z][A-Za-z'’\-]+(?:,[ \t]*[A-Z][A-Za-z'’\-]+)?(?:[ \t]+(?:[A-Z]\.|[A-Z][a-z'’\-]+)){0,2}"
)
_NAME = rf"(?:{_LATIN_NAME}|[\u4e00-\u9fff·]{{2,4}}(?![\u4e00-\u9fff]))"
_DAY = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{8}"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2} [A-Z][a-z]{2,8}\.? \d{4})"
)
_CODE = r"(?=[A-Za-z\-]*\d)[A-Za-z0-9][A-Za-z0-9\-]{2,}"
_IS = r"[ \t]*(?:[:：#=]|\b(?:is|no\.?|number)\b|[为是])[ \t:：#]*"

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
        (
            "DOCTOR",
            "医师",
            rf"(?:\bDr\.?[ \t]+|(?:报告|审核|检查|主治|诊断|申请)?(?:医师|医生)[ \t]*[:：][ \t]*)(?P<value>{_NAME})",
        ),
    )
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Redactor:
    """Placeholders for one record: the same value gets the same placeholder in each of its texts.

    Args:
        known: Names and ids that came with the record; they are removed wherever they stand as words.
            Values under four characters without a Chinese character are left, for they occur in words
            and measurements.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._given: dict[tuple[str, str], int] = {}
        words = {word.strip() for word in known}
        self._known: Sequence[str] = sorted(
            (
                word
                for word in words
                if len(word) > 3 or re.fullmatch(r"[\u4e00-\u9fff]{2,3}", word)
            ),
            key=lambda word: (-len(word), word),
        )

    def __call__(self, text: str) -> str:
        """The text with `[NAME-1]`, `[电话-1]` and the like in place of what identifies a person."""
        for word in self._known:
            bounded = rf"(?<![A-Za-z0-9])(?P<value>{re.escape(word)})(?![A-Za-z0-9])"
            text = re.sub(bounded, self._put("KNOWN", "已知", text), text, flags=re.IGNORECASE)
        for english, chinese, pattern in _PATTERNS:
            text = pattern.sub(self._put(english, chinese, text), text)
        return text

    def _put(self, english: str, chinese: str, text: str) -> Callable[[re.Match[str]], str]:
        kind = chinese if re.search(r"[\u4e00-\u9fff]", text) else english

        def replaced(match: re.Match[str]) -> str:
            value = match["value"]
            if len(value) == 18 and value[:17].isdigit() and not _is_national_id(value):
                return match[0]
            key = (english, value.casefold())
            number = self._given.setdefault(key, 1 + sum(one == english for one, _ in self._given))
            start, end = (at - match.start() for at in match.span("value"))
            return f"{match[0][:start]}[{kind}-{number}]{match[0][end:]}"

        return replaced


def _is_national_id(value: str) -> bool:
    # GB 11643-1999: ISO 7064 MOD 11-2 over the first seventeen digits.
    total = sum(int(digit) * weight for digit, weight in zip(value[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == value[17].upper()
