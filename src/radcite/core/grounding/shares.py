"""A share is a share of something: what is counted, and of what, must not change places."""

import re

from radcite.core.grounding.equality import equal_quantities
from radcite.core.grounding.pairing import Finding, Pair
from radcite.core.grounding.rates import INTERVAL
from radcite.core.grounding.reading import Reading
from radcite.core.grounding.words import HARD, SOFT, Quantity
from radcite.core.normalization import is_cjk

__all__ = ["share_turned"]

_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?[%％]")
_LEAST_WORDS = 3
_ANYONE = re.compile(r"^(?:全部|所有|这些|该组|本组)?(?:患者|病例|病人|人|者|受检者|研究对象|例)?$")
_ARTICLES = frozenset(("the", "these", "those", "all", "our", "such"))
_VERBS = frozenset(("was", "were", "is", "are", "had", "has", "have", "did", "do", "can", "could"))
_PEOPLE = frozenset(
    (
        "patients", "persons", "people", "individuals", "those", "participants", "subjects", "cases",
        "adults", "children", "women", "men", "infants", "smokers", "workers", "volunteers", "girls", "boys",
        "controls", "respondents", "group", "arm", "cohort", "us", "neonates", "newborns", "adolescents",
        "survivors", "carriers", "users", "recipients", "donors", "mothers", "readers", "radiologists",
        "physicians", "clinicians", "students", "residents", "athletes",
    )
)  # fmt: skip
_HEAD = 4
_PAST = frozenset(("found", "fell", "rose", "grew", "became", "gave", "led", "took", "got", "saw"))
_PORTION = re.compile(
    r"每次|每剂|单次|\b(?:per|each|every|single) (?:dose|injection|infusion)\b", re.IGNORECASE
)
_PERIOD = re.compile(
    r"每[日天周月]|/[a-z日天周月]+|(?:per|every|each|a) \w+|daily|weekly|monthly", re.IGNORECASE
)
_LEADS = frozenset(("of", "among", "in", "from", "across"))
_AMONG = re.compile(r"[^，。；、\d]{0,14}[中里]")


def share_turned(pair: Pair) -> Finding | None:
    """The converse of a share, or a share of another whole.

    发生水肿者中32.6%是纯合子 does not follow from 水肿在纯合子中占32.6%, nor `44 of 60 nodules were false positives`
    from `nodules accounted for 44 of 60 false positives`.
    """
    if (
        finding := _total_portioned(pair) or _whole_counted(pair)
    ) is not None or pair.claim.language == "en":
        return finding or _other_whole(pair)
    claim, quote = pair.claim.text, pair.quote.text
    for share in set(_PERCENT.findall(claim)):
        told, stated = _only_place(share, claim), _only_place(share, quote)
        if told is None or stated is None:
            continue
        mine, theirs = _chinese_whole(claim, share), _chinese_whole(quote, share)
        if not mine or (theirs and _overlap(mine, theirs)):
            continue
        if theirs or _crossed(claim, told, quote, stated):
            return Finding(f"{share}% is a share of something else")
    return None


def _total_portioned(pair: Pair) -> Finding | None:
    """The amount of a day told as that of a dose (每日20 mg/kg told as 每次20 mg/kg)."""
    if not _PORTION.search(pair.claim.text) or _PORTION.search(pair.quote.text):
        return None
    rates = (q for q in pair.quote.quantities if q.unit == INTERVAL)
    if any(_PERIOD.fullmatch(pair.quote.text[q.start : max(q.end, q.apart[1])]) for q in rates):
        return Finding("the quote gives the amount of a period, not of a dose")
    return None


def _whole_counted(pair: Pair) -> Finding | None:
    """`in 14 nodes` of `in 2 of 14 nodes`: what the quote counts a part of, told as the count."""
    for number in pair.claim.quantities:
        told = [other for other in pair.quote.quantities if equal_quantities(number, other, pair)]
        if number.part or not told or any(other.part != "whole" for other in told):
            continue
        if any(_led_in(pair, number, other) for other in told):
            continue
        own = {place for other in told for place in _whole(pair.quote, other)}
        if any(pair.links[p].isdisjoint(own) for p in pair.content()):
            written = pair.claim.text[number.start : number.end]
            return Finding(f"the quote counts a part of {written}")
    return None


def _led_in(pair: Pair, claim: Quantity, quote: Quantity) -> bool:
    """Whether the claim too gives the number as that of which it speaks (`among 161 women`, `161例中`)."""
    if pair.claim.language == "zh":
        return _AMONG.match(pair.claim.text, claim.end) is not None
    fronted = pair.quote.place_at(quote.start) in pair.quote.opening
    leads = _LEADS if fronted else _LEADS - {"in"}
    before = [
        w.text.lower() for w in pair.claim.words if w.end <= claim.start and w.key not in _ARTICLES
    ]
    return bool(before) and before[-1] in leads


def _whole(reading: Reading, number: Quantity) -> range:
    """The words that say what the whole is: in Chinese those before 中, in English those up to the verb."""
    words, at = reading.words, reading.place_at(number.start)
    if reading.language == "zh":
        parting = HARD | SOFT | {"中", "里"}
        first = max((p for p in range(at) if words[p].text in parting), default=-1) + 1
        ends = (p for p in range(at, len(words)) if words[p].text in parting)
        return range(first, next(ends, len(words)))
    if at in reading.opening:
        return reading.opening
    named = at + 2
    ends = (
        p
        for p in range(named, len(words))
        if words[p].is_mark
        or words[p].text.lower() in _VERBS | _PAST
        or words[p].text.endswith("ed")
    )
    return range(at, next(ends, len(words)))


def _other_whole(pair: Pair) -> Finding | None:
    """`n of m X` and `n % of X`: the X of claim and quote must be one."""
    for n, quantity in enumerate(pair.claim.quantities):
        head = _head(pair.claim, n)
        people = _of_people(pair.claim, head)
        if not people and not any(pair.carries(p) for p in head):
            continue
        heads = [
            _head(pair.quote, m)
            for m, other in enumerate(pair.quote.quantities)
            if (other.value, other.unit) == (quantity.value, quantity.unit)
        ]
        if len(heads) != 1 or not any(p not in pair.quote.free for p in heads[0]):
            continue
        other = all(pair.links[p].isdisjoint(heads[0]) for p in head if pair.carries(p))
        if not _of_people(pair.quote, heads[0]) if people else other:
            written = pair.claim.text[quantity.start : quantity.end]
            return Finding(f"{written} is a share of something else")
    return None


def _of_people(reading: Reading, head: range) -> bool:
    return any(reading.words[p].text.lower() in _PEOPLE for p in head)


def _head(reading: Reading, number: int) -> range:
    """The first words of what a share is counted of, directly after `n % of` or `of n`."""
    quantity, words = reading.quantities[number], reading.words
    place = next((p for p, word in enumerate(words) if word.start >= quantity.end), len(words))
    before = [word.text.lower() for word in words if word.end <= quantity.start][-2:]
    counted = quantity.unit == "" and number > 0 and "of" in before
    if not counted:
        if quantity.unit != "%" or place >= len(words) or words[place].text.lower() != "of":
            return range(0)
        place += 1
    while place < len(words) and words[place].text.lower() in _ARTICLES:
        place += 1
    ends = (
        p
        for p in range(place, len(words))
        if words[p].is_mark or p in reading.numeric or words[p].text.lower() in _VERBS
    )
    return range(place, min(next(ends, len(words)), place + _HEAD))


def _chinese_whole(text: str, share: str) -> str:
    """What `…中占n%` and `n%的…` give as the whole; empty when that is anyone."""
    share = rf"(?<![\d.]){re.escape(share)} ?[%％]"
    found = re.search(rf"([^，,。；;（()：:]{{2,20}})中[^，,。；;]{{0,8}}?{share}", text)
    found = found or re.search(
        rf"([^，,。；;（()：:]{{2,20}}的(?:患者|病例|病人|人))有?{share}", text
    )
    found = found or re.search(rf"{share}的([^，,。；;是为有在因]{{1,12}})", text)
    whole = re.split("[在于]", found[1])[-1] if found else ""
    return "" if _ANYONE.match(whole) else whole


def _overlap(one: str, other: str) -> bool:
    return any(one[n : n + 2] in other for n in range(len(one) - 1))


def _only_place(number: str, text: str) -> int | None:
    places = [match.start() for match in _PERCENT.finditer(text) if match[1] == number]
    return places[0] if len(places) == 1 else None


def _crossed(claim: str, told: int, quote: str, stated: int) -> bool:
    """Whether three characters in a row stand on the other side of the number than in the quote."""
    for start in range(len(claim) - _LEAST_WORDS + 1):
        words = claim[start : start + _LEAST_WORDS]
        if not all(map(is_cjk, words)) or quote.count(words) != 1 or claim.count(words) != 1:
            continue
        if (start < told) != (quote.index(words) < stated):
            return True
    return False
