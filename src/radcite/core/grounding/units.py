"""Units of measure: what they are written as, their dimension and their size in its base unit."""

import re
from functools import lru_cache

__all__ = ["UNIT", "YEAR", "factor_of", "is_amount", "scaled"]

YEAR = 31_104_000
"""Seconds of a year of twelve months of thirty days, so that 90 days are 3 months."""

_SCALE = {
    "um": ("length", 1e-3), "µm": ("length", 1e-3), "mm": ("length", 1), "cm": ("length", 10), "m": ("length", 1000),
    "毫米": ("length", 1), "厘米": ("length", 10), "公分": ("length", 10), "微米": ("length", 1e-3),
    "米": ("length", 1000),
    "ng": ("mass", 1e-6), "µg": ("mass", 1e-3), "ug": ("mass", 1e-3), "mcg": ("mass", 1e-3), "mg": ("mass", 1),
    "g": ("mass", 1e3), "kg": ("mass", 1e6), "毫克": ("mass", 1), "克": ("mass", 1e3), "千克": ("mass", 1e6),
    "公斤": ("mass", 1e6), "微克": ("mass", 1e-3),
    "ml": ("volume", 1), "dl": ("volume", 100), "l": ("volume", 1000), "毫升": ("volume", 1), "升": ("volume", 1000),
    "cc": ("volume", 1),
    "ms": ("time", 1e-3), "s": ("time", 1), "sec": ("time", 1), "second": ("time", 1), "min": ("time", 60),
    "minute": ("time", 60), "h": ("time", 3600), "hr": ("time", 3600), "hour": ("time", 3600),
    "day": ("time", 86400), "d": ("time", 86400), "week": ("time", 604800),
    "month": ("time", 2592000), "year": ("time", 31104000),
    "秒": ("time", 1), "分钟": ("time", 60), "小时": ("time", 3600), "天": ("time", 86400), "日": ("time", 86400),
    "周": ("time", 604800), "星期": ("time", 604800), "个月": ("time", 2592000), "月": ("month", 1),
    "年": ("time", 31104000),
    "分": ("score", 1), "岁": ("age", 1), "周岁": ("age", 1), "岁龄": ("age", 1),
    "mm2": ("area", 1), "cm2": ("area", 100), "mm3": ("mm3", 1), "cm3": ("volume", 1),
    "%": ("%", 1), "percent": ("%", 1), "per cent": ("%", 1), "‰": ("%", 0.1), "per mille": ("%", 0.1),
    "percentage point": ("points", 1), "percentage-point": ("points", 1), "个百分点": ("points", 1),
    "百分点": ("points", 1),
    "fold": ("times", 1), "-fold": ("times", 1), "times": ("times", 1), "倍": ("times", 1),
    "gy": ("dose", 1000), "mgy": ("dose", 1), "sv": ("sv", 1000), "msv": ("sv", 1), "µsv": ("sv", 1e-3),
    "t": ("tesla", 1), "tesla": ("tesla", 1), "kv": ("kv", 1), "kvp": ("kv", 1), "ma": ("ma", 1), "hu": ("hu", 1),
    "mhz": ("hz", 1), "hz": ("hz", 1e-6), "mmhg": ("pressure", 1), "mm hg": ("pressure", 1), "kpa": ("pressure", 7.5),
    "mbq": ("bq", 1), "mci": ("bq", 37), "gbq": ("bq", 1000),
}  # fmt: skip
_WRITTEN = {
    "milligrams?": "mg", "micrograms?": "µg", "grams?": "g", "kilograms?": "kg", "millimet(?:er|re)s?": "mm",
    "centimet(?:er|re)s?": "cm", "met(?:er|re)s?": "m", "millilit(?:er|re)s?": "ml", "decilit(?:er|re)s?": "dl",
    "lit(?:er|re)s?": "l", "seconds?": "s", "minutes?": "min", "mins?": "min", "hours?": "h",
    "hrs?": "h", "days?": "day",
    "weeks?": "week", "wks?": "week", "months?": "month", "years?": "year", "yrs?": "year", "per ?cent": "%",
    "percentage[- ]points?": "percentage point", "folds?": "fold",
    "hounsfield units?": "hu",
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
                ("(?-i:d)" if u == "d" else re.escape(u))
                + (r"(?![A-Za-z])" if u.isascii() and u[-1].isalpha() else "")
                for u in _UNIT_WORDS
            ),
        ]
    )
    + ")"
)
UNIT = rf"(?:{_ONE_UNIT}(?:\s?(?:/|per)\s?(?:{_ONE_UNIT}|\d[\d.,]*\s?(?:m2|m²|万)))*(?:[²2](?![0-9]))?)"


@lru_cache(maxsize=2048)
def _canonical(unit: str) -> str:
    unit = unit.strip()
    for pattern, short in _WRITTEN.items():
        unit = re.sub(rf"\b{pattern}\b", short, unit, flags=re.IGNORECASE)
    unit = re.sub(r"\s?(?:/|per)\s?(?:day|d|天|日)$", "", unit)
    return (
        re.sub(r"\s?per\s?", "/", unit).replace("²", "2").replace("μ", "µ").replace(" ", "").lower()
    )


def scaled(value: float, unit: str | None) -> tuple[float, str]:
    """A value in the base unit of its dimension, and the dimension (the unit as written if unknown)."""
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


def factor_of(written: str) -> float:
    """What a bare number must be multiplied with to share the unit written after another number."""
    match = re.search(r"[^\d.,\s].*$", written.lstrip("-−<>≤≥= "))
    return _SCALE.get(_canonical(match.group()) if match else "", ("", 1))[1]


_AMOUNTS = frozenset(
    (
        "mass", "volume", "kg", "g", "mg", "µg", "ug", "mcg", "ng", "pg", "l", "dl", "ml", "iu", "u", "mmol", "µmol",
        "umol", "nmol", "meq", "毫克", "克", "微克", "毫升", "升",
    )
)  # fmt: skip


def is_amount(dimension: str) -> bool:
    """Whether a dimension, as `scaled` gives it, is an amount of a substance: a dose or a concentration."""
    return dimension.partition("/")[0] in _AMOUNTS
