"""What a number is beside its neighbours: an estimate, its spread, a limit of its interval, the whole of a count."""

import re
from dataclasses import replace

from radcite.core.grounding.units import factor_of
from radcite.core.grounding.words import Part, Quantity

__all__ = ["parts_agree", "with_parts"]

_TO = re.compile(r" ?(?:[-–—~～]|\bto\b|至|到) ?", re.IGNORECASE)
_LISTED = re.compile(r" ?(?:[,，;；]|\band\b|和|与) ?", re.IGNORECASE)
_LINK = r"(?:[\s:：,，;；=(（\[]|\b(?:of|was|were|is|from|between|at)\b|为|是|在)*$"
_INTERVAL = re.compile(
    r"(?:\bCIs?\b|\b(?:confidence|credible) intervals?|\brang(?:e|es|ed|ing)\b|\bIQR\b|\binterquartile range"
    rf"|置信区间|可信区间|四分位数?(?:间距|区间)|范围){_LINK}",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:\bfrom|由|从)[^,，;；。]*$", re.IGNORECASE)
_BETWIXT = re.compile(r"\bbetween $", re.IGNORECASE)
_NAMED = re.compile(r"\s*(?:CI\b|confidence|credible|置信|可信)", re.IGNORECASE)
_LIMIT = re.compile(rf"(?:(?:upper|lower) (?:limit|bound)s?|[上下]限){_LINK}", re.IGNORECASE)
_SPREAD = re.compile(rf"(?:±|\bSDs?\b|\bstandard deviations?\b|标准差){_LINK}", re.IGNORECASE)
_OPENED = re.compile(r" ?[(（\[]")
_BETWEEN = re.compile(r"[^.。\d]{0,40}")
_OF = re.compile(
    r"(?: ?[)）%])? (?:out )?of (?:the |all |these |those |our )?(?:[a-z-]+ )?$", re.IGNORECASE
)
_OPENING = re.compile(r"(?:of|among|in) (?:the |all |these |our )?(?:[a-z-]+ )?$", re.IGNORECASE)
_SAMPLED = re.compile(
    r"\b(?:survey|study|series|cohort|trial|analysis|sample|audit|registry) of (?:the )?$",
    re.IGNORECASE,
)
_AMONG = re.compile(
    r"[^，。；、,;\d]{0,14}[中里][，,]?[^，。；,;\d]{0,12}|[^。；;\d]{0,14}其中[^，。；,;\d]{0,8}"
)
_COUNTER = re.compile(r".?[例名人枚个处只条眼颗份次]")
_COUNTED = frozenset(("", "%"))
_BEFORE = 60


def with_parts(found: list[Quantity], text: str) -> list[Quantity]:
    """The numbers of a sentence, each with what it is of another."""
    told = [replace(q, part="spread") if _led(_SPREAD, q, text) else q for q in found]
    told = [replace(q, part="limit") if _led(_LIMIT, q, text) else q for q in told]
    for n in range(len(told) - 1):
        first, second = told[n], told[n + 1]
        part = _joined(told, n, text)
        if part == "limit" and not (first.unit or second.unit):
            first, second = _measured_as(_estimate(told, n, text), text, first, second)
        if part:
            told[n : n + 2] = [replace(first, part=part), replace(second, part=part)]
    for n in range(len(told)):
        if _is_whole(told, n, text):
            told[n] = replace(told[n], part="whole")
    return told


def _led(pattern: re.Pattern[str], number: Quantity, text: str) -> bool:
    return pattern.search(text[max(0, number.lead - _BEFORE) : number.lead]) is not None


def _joined(told: list[Quantity], n: int, text: str) -> Part:
    """Whether two numbers are the limits of an interval, or the ends of any other range."""
    first, second = told[n], told[n + 1]
    gap = text[first.end : second.start]
    if "" != first.unit != second.unit:
        return ""
    to = _TO.fullmatch(gap) is not None
    if _led(_INTERVAL, first, text) and (to or _LISTED.fullmatch(gap)):
        return "limit"
    opened = n > 0 and _OPENED.fullmatch(text[told[n - 1].end : first.lead]) is not None
    alike = n > 0 and second.unit in ("", told[n - 1].unit)
    closed = text[second.end : second.end + 1] in (")", "]", "）")
    if opened and alike and (to or (closed and _LISTED.fullmatch(gap))):
        return "limit"
    if to and _led(_FROM, first, text):
        return "change"
    between = _led(_BETWIXT, first, text) and _LISTED.fullmatch(gap) is not None
    return "end" if to or between else ""


def _estimate(told: list[Quantity], n: int, text: str) -> Quantity | None:
    """The number whose interval begins at number n: the nearest before that is not the 95 of `95 % CI`."""
    for before in reversed(told[:n]):
        if before.part != "limit" and _NAMED.match(text, before.end) is None:
            near = _BETWEEN.sub("", text[before.end : told[n].start])
            return before if len(near) <= 3 else None
    return None


def _measured_as(
    estimate: Quantity | None, text: str, first: Quantity, second: Quantity
) -> tuple[Quantity, Quantity]:
    if estimate is None or not estimate.unit:
        return first, second
    factor = factor_of(text[estimate.start : estimate.end])
    one, other = (
        replace(q, value=round(q.value * factor, 9), unit=estimate.unit) for q in (first, second)
    )
    return one, other


def _is_whole(told: list[Quantity], n: int, text: str) -> bool:
    """`2 of 14`, `2/14`, `of 14 nodes, 2 …`, `14枚中2枚`: the number out of which another is counted."""
    number = told[n]
    if number.unit:
        return False
    if n and told[n - 1].unit in _COUNTED and _OF.fullmatch(text[told[n - 1].end : number.lead]):
        return True
    if n and text[told[n - 1].end : number.start] == "/" and told[n - 1].unit == "":
        return 0 < told[n - 1].value < number.value
    if n == 0 and (_OPENING.fullmatch(text[: number.lead]) or _led(_SAMPLED, number, text)):
        return any(other.unit in _COUNTED for other in told[1:])
    following = told[n + 1] if n + 1 < len(told) else None
    return (
        following is not None
        and _COUNTER.match(text, number.end - 1) is not None
        and following.unit in _COUNTED
        and _AMONG.fullmatch(text[number.end : following.lead]) is not None
    )


def parts_agree(claim: Quantity, quote: Quantity) -> bool:
    """Whether two numbers may say the same: neither a spread nor one end of a range is the estimate."""
    if quote.part in ("end", "limit"):
        return claim.part in ("end", "limit", "change")
    if "spread" in (claim.part, quote.part):
        return claim.part == quote.part
    return claim.part != "limit" or quote.part == "change"
