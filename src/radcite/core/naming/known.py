"""What came with a record and is looked for in its texts: names, numbers and places, but not the words they may be."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from radcite.core.naming.chinese import follows_naming, is_word
from radcite.core.naming.english import announced
from radcite.core.naming.english_cues import BEFORE_DEGREE, NOT_PERSON_AFTER, OF_A_THING
from radcite.core.naming.found import Found
from radcite.core.naming.lexicon import (
    common_words,
    eponyms,
    family_names,
    generic_words,
    given_names,
    plain_words,
    words_too,
)

__all__ = ["Known"]

# What stands in name attributes and names nobody; sides are never taken for a name.
_NO_NAMES = frozenset(
    (
        *("anon", "anonymous", "anonymized", "anonymised", "unknown", "none", "null"),
        *("test", "patient", "name", "phantom", "left", "right", "bilateral", "both"),
    )
)
_SIDES = frozenset(["left", "right", "bilateral", "both", "左", "右", "双", "左侧", "右侧", "双侧"])
# Departments and parts of the body, which a place may be called.
_NO_PLACE = re.compile(
    r"(?:(?:门诊|急诊|住院|病房|病区|体检|检查|登记|放射|影像|医学影像|超声|核医学|介入|磁共振|CT|MR|X线|内镜|病理|检验|"
    r"呼吸|消化|心|神经|肿瘤|重症|儿|妇|产|骨|眼|耳鼻喉|口腔|皮肤|泌尿|肾|肝|胆|胰|胃|肠|肺|甲状腺|乳腺|血管|"
    r"胸|腹|头|颈|腰|盆腔|上肢|下肢|内|外|左|右|双|侧|部|科|室|区|楼|层|床|中心|大厅|[一二三四五六七八九十\d])+)"
)
# Before a number that is short enough to be a measure.
_NUMBER_LABEL = re.compile(
    r"(?:\b(?i:mrn|id|no|nr|num|number|accession|acc|record|chart|case|patient|pt|study|exam|order|visit|station|"
    r"scanner|device|serial|hosp(?:ital)?|admission|episode|encounter|req(?:uisition)?|ref(?:erence)?|file|folder|bed|"
    r"room|ward|barcode|specimen|container|account|acct|insurance|policy|phone|tel|ext|bleep|pager)\b"
    r"(?: (?i:id|no|nr|number))?[.:：#= \t]{0,4}|#[ ]?"
    r"|(?:号码?|编码|条码|[证卡床片]|电话|分机)[:：为是 \t]{0,3})$"
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/\-]*")
_SURELY_A_CODE = 6
_GAP = r"[ \t\u3000]{0,4}"
_BETWEEN = r"(?:[ \t,.^_=\-]{1,3}(?:[A-Z]\.?[ ])?)"


class Known:
    """Finds what is known of a record's people.

    Args:
        values: Numbers, addresses, places, days. Those under four characters without a Chinese character are
            left; short codes and figures count after a label or alone, for measures look like them.
        names: Names of people, also as DICOM writes them. A part of one that is a word as well counts where it
            is written as a name: beside another part, after a title, label or the like.
    """

    def __init__(self, values: Iterable[str], names: Iterable[str]) -> None:
        told = {value.strip() for value in values}
        told = {value for value in told if _is_telling(value)}
        coded = {value for value in told if _is_short_code(value)}
        worded = {value for value in told - coded if _is_worded(value)}
        self._short_codes = _any_of(map(_bounded, coded), re.IGNORECASE)
        self._as_written = _any_of(map(_bounded, filter(_is_place, worded)), 0)
        self._anywhere = _any_of(map(_bounded, told - coded - worded), re.IGNORECASE)
        people = [_parts(name) for name in names]
        parts = {part for one in people for part in one}
        words = {part for part in parts if _may_be_a_word(part)}
        self._parts = _any_of(map(_bounded, filter(_is_long, parts - words)), re.IGNORECASE)
        three = {part for part in parts - words if len(part) == 3 and not _is_cjk(part[0])}
        self._written = _any_of(map(_bounded, _written_as_names(three)), 0)
        self._words = _any_of(map(_bounded, _with_capitals(words)), 0)
        self._whole = tuple(pattern for one in people for pattern in _whole(one))

    def find(self, text: str) -> Iterator[Found]:
        """The places of a text, some of them twice."""
        for pattern in (self._anywhere, self._as_written, self._parts, self._written, *self._whole):
            yield from _places(pattern, text)
        for one in _places(self._short_codes, text):
            alone = text[one.start : one.end] == text.strip()
            if alone or _NUMBER_LABEL.search(text[max(0, one.start - 40) : one.start]):
                yield one
        for one in _places(self._words, text):
            if _is_named(text, one):
                yield one


def _places(pattern: "re.Pattern[str] | None", text: str) -> Iterator[Found]:
    if pattern is not None:
        for match in pattern.finditer(text):
            yield Found(*match.span(), "KNOWN", sure=True)


def _is_named(text: str, one: Found) -> bool:
    """Whether a word that is a name too stands where people are named."""
    said = text[one.start : one.end]
    alone = said == text.strip()
    if _is_cjk(said[0]):
        return alone or follows_naming(text, one.start, one.end)
    low = said.lower()
    # `CHEST` is all that many a description says.
    if alone and (low in words_too() or low in family_names() or low in given_names()):
        return True
    after = text[one.end : one.end + 60]
    if NOT_PERSON_AFTER.match(after) or OF_A_THING.match(after):
        return False
    only_eponym = low in eponyms() and low not in common_words() | words_too()
    return only_eponym or announced(text, one.start) or BEFORE_DEGREE.match(after) is not None


def _any_of(patterns: Iterable[str], flags: int) -> "re.Pattern[str] | None":
    kept = sorted({*patterns}, key=lambda pattern: (-len(pattern), pattern))
    return re.compile("|".join(kept), flags) if kept else None


def _bounded(word: str) -> str:
    before = "" if _is_cjk(word[0]) else r"(?<![A-Za-z0-9])"
    after = "" if _is_cjk(word[-1]) else r"(?![A-Za-z0-9])"
    return before + _loose(word) + after


def _loose(word: str) -> str:
    """A value with any white space where it has some, and between Chinese characters, as forms have them."""
    out = ""
    for one, other in pairwise((*word, "")):
        out += r"\s+" if one.isspace() else re.escape(one)
        if one and other and _is_cjk(one) and _is_cjk(other):
            out += _GAP
    return re.sub(r"(?:\\s\+)+", r"\\s+", out)


def _parts(name: str) -> list[str]:
    parts: list[str] = []
    for spelling in name.split("="):
        pieces = [piece for piece in re.split(r"[\^\s,]+", spelling) if piece]
        parts += [piece for piece in pieces if piece.casefold() not in _NO_NAMES]
        if len(pieces) > 1 and all(map(_is_cjk, "".join(pieces))):
            parts.append("".join(pieces))
    return parts


def _whole(parts: list[str]) -> Iterator["re.Pattern[str]"]:
    """Two parts of one name and more beside each other, whatever they mean by themselves."""
    latin = sorted({part for part in parts if not _is_cjk(part[0]) and len(part) > 1})
    if len(latin) > 1:
        worded = all(map(_may_be_a_word, latin))
        forms = _with_capitals(latin) if worded else latin
        some = "|".join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form))))
        pattern = rf"(?<![A-Za-z0-9])(?:{some})(?:{_BETWEEN}(?:{some}))+(?![A-Za-z0-9])"
        yield re.compile(pattern, 0 if worded else re.IGNORECASE)


def _written_as_names(parts: Iterable[str]) -> list[str]:
    return [form for part in parts for form in (part.upper(), part.title())]


def _with_capitals(parts: Iterable[str]) -> list[str]:
    return [
        form
        for part in parts
        for form in ([part] if _is_cjk(part[0]) else [part.upper(), part.title(), part])
        if _is_cjk(form[0]) or form[0].isupper()
    ]


def _may_be_a_word(part: str) -> bool:
    if _is_cjk(part[0]):
        return len(part) > 1 and is_word(part)
    low = part.casefold()
    if len(part) == 2 or low in generic_words() or low in words_too() or low in eponyms():
        return True
    return low in plain_words() or low.removesuffix("s") in plain_words()


def _is_telling(value: str) -> bool:
    return len(value) > 3 or (len(value) > 1 and all(map(_is_cjk, value)))


def _is_short_code(value: str) -> bool:
    """Whether a code is short enough to be a measure, a vertebra or a marker."""
    if not _CODE.fullmatch(value) or len(value) >= _SURELY_A_CODE:
        return False
    digits = sum(map(str.isdigit, value))
    return digits > 0 and (value.isdigit() or digits < 4)


def _is_worded(value: str) -> bool:
    """Whether a value says only what any text may say."""
    if any(map(_is_cjk, value)):
        return _NO_PLACE.fullmatch(value) is not None or (len(value) == 2 and is_word(value))
    if any(map(str.isdigit, value)):
        return False
    words = re.findall(r"[A-Za-z]+", value.lower())
    return all(word in common_words() or word in generic_words() for word in words)


def _is_place(value: str) -> bool:
    return " " in value and not _SIDES & {*value.lower().split()}


def _is_long(part: str) -> bool:
    return len(part) > 3 or (len(part) > 1 and _is_cjk(part[0]))


def _is_cjk(character: str) -> bool:
    return (
        "\u3040" <= character <= "\u30ff"
        or "\u4e00" <= character <= "\u9fff"
        or "\uac00" <= character <= "\ud7a3"
    )
