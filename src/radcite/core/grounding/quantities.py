"""Numbers with their units, bounds and places, in Chinese and English."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from radcite.core.grounding.dates import DAY, dates
from radcite.core.grounding.parts import with_parts
from radcite.core.grounding.rates import INTERVAL, overlaps, rates
from radcite.core.grounding.units import YEAR, factor_of, scaled
from radcite.core.grounding.words import Bound, Quantity
from radcite.core.grounding.written_numbers import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    CLASSIFIERS,
    DECADES,
    DIGIT,
    EN,
    FRACTIONS,
    OR_LESS,
    OR_MORE,
    OVER,
    REACHED,
    SMALL,
    UNDER,
    ZH,
)
from radcite.core.sources import Language

__all__ = ["Bound", "Quantity", "quantities"]

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
    pattern = ZH if language == "zh" else EN
    told = dates(text)
    told += [r for r in rates(text, language) if not any(overlaps(d, r.start, r.end) for d in told)]
    told = [_bounded(quantity, text) for quantity in told]
    found = [made for match in pattern.finditer(text) if (made := _made(match, text))]
    found = [q for q in found if q.unit == "nth" or not _within(q, told, text)]
    found = _shared_units(sorted([*found, *told], key=lambda one: one.start), text)
    found = _shared_rate(found, text) if language == "zh" else found
    return tuple(with_parts(found, text))


def _made(match: re.Match[str], text: str) -> Quantity | None:
    value, unit = _value(match)
    if value is None:
        return None
    start, end = match.span()
    before, after = text[max(0, start - 22) : start], text[end : end + 16]
    lead = [start - len(m.group()) for p in _LEADS if (m := p.search(before))]
    tail = [end + len(m.group()) for p in (OR_MORE, OR_LESS) if (m := p.match(after))]
    if unit == "time" and _OLD.match(text[end - 4 : end + 8].lower().lstrip("0123456789- ")):
        value, unit = value / YEAR, "age"
    sign = match.groupdict().get("cmp") or ""
    about, bound = bool(ABOUT.search(before)), _bound(sign, text, start, end, unit)
    first, last = min([start, *lead]), max([end, *tail])
    return Quantity(value, unit, bound, about, start, end, first, last)


def _within(number: Quantity, told: Sequence[Quantity], text: str) -> bool:
    """Whether a number is part of a date or a rate; a bare `/day` only follows the number it is said of."""
    whole = (one for one in told if one.end <= number.start or text[one.start] != "/")
    return any(overlaps(one, number.start, number.start + 1) for one in whole)


def _bounded(told: Quantity, text: str) -> Quantity:
    """`at least twice a week`: a date or a rate with the words of its bound."""
    before = text[max(0, told.start - 22) : told.start]
    lead = [told.start - len(m.group()) for p in _LEADS if (m := p.search(before))]
    bound = _bound("", text, told.start, told.end, told.unit)
    return replace(
        told, bound=bound, about=bool(ABOUT.search(before)), lead=min([told.start, *lead])
    )


def _value(match: re.Match[str]) -> tuple[float | None, str]:
    parts = {name: part for name, part in match.groupdict().items() if part}
    for reader in (_fraction, _idiom, _chinese):
        if (found := reader(parts)) is not None:
            return found
    if number := parts.get("num"):
        value = float(number.replace(",", "").replace("−", "-"))
        if "unit" not in parts and _DATE.fullmatch(number):
            return value, "date"
        return scaled(value * (10_000 if "wan" in parts else 1), parts.get("unit"))
    if (word := parts.get("word")) and word.isascii():
        spelled = sum(SMALL[part] for part in re.split("[- ]", word.lower()))
        return (
            (None, "")
            if spelled == 1 and "unit2" not in parts
            else scaled(spelled, parts.get("unit2"))
        )
    return None, ""


def _fraction(parts: dict[str, str]) -> tuple[float, str] | None:
    if part := parts.get("part") or parts.get("part1"):
        many = SMALL.get(parts.get("many", "one").lower(), 1)
        return 100 * many * FRACTIONS[
            part.lower().rstrip("s") if part.lower() != "half" else "half"
        ], "%"
    if "zfrac" in parts:
        return 100 * _chinese_number(parts["top"]) / max(1, _chinese_number(parts["bottom"])), "%"
    if "top" in parts:
        top, bottom = (
            float(SMALL.get(parts[name].lower(), 0) or (parts[name].isdigit() and parts[name]) or 0)
            for name in ("top", "bottom")
        )
        return (100 * top / bottom, "%") if bottom and top <= bottom else None
    return None


def _idiom(parts: dict[str, str]) -> tuple[float, str] | None:
    if decade := parts.get("decade"):
        return float(DECADES[decade.lower()]), "decade"
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
    if parts.get("word") == "一" and parts.get("unit2", "") in CLASSIFIERS:
        return None
    if (word := parts.get("word")) and word[0] in DIGIT:
        return scaled(_chinese_number(word), parts.get("unit2"))
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


def _bound(sign: str, text: str, start: int, end: int, unit: str) -> Bound:
    if sign and sign[0] in "<>≤≥":
        return {"<": "<", ">": ">", "≤": "<=", "≥": ">="}[sign[0]] if len(sign) == 1 else sign  # type: ignore[return-value]
    before = text[max(0, start - 18) : start]
    after = text[end : end + 14]
    if after.startswith("以上"):
        return "above"
    if OR_MORE.match(after) or AT_LEAST.search(before):
        return ">="
    if REACHED.search(before):
        return "reached"
    if OR_LESS.match(after) or AT_MOST.search(before):
        return "" if unit == "time" else "<="
    if UNDER.search(before):
        return "" if unit == "time" and re.search(r"within\s*$", before, re.IGNORECASE) else "<"
    if OVER.search(before):
        return "" if unit == "time" and re.search(r"over\s*$", before, re.IGNORECASE) else ">"
    return ""


_PER_HEAD = re.compile(r"每一?(?P<per>\d*万|十万|千|百)[人名](?P<whole>[^，。；\d]{0,10}[中里]，)?")
_RATE_GAP = 12


def _shared_rate(found: list[Quantity], text: str) -> list[Quantity]:
    """`每千人1.4例对1.5例`, `每千名女性中，A检出8.9例，B检出6.4例`: later counts are rates too."""
    head = _PER_HEAD.search(text)
    if head is None:
        return found
    per = _PER.get(head["per"], 10_000)
    shared: list[Quantity] = []
    reached = head.end()
    for number in found:
        counted = "例" in text[number.end - 1 : number.end + 1] and not number.unit
        if number.end <= head.end() and number.start >= head.start():
            continue
        near = head["whole"] or number.start - reached <= _RATE_GAP
        if counted and number.start >= reached and near:
            shared.append(replace(number, value=100 * number.value / per, unit="%"))
        else:
            shared.append(number)
        if shared[-1].unit == "%":
            reached = number.end
    return shared


_LEADS = (UNDER, OVER, AT_LEAST, AT_MOST, ABOUT, REACHED)
_OLD = re.compile(r"years?[- ](?:old|of age)")
_RANGE = re.compile(
    r"\s?(?:by|rather than|instead of|as against|against|compared with|-|–|—|~|～|to|and|至|到|或|和|×|x"
    r"|、|versus|vs\.?|±)\s?",
    re.IGNORECASE,
)


def _shared_units(found: list[Quantity], text: str) -> list[Quantity]:
    """`6 to 8 mm`, `14×11 mm`: a bare number takes the unit of the one it is joined with."""
    shared = list(found)
    for n in range(len(found) - 2, -1, -1):
        this, following = shared[n], shared[n + 1]
        gap = text[this.end : following.start]
        if (
            not this.unit
            and following.unit not in ("", "nth", "times", DAY, INTERVAL)
            and _RANGE.fullmatch(gap)
        ):
            factor = factor_of(text[following.start : following.end])
            shared[n] = replace(this, value=round(this.value * factor, 9), unit=following.unit)
    return shared
