"""Numbers with their units, bounds and places, in Chinese and English."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from radcite.core.sources import Language

__all__ = ["Bound", "Quantity", "quantities"]

Bound = Literal["", "<", "<=", ">", ">=", "reached"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written at `[start, end)` of the sentence.

    `value` is in the base unit of its dimension; `unit` names the dimension (`length`, `%`, …) or
    is the unit as written. `about` marks a rounded one; `[lead, tail)` takes in the words of the bound.
    """

    value: float
    unit: str
    bound: Bound
    about: bool
    start: int
    end: int
    lead: int
    tail: int


_SCALE = {
    "um": ("length", 1e-3), "µm": ("length", 1e-3), "mm": ("length", 1), "cm": ("length", 10), "m": ("length", 1000),
    "毫米": ("length", 1), "厘米": ("length", 10), "公分": ("length", 10), "微米": ("length", 1e-3), "米": ("length", 1000),
    "ng": ("mass", 1e-6), "µg": ("mass", 1e-3), "ug": ("mass", 1e-3), "mcg": ("mass", 1e-3), "mg": ("mass", 1),
    "g": ("mass", 1e3), "kg": ("mass", 1e6), "毫克": ("mass", 1), "克": ("mass", 1e3), "千克": ("mass", 1e6),
    "公斤": ("mass", 1e6), "微克": ("mass", 1e-3),
    "ml": ("volume", 1), "dl": ("volume", 100), "l": ("volume", 1000), "毫升": ("volume", 1), "升": ("volume", 1000),
    "cc": ("volume", 1),
    "ms": ("time", 1e-3), "s": ("time", 1), "sec": ("time", 1), "second": ("time", 1), "min": ("time", 60),
    "minute": ("time", 60), "h": ("time", 3600), "hr": ("time", 3600), "hour": ("time", 3600),
    "day": ("time", 86400), "week": ("time", 604800), "month": ("time", 2592000), "year": ("time", 31104000),
    "秒": ("time", 1), "分钟": ("time", 60), "小时": ("time", 3600), "天": ("time", 86400), "日": ("time", 86400),
    "周": ("time", 604800), "星期": ("time", 604800), "个月": ("time", 2592000), "月": ("month", 1), "年": ("time", 31104000),
    "分": ("score", 1), "岁": ("age", 1), "周岁": ("age", 1), "岁龄": ("age", 1),
    "mm2": ("area", 1), "cm2": ("area", 100), "mm3": ("mm3", 1), "cm3": ("volume", 1),
    "%": ("%", 1), "percent": ("%", 1), "per cent": ("%", 1), "‰": ("%", 0.1), "per mille": ("%", 0.1),
    "percentage point": ("points", 1), "percentage-point": ("points", 1), "个百分点": ("points", 1), "百分点": ("points", 1),
    "fold": ("times", 1), "-fold": ("times", 1), "times": ("times", 1), "倍": ("times", 1),
    "gy": ("dose", 1000), "mgy": ("dose", 1), "sv": ("sv", 1000), "msv": ("sv", 1), "µsv": ("sv", 1e-3),
    "t": ("tesla", 1), "tesla": ("tesla", 1), "kv": ("kv", 1), "kvp": ("kv", 1), "ma": ("ma", 1), "hu": ("hu", 1),
    "mhz": ("hz", 1), "hz": ("hz", 1e-6), "mmhg": ("pressure", 1), "mm hg": ("pressure", 1), "kpa": ("pressure", 7.5),
    "mbq": ("bq", 1), "mci": ("bq", 37), "gbq": ("bq", 1000),
}  # fmt: skip
_WRITTEN = {
    "milligrams?": "mg", "micrograms?": "µg", "grams?": "g", "kilograms?": "kg", "millimet(?:er|re)s?": "mm",
    "centimet(?:er|re)s?": "cm", "met(?:er|re)s?": "m", "millilit(?:er|re)s?": "ml", "decilit(?:er|re)s?": "dl",
    "lit(?:er|re)s?": "l", "seconds?": "s", "minutes?": "min", "mins?": "min", "hours?": "h", "hrs?": "h", "days?": "day",
    "weeks?": "week", "wks?": "week", "months?": "month", "years?": "year", "yrs?": "year", "per ?cent": "%",
    "percentage[- ]points?": "percentage point", "folds?": "fold",
}  # fmt: skip
_UNIT_WORDS = sorted(
    {*_SCALE, "iu", "u", "mmol", "µmol", "umol", "nmol", "pg", "meq", "bpm", "/10万"},
    key=len,
    reverse=True,
)
_ONE_UNIT = (
    "(?:"
    + "|".join(
        [
            *_WRITTEN,
            *(
                re.escape(u) + (r"(?![A-Za-z])" if u.isascii() and u[-1].isalpha() else "")
                for u in _UNIT_WORDS
            ),
        ]
    )
    + ")"
)
_UNIT = rf"(?:{_ONE_UNIT}(?:\s?(?:/|per)\s?(?:{_ONE_UNIT}|\d[\d.,]*\s?(?:m2|m²|万)))*(?:[²2](?![0-9]))?)"
_SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NAMED = (
    rf"(?:{_TENS})[- ](?:one|two|three|four|five|six|seven|eight|nine)\b|(?:{'|'.join(_SMALL)})\b"
)
_DECADES = {
    "twenties": 20,
    "thirties": 30,
    "forties": 40,
    "fifties": 50,
    "sixties": 60,
    "seventies": 70,
    "eighties": 80,
}
_FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_EN = re.compile(
    rf"(?P<frac>\b(?:(?P<many>one|two|three|four|a|an)[- ])?(?P<part>half|quarters?|thirds|fifths|tenths)\b|\b(?:a|one)[- ](?P<part1>third|fifth|tenth)\b)(?!-(?:life|time|dose))"
    rf"|\b(?P<top>one|two|three|four|five|six|seven|eight|nine|\d+) (?:in|out of) (?P<bottom>ten|five|three|four|\d+)\b(?! ?(?:%|mm|cm))"
    rf"|\b(?P<decade>{'|'.join(_DECADES)})\b"
    r"|\b(?P<times>twice|doubl(?:ed?|ing)|tripl(?:ed?|ing)|trebled|halved|twofold|threefold|fourfold|fivefold|sixfold|tenfold|fourteenfold)\b"
    rf"|(?<![A-Za-z0-9.])(?:(?P<cmp>[<>≤≥=]=?)\s?)?(?P<num>[-−]?\d+(?:,\d{{3}})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?)(?:[- ]?(?P<unit>{_UNIT})|(?![A-Za-z]))(?![0-9])"
    rf"|\b(?P<word>{_NAMED})(?:[- ](?P<unit2>{_UNIT}))?",
    re.IGNORECASE,
)
_DIGIT = "零一二两三四五六七八九十百千万半〇"
_ZH = re.compile(
    rf"(?P<zfrac>(?P<bottom>[{_DIGIT}]+)分之(?P<top>[{_DIGIT}]+))|百分之(?P<pct>[{_DIGIT}]+|\d+(?:\.\d+)?)"
    rf"|每(?P<per>千|万|百|\d+万|十万)[人名例剂][^\d，。；]{{0,8}}?(?P<rate>\d+(?:\.\d+)?)\s?(?:例|人|名)?|(?P<whole>\d+(?:\.\d+)?)/(?P<per2>\d*万|千)"
    r"|(?P<half>一半|半数)|(?P<twofold>翻倍|翻番|加倍)|(?P<halved>减半)"
    rf"|(?P<cmp>[<>≤≥=]=?)?\s?(?<![A-Za-z0-9.])(?P<num>[-−]\d+(?:\.\d+)?|\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<wan>万)?(?:\s?(?P<unit>{_UNIT})|(?![A-Za-z]))(?![0-9])"
    rf"|(?<![{_DIGIT}第])(?P<word>[{_DIGIT}]+)(?P<unit2>个月|个百分点|天|周岁|周|星期|年|岁|小时|分钟|秒|倍|例|名|枚|人|个|处|次|组|轮|期|级)"
    rf"|第(?P<nth>[{_DIGIT}]|\d+)|(?P<first>首)(?=次|轮|剂|诊|发)",
    re.IGNORECASE,
)
_UNDER = re.compile(
    r"(?:below|under|less than|smaller than|lower than|fewer than|shorter than|younger than|not reaching|up to|within|不足|不到|低于|小于|少于|不满|未满)\s*$",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"(?:above|over|more than|larger than|greater than|higher than|exceed(?:s|ed|ing)?|older than|longer than|beyond|超过|大于|高于|多于|逾)\s*$",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"(?:at least|no less than|not less than|minimum of|不低于|不少于|不小于|至少)\s*$",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"(?:at most|no more than|not more than|maximum of|不超过|不高于|不大于|至多|最多|up to|不多于)\s*$",
    re.IGNORECASE,
)
_REACHED = re.compile(r"(?:达到|已达)\s*$")
_OR_MORE = re.compile(
    r"\s*(?:or (?:more|above|older|larger|greater|longer|higher|over)|and (?:above|over|older|more)|(?:及|或|和)?以上|(?:及|或)更[高大多]|upwards?)",
    re.IGNORECASE,
)
_OR_LESS = re.compile(
    r"\s*(?:or (?:less|fewer|below|younger|smaller|lower|under)|and (?:below|under|younger)|(?:及|或)?以下|以内)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:about|around|roughly|approximately|nearly|almost|some|just (?:over|under)|close to|大约|约|近|将近|接近|左右)\s*(?:a|an)?\s*$",
    re.IGNORECASE,
)
_ZH_NUMBER = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_PER = {"百": 100, "千": 1000, "万": 10_000, "十万": 100_000, "10万": 100_000}
_DATE = re.compile(r"(?:19|20)\d\d")
_TIMES = {
    "twice": 2,
    "twofold": 2,
    "threefold": 3,
    "fourfold": 4,
    "fivefold": 5,
    "sixfold": 6,
    "tenfold": 10,
    "fourteenfold": 14,
    "halved": 0.5,
    "trebled": 3,
}


@lru_cache(maxsize=4096)
def quantities(text: str, language: Language) -> tuple[Quantity, ...]:
    """The numbers of a sentence in order, ranges unrolled so that each end carries the unit."""
    pattern = _ZH if language == "zh" else _EN
    found = [made for match in pattern.finditer(text) if (made := _made(match, text))]
    return tuple(_shared_units(found, text))


def _made(match: re.Match[str], text: str) -> Quantity | None:
    value, unit = _value(match)
    if value is None:
        return None
    start, end = match.span()
    before, after = text[max(0, start - 22) : start], text[end : end + 16]
    lead = [start - len(m.group()) for p in _LEADS if (m := p.search(before))]
    tail = [end + len(m.group()) for p in (_OR_MORE, _OR_LESS) if (m := p.match(after))]
    if unit == "time" and _OLD.match(text[end - 4 : end + 8].lower().lstrip("0123456789- ")):
        value, unit = value / _YEAR, "age"
    about, bound = bool(_ABOUT.search(before)), _bound(match, text, unit)
    return Quantity(value, unit, bound, about, start, end, min([start, *lead]), max([end, *tail]))


def _value(match: re.Match[str]) -> tuple[float | None, str]:
    parts = {name: part for name, part in match.groupdict().items() if part}
    for reader in (_fraction, _idiom, _chinese):
        if (found := reader(parts)) is not None:
            return found
    if number := parts.get("num"):
        value = float(number.replace(",", "").replace("−", "-"))
        if "unit" not in parts and _DATE.fullmatch(number):
            return value, "date"
        return _scaled(value * (10_000 if "wan" in parts else 1), parts.get("unit"))
    if word := parts.get("word"):
        spelled = sum(_SMALL[part] for part in re.split("[- ]", word.lower()))
        return (
            (None, "")
            if spelled == 1 and "unit2" not in parts
            else _scaled(spelled, parts.get("unit2"))
        )
    return None, ""


def _fraction(parts: dict[str, str]) -> tuple[float, str] | None:
    if part := parts.get("part") or parts.get("part1"):
        many = _SMALL.get(parts.get("many", "one").lower(), 1)
        return 100 * many * _FRACTIONS[
            part.lower().rstrip("s") if part.lower() != "half" else "half"
        ], "%"
    if "zfrac" in parts:
        return 100 * _chinese_number(parts["top"]) / max(1, _chinese_number(parts["bottom"])), "%"
    if "top" in parts:
        top, bottom = (
            float(
                _SMALL.get(parts[name].lower(), 0) or (parts[name].isdigit() and parts[name]) or 0
            )
            for name in ("top", "bottom")
        )
        return (100 * top / bottom, "%") if bottom and top <= bottom else None
    return None


def _idiom(parts: dict[str, str]) -> tuple[float, str] | None:
    if decade := parts.get("decade"):
        return float(_DECADES[decade.lower()]), "decade"
    if times := parts.get("times"):
        word = times.lower()
        return float(_TIMES.get(word, 2 if word.startswith("doubl") else 3)), "times"
    if "half" in parts:
        return 50.0, "%"
    if "twofold" in parts or "halved" in parts:
        return (2.0 if "twofold" in parts else 0.5), "times"
    return None


def _chinese(parts: dict[str, str]) -> tuple[float, str] | None:
    if pct := parts.get("pct"):
        return (float(pct) if pct[0].isdigit() else _chinese_number(pct)), "%"
    if rate := parts.get("rate") or parts.get("whole"):
        per = parts.get("per") or parts.get("per2") or "千"
        return 100 * float(rate) / _PER.get(per, 10_000), "%"
    if nth := parts.get("nth"):
        return float(nth if nth.isdigit() else _chinese_number(nth)), "nth"
    if "first" in parts:
        return 1.0, "nth"
    if (word := parts.get("word")) and word[0] in _DIGIT:
        return _scaled(_chinese_number(word), parts.get("unit2"))
    return None


def _chinese_number(text: str) -> float:
    if text.isdigit():
        return float(text)
    total, current = 0.0, 0.0
    for char in text:
        if char in "十百千万":
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000, "万": 10_000}[char]
            current = 0
        elif char == "半":
            current += 0.5
        else:
            current = current * 10 + _ZH_NUMBER.get(char, 0)
    return total + current


@lru_cache(maxsize=2048)
def _canonical(unit: str) -> str:
    unit = unit.strip()
    for pattern, short in _WRITTEN.items():
        unit = re.sub(rf"\b{pattern}\b", short, unit, flags=re.IGNORECASE)
    unit = re.sub(r"\s?(?:/|per)\s?(?:day|d|天|日)$", "", unit)
    return (
        re.sub(r"\s?per\s?", "/", unit).replace("²", "2").replace("μ", "µ").replace(" ", "").lower()
    )


def _scaled(value: float, unit: str | None) -> tuple[float, str]:
    if not unit:
        return value, ""
    name = _canonical(unit)
    if name in "例名枚人个处次组轮":
        return value, ""
    if name == "年" and 1900 <= value <= 2100:
        return value, "date"
    name = {"percentagepoint": "percentage point", "mmhg": "mmhg"}.get(name, name)
    dimension, factor = _SCALE.get(name, (name, 1))
    return round(value * factor, 9), dimension


def _bound(match: re.Match[str], text: str, unit: str) -> Bound:
    sign = match.groupdict().get("cmp")
    if sign and sign[0] in "<>≤≥":
        return {"<": "<", ">": ">", "≤": "<=", "≥": ">="}[sign[0]] if len(sign) == 1 else sign  # type: ignore[return-value]
    before = text[max(0, match.start() - 18) : match.start()]
    after = text[match.end() : match.end() + 14]
    if _OR_MORE.match(after) or _AT_LEAST.search(before):
        return ">="
    if _REACHED.search(before):
        return "reached"
    if _OR_LESS.match(after) or _AT_MOST.search(before):
        return "" if unit == "time" else "<="
    if _UNDER.search(before):
        return "" if unit == "time" and re.search(r"within\s*$", before, re.IGNORECASE) else "<"
    if _OVER.search(before):
        return "" if unit == "time" and re.search(r"over\s*$", before, re.IGNORECASE) else ">"
    return ""


_LEADS = (_UNDER, _OVER, _AT_LEAST, _AT_MOST, _ABOUT, _REACHED)
_OLD = re.compile(r"years?[- ](?:old|of age)")
_YEAR = 31_104_000
_RANGE = re.compile(
    r"\s?(?:by|rather than|instead of|as against|against|compared with|-|–|—|~|～|to|and|至|到|或|和|×|x|,|、|versus|vs\.?)\s?",
    re.IGNORECASE,
)


def _shared_units(found: list[Quantity], text: str) -> list[Quantity]:
    """`6 to 8 mm`, `14×11 mm`: a bare number takes the unit of the one it is joined with."""
    shared = list(found)
    for n in range(len(found) - 2, -1, -1):
        this, following = shared[n], shared[n + 1]
        gap = text[this.end : following.start]
        if not this.unit and following.unit not in ("", "nth", "times") and _RANGE.fullmatch(gap):
            factor = _factor_of(text[following.start : following.end])
            shared[n] = Quantity(
                round(this.value * factor, 9),
                following.unit,
                this.bound,
                this.about,
                this.start,
                this.end,
                this.lead,
                this.tail,
            )
    return shared


def _factor_of(written: str) -> float:
    match = re.search(r"[^\d.,\s].*$", written.lstrip("-−<>≤≥= "))
    return _SCALE.get(_canonical(match.group()) if match else "", ("", 1))[1]
