"""How often: `every 8 hours`, `three times a day`, 每8小时一次 are one quantity: the time from one to the next."""

import re
from functools import lru_cache

from radcite.core.grounding.units import YEAR
from radcite.core.grounding.words import Quantity
from radcite.core.grounding.written_numbers import SMALL
from radcite.core.sources import Language

__all__ = ["INTERVAL", "overlaps", "rates"]

INTERVAL = "interval"
"""The unit of a rate; its value is the seconds from one time to the next."""

_DAY = 86_400
_SECONDS = {
    "min": 60, "h": 3600, "day": _DAY, "week": 7 * _DAY, "fortnight": 14 * _DAY, "month": YEAR / 12,
    "quarter": YEAR / 4, "year": YEAR,
}  # fmt: skip
_UNITS = {
    "min": "min minute minutes mins 分钟", "h": "h hr hrs hour hours hourly 小时", "day": "d day days daily 天 日",
    "week": "w wk wks week weeks weekly qw 周 星期",
    "fortnight": "fortnight fortnightly", "month": "m mo month months monthly 月 个月", "quarter": "quarterly 季 季度",
    "year": "y yr year years yearly annual annually annum 年",
}  # fmt: skip
_UNIT_OF = {written: unit for unit, forms in _UNITS.items() for written in forms.split()}
_LATIN = {
    "qd": 1, "bid": 1 / 2, "tid": 1 / 3, "qid": 1 / 4, "qod": 2, "qw": 7, "biw": 7 / 2, "tiw": 7 / 3,
    "qm": 30,
}  # fmt: skip
_ORDER = {"other": 2, "second": 2, "alternate": 2, "third": 3, "fourth": 4}
_MANY = {**SMALL, "once": 1, "twice": 2, "thrice": 3, "single": 1}
_HAN = "零一二两三四五六七八九十"

_N = rf"(?:\d+(?:\.\d+)?|(?:{'|'.join(SMALL)})\b)"
_SPAN = rf"(?P<lo>{_N})(?:\s?(?:-|–|~|to|or)\s?(?P<hi>{_N}))?"
_LONG = "minutes?|mins?|hours?|hrs?|h|days?|weeks?|wks?|fortnight|months?|years?|yrs?"
_ADVERB = "hourly|daily|weekly|fortnightly|monthly|quarterly|yearly|annually"
_TIMES = (
    rf"(?P<n>once|twice|thrice|(?P<lo_n>{_N})(?:\s?(?:-|–|~|to|or)\s?(?P<hi_n>{_N}))?[- ]times?)"
)
_CODES = re.compile(
    r"\bq\.?\s?(?P<lo>\d+)(?:[-~](?P<hi>\d+))?\s?(?P<unit>h|hrs?|hours?|d|days?|wks?|w|weeks?|mo|months?)(?![A-Za-z])"
    r"|(?<![A-Za-z])(?P<code>q\.?d|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|q\.?o\.?d|qw|biw|tiw|qm)(?![A-Za-z])\.?",
    re.IGNORECASE,
)
_EN = (
    re.compile(
        rf"\b(?:{_TIMES} )?(?:every|each) (?:(?P<nth>{'|'.join(_ORDER)}) |{_SPAN}[- ]?)?(?P<unit>{_LONG})\b",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:on )?(?P<nth>alternate)[- ](?P<unit>days?|weeks?)\b", re.IGNORECASE),
    re.compile(
        rf"\b{_TIMES}(?:[- /]|(?: (?:a|an|per|in a) ))(?P<unit>day|week|month|year|hour|{_ADVERB})\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<n>{_N}|single) (?P<unit>daily|weekly|monthly)"
        r"(?= (?:\w+ )?(?:doses?|sessions?|injections?|infusions?|portions?))",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_SPAN}[- ](?P<unit>hourly|weekly|monthly|yearly)\b", re.IGNORECASE),
    re.compile(
        rf"\bat {_SPAN}[- ](?P<unit>hour|day|week|month|year)(?:ly)? intervals\b", re.IGNORECASE
    ),
    re.compile(rf"\bintervals of {_SPAN} (?P<unit>{_LONG})\b", re.IGNORECASE),
    _CODES,
)
_EN_BARE = re.compile(
    rf"\b(?P<adverb>{_ADVERB}|annual)\b|\bper (?P<per>day|week|month|year|annum)\b"
    r"|(?<=[A-Za-z0-9%])/(?P<slash>days?|d|weeks?|wk|months?|years?|yr)\b"
    r"|(?<=[0-9A-Za-z] )an? (?P<a>day)\b",
    re.IGNORECASE,
)
_ZN = rf"(?:\d+(?:\.\d+)?|[{_HAN}]+|半)"
_ZSPAN = rf"(?P<lo>{_ZN})(?:\s?[-~至到]\s?(?P<hi>{_ZN}))?"
_ZUNIT = (
    r"(?:个?(?P<unit>分钟|小时|天|日|周(?![期岁围径边身])|星期|月(?!经)|季度|季|年(?![龄级均轻幼长])"
    r"|[hd](?![A-Za-z])))"
)
_ZTIMES = rf"(?P<lo_n>{_ZN})(?:\s?[-~至到]\s?(?P<hi_n>{_ZN}))?\s?次"
_ZH = (
    re.compile(
        rf"(?P<every>每隔?)\s?(?:{_ZSPAN})?\s?{_ZUNIT}(?:(?P<gap>[^\d每次，。；、,;：:()（）]{{0,6}}?){_ZTIMES})?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!间)(?P<skip>隔)(?P<unit>日|天|周|月|年)(?:(?P<gap>[^\d每次，。；、,;：:()（）]{{0,6}}?){_ZTIMES})?"
    ),
    re.compile(rf"(?<![\d.]){_ZSPAN}\s?{_ZUNIT}{_ZTIMES}"),
    re.compile(rf"(?<![\d.]){_ZTIMES}\s?/\s?(?:(?P<lo>{_ZN})\s?)?{_ZUNIT}", re.IGNORECASE),
    _CODES,
)
_ZH_BARE = re.compile(
    r"(?<=[A-Za-z0-9%])/(?P<slash>d|天|日|周|月|年)(?![A-Za-z])"
    rf"|(?<![\d{_HAN}半百数近同该某末初])(?P<noun>年)(?=均|[^\d，。；、]{{0,3}}率|下降|递降|递增|增长)"
)
_LARGEST = 400


@lru_cache(maxsize=4096)
def rates(text: str, language: Language) -> tuple[Quantity, ...]:
    """The rates of a sentence in order; a range of them (`every 4 to 6 hours`) is two."""
    patterns, bare = (_ZH, _ZH_BARE) if language == "zh" else (_EN, _EN_BARE)
    found: list[Quantity] = []
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not any(overlaps(q, match.start(), match.end()) for q in found):
                found += _read(match)
    for match in bare.finditer(text):
        if not any(overlaps(q, match.start(), match.end()) for q in found):
            unit = next(part for part in match.groupdict().values() if part)
            found.append(_rate(_SECONDS[_unit(unit)], match.start(), match.end()))
    return tuple(sorted(found, key=lambda rate: rate.start))


def overlaps(quantity: Quantity, start: int, end: int) -> bool:
    """Whether a stretch of the text is part of a quantity, the gap in it left aside."""
    first, last = quantity.apart
    return (start < quantity.end and quantity.start < end) or (start < last and first < end)


def _read(match: re.Match[str]) -> list[Quantity]:
    parts = {name: part for name, part in match.groupdict().items() if part}
    start, end = match.span()
    if code := parts.get("code"):
        return [_rate(_LATIN[code.lower().replace(".", "")] * _DAY, start, end)]
    unit = _unit(parts["unit"])
    if unit == "min" and "lo" not in parts:
        return []
    periods = [_number(parts[name]) for name in ("lo", "hi") if name in parts] or [_period(parts)]
    if parts.get("every") == "每隔" and unit == "day" and periods == [1]:
        periods = [2.0]
    names = ("lo_n", "hi_n") if "lo_n" in parts else ("n",)
    times = [_number(parts[name]) for name in names if name in parts] or [1.0]
    if not all(0 < number < _LARGEST for number in (*periods, *times)):
        return []
    values = [_SECONDS[unit] * period / many for period in periods for many in times]
    if "gap" in parts:
        head = match.start("gap")
        apart = (match.end("gap"), end)
        return [_rate(value, start, head, apart) for value in values]
    return [_rate(value, start, end) for value in values]


def _period(parts: dict[str, str]) -> float:
    return 2.0 if "skip" in parts else float(_ORDER.get(parts.get("nth", "").lower(), 1))


def _rate(value: float, start: int, end: int, apart: tuple[int, int] = (0, 0)) -> Quantity:
    return Quantity(round(value, 3), INTERVAL, "", False, start, end, start, end, apart=apart)


def _unit(written: str) -> str:
    name = written.lower()
    return _UNIT_OF.get(name) or _UNIT_OF[name.rstrip("s")]


def _number(written: str) -> float:
    text = written.lower()
    if text[0].isdigit():
        return float(text)
    return float(_MANY[text]) if text in _MANY else _han(text)


def _han(text: str) -> float:
    if text == "半":
        return 0.5
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return float(_digit(text[-1]))
    return 10.0 * (_digit(tens[-1]) if tens else 1) + (_digit(ones[-1]) if ones else 0)


def _digit(char: str) -> int:
    return 2 if char == "两" else "零一二三四五六七八九".index(char)
