"""A true sentence made false by one small change, as a careless writer would: for the judge to refuse."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from radcite.core.sources import Language
from radcite.tools.knowledge.terms import load_terms

__all__ = ["CORRUPTIONS", "corrupted", "reworded"]

Corruption = Callable[[str, Language, random.Random], str | None]
_NUMBER = re.compile(r"(?<![A-Za-z\d.,-])\d+(?:\.\d+)?(?![A-Za-z\d]|[.,]\d)")
_JOINED = re.compile(r"\band\b|\bor\b|[\s,、和及与或]")
_OPPOSITES: Mapping[Language, Sequence[tuple[str, str]]] = {
    "en": (
        ("increased", "decreased"), ("increases", "decreases"), ("increase", "decrease"),
        ("higher", "lower"), ("high", "low"), ("more", "less"), ("most", "few"),
        ("elevated", "reduced"), ("positive", "negative"), ("left", "right"), ("upper", "lower"),
        ("acute", "chronic"), ("before", "after"), ("benign", "malignant"), ("common", "rare"),
        ("often", "rarely"), ("usually", "seldom"), ("early", "late"), ("improved", "worsened"),
        ("inhibits", "activates"), ("inhibition", "activation"), ("dominant", "recessive"),
        ("mild", "severe"), ("longer", "shorter"), ("larger", "smaller"), ("proximal", "distal"),
        ("anterior", "posterior"), ("men", "women"), ("children", "adults"), ("gain", "loss"),
    ),
    "zh": (
        ("升高", "降低"), ("增高", "降低"), ("增加", "减少"), ("增大", "缩小"), ("较高", "较低"),
        ("高于", "低于"), ("阳性", "阴性"), ("左", "右"), ("上", "下"), ("急性", "慢性"),
        ("之前", "之后"), ("良性", "恶性"), ("常见", "罕见"), ("经常", "很少"), ("早期", "晚期"),
        ("改善", "加重"), ("抑制", "促进"), ("显性", "隐性"), ("轻度", "重度"), ("男性", "女性"),
        ("儿童", "老年人"), ("扩张", "收缩"), ("多", "少"), ("内", "外"), ("有效", "无效"),
    ),
}  # fmt: skip
_STRONGER: Mapping[Language, Sequence[tuple[str, str]]] = {
    "en": (
        ("may be", "is always"), ("may", "always"), ("can be", "is always"), ("can", "must"),
        ("some", "all"), ("many", "all"), ("most", "all"), ("usually", "always"),
        ("often", "always"), ("is associated with", "is caused by"), ("suggests", "proves"),
        ("suggest", "prove"), ("associated with", "caused by"), ("likely", "certain"),
        ("should be considered", "is required"), ("up to", "more than"), ("about", "exactly"),
    ),
    "zh": (
        ("可能", "一定"), ("可以", "必须"), ("部分", "全部"), ("多数", "所有"), ("通常", "总是"),
        ("常", "必然"), ("有关", "的唯一原因"), ("提示", "证明"), ("建议", "必须"), ("一般", "一律"),
        ("往往", "无一例外"), ("有时", "始终"), ("主要", "只"),
    ),
}  # fmt: skip
_DENIED: Sequence[tuple[str, str]] = (
    (" is not ", " is "), (" are not ", " are "), (" was not ", " was "), (" were not ", " were "),
    (" did not ", " did "), (" does not ", " does "), (" cannot ", " can "), (" no ", " "),
    (" without ", " with "), (" is ", " is not "), (" are ", " are not "), (" was ", " was not "),
    (" were ", " were not "), (" can ", " cannot "), (" may ", " does not "), (" has ", " has no "),
    (" have ", " have no "), (" with ", " without "),
)  # fmt: skip
_DENIED_ZH: Sequence[tuple[str, str]] = (
    ("不能", "能"), ("不会", "会"), ("没有", "有"), ("并非", "是"), ("无", "有"), ("不宜", "宜"),
    ("可以", "不可以"), ("可能", "不可能"), ("需要", "不需要"), ("能够", "不能"), ("会", "不会"),
    ("是", "不是"), ("有", "没有"), ("应", "不应"), ("可", "不可"), ("属于", "不属于"),
)  # fmt: skip


def _number(text: str, language: Language, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    match = rng.choice(found)
    value = match.group()
    if "." in value:
        other = f"{float(value) * rng.choice((0.5, 0.8, 1.3, 2)):.{len(value.split('.')[1])}f}"
    else:
        other = str(max(0, int(value) + rng.choice((-3, -2, -1, 1, 2, 5, 10))))
    return _put(text, match.start(), match.end(), other) if other != value else None


def _numbers_exchanged(text: str, language: Language, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if len(found) < 2:
        return None
    one, other = sorted(rng.sample(found, 2), key=lambda each: each.start())
    if one.group() == other.group():
        return None
    text = _put(text, other.start(), other.end(), one.group())
    return _put(text, one.start(), one.end(), other.group())


def _opposite(text: str, language: Language, rng: random.Random) -> str | None:
    pairs = [*_OPPOSITES[language], *((b, a) for a, b in _OPPOSITES[language])]
    return _one_of(pairs, text, language, rng)


def _stronger(text: str, language: Language, rng: random.Random) -> str | None:
    return _one_of(_STRONGER[language], text, language, rng)


def _denied(text: str, language: Language, rng: random.Random) -> str | None:
    pairs = _DENIED if language == "en" else _DENIED_ZH
    found = [(old, new) for old, new in pairs if old in text]
    # An undone denial first: a second `not` would read oddly.
    if not found:
        return None
    old, new = found[0] if rng.random() < 0.7 else rng.choice(found)
    return text.replace(old, new, 1)


def _other_term(text: str, language: Language, rng: random.Random) -> str | None:
    """Another thing of the same kind in a term's place."""
    found = _terms_in(text, language)
    if not found:
        return None
    start, end, category = rng.choice(found)
    other = rng.choice(_by_category(language)[category])
    return _put(text, start, end, other) if other.lower() not in text.lower() else None


def _terms_exchanged(text: str, language: Language, rng: random.Random) -> str | None:
    """Two things of the sentence in each other's place."""
    found = _terms_in(text, language)
    pairs = [
        (a, b)
        for n, a in enumerate(found)
        for b in found[n + 1 :]
        if a[1] <= b[0] and a[2] == b[2] and text[a[0] : a[1]] != text[b[0] : b[1]]
    ]
    # Members of a plain list may be told in any order.
    pairs = [(a, b) for a, b in pairs if len(_JOINED.sub("", text[a[1] : b[0]])) > 1]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    first, second = text[a[0] : a[1]], text[b[0] : b[1]]
    return text[: a[0]] + second + text[a[1] : b[0]] + first + text[b[1] :]


CORRUPTIONS: Mapping[str, Corruption] = {
    "number": _number,
    "numbers_exchanged": _numbers_exchanged,
    "opposite": _opposite,
    "stronger": _stronger,
    "denied": _denied,
    "other_term": _other_term,
    "terms_exchanged": _terms_exchanged,
}


def corrupted(text: str, language: Language, rng: random.Random) -> tuple[str, str] | None:
    """The text with one change that makes it false, and the change's name; None if none applies."""
    names = list(CORRUPTIONS)
    rng.shuffle(names)
    for name in names:
        made = CORRUPTIONS[name](text, language, rng)
        if made and made != text:
            return made, name
    return None


def reworded(text: str, language: Language, rng: random.Random) -> str | None:
    """The text with a term by another of its names, which keeps it true; None if it names no such term."""
    found = [
        (start, end, names)
        for start, end, _ in _terms_in(text, language)
        if len(names := _names_of(text[start:end].lower(), language)) > 1
    ]
    if not found:
        return None
    start, end, names = rng.choice(found)
    others = [name for name in names if name.lower() != text[start:end].lower()]
    return _put(text, start, end, rng.choice(others)) if others else None


def _put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _one_of(
    pairs: Sequence[tuple[str, str]], text: str, language: Language, rng: random.Random
) -> str | None:
    edge = r"\b" if language == "en" else ""
    found = [
        (match, new)
        for old, new in pairs
        if (match := re.search(f"{edge}{re.escape(old)}{edge}", text)) is not None
    ]
    if not found:
        return None
    match, new = rng.choice(found)
    return _put(text, match.start(), match.end(), new)


def _terms_in(text: str, language: Language) -> list[tuple[int, int, str]]:
    """Places of terms and their kinds, longest first at each place, without overlaps."""
    pattern, kinds = _matcher(language)
    return [(m.start(), m.end(), kinds[m.group().lower()]) for m in pattern.finditer(text)]


_KINDS = frozenset(
    {"disease", "drug", "anatomy", "symptom", "finding", "procedure", "organism", "lab"}
)


@lru_cache(maxsize=2)
def _matcher(language: Language) -> tuple[re.Pattern[str], Mapping[str, str]]:
    kinds: dict[str, str] = {}
    for entry in load_terms():
        for name in entry.en if language == "en" else entry.zh:
            if entry.category in _KINDS and len(name) > (3 if language == "en" else 1):
                kinds.setdefault(name.lower(), entry.category)
    names = "|".join(map(re.escape, sorted(kinds, key=len, reverse=True)))
    edge = r"\b" if language == "en" else ""
    return re.compile(f"{edge}(?:{names}){edge}", re.IGNORECASE), kinds


@lru_cache(maxsize=2)
def _by_category(language: Language) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for entry in load_terms():
        if entry.category in _KINDS:
            found.setdefault(entry.category, []).append(
                (entry.en if language == "en" else entry.zh)[0]
            )
    return found


def _names_of(name: str, language: Language) -> Sequence[str]:
    return _all_names(language).get(name, ())


@lru_cache(maxsize=2)
def _all_names(language: Language) -> Mapping[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for entry in load_terms():
        names = [name for name in (entry.en if language == "en" else entry.zh) if len(name) > 1]
        for name in names:
            found.setdefault(name.lower(), names)
    return found
