"""Names in Latin letters that are the value of a label or stand after a title, whatever else they may mean."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from radcite.core.naming.english_cues import DEGREE, LARGE, LETTER, PINYIN
from radcite.core.naming.found import Found
from radcite.core.naming.lexicon import (
    common_words,
    family_names,
    generic_words,
    given_names,
    particles,
    plain_words,
    words_too,
)
from radcite.core.naming.shape import is_strange

__all__ = ["labelled_names"]

_ROLE = (
    r"physicians?|doctors?|dr|md|provider|clinician|radiologists?|surgeons?|consultant|assistants?|technologist|"
    r"technician|radiographer|sonographer|operator|resident|fellow|registrar|nurse|pathologist|cardiologist|"
    r"oncologist|neurologist|an[a]?esthetist|anesthesiologist|attending|gp|pcp|midwife|pharmacist|therapist|scribe"
)
_DONE = (
    r"signed|dictated|transcribed|typed|reported|read|interpreted|reviewed|verified|approved|authenticated|"
    r"performed|requested|ordered|referred|prepared|supervised|completed|entered|witnessed|checked|seen|"
    r"electronically signed|e-signed|finalized|finalised"
)
_LABEL = re.compile(
    r"(?<![A-Za-z0-9-])(?i:"
    r"(?:(?:patient|pt|full|legal|last|first|given|family|middle|maiden|mother|father)(?:['’]?s)?[ ]+)?"
    r"(?:sur|fore)?name(?: of (?:the )?patient)?"
    r"|patient|pts?|mother|father|husband|wife|spouse|guardian|next of kin|nok|emergency contact|contact(?: person)?"
    rf"|(?:[a-z]+[ ]+){{0,2}}(?:{_ROLE})|(?:{_DONE})(?:[ ]+(?:electronically|digitally))?(?:[ ]+by)?"
    r"|referring|requesting|ordering|witness|author|attn|attention|cc|report(?:ed)? to)"
    r"(?:[ ]?\(s\))?\.?[ \t]*[:：][ \t]*"
)
_TITLE = re.compile(
    r"(?<![A-Za-z0-9-])(?:(?i:mr|mrs|ms|miss|mx|dr|drs|prof|professor|doctor)(?:\.[ \u00a0]?|[ \u00a0])|Pt\.[ ])"
    r"(?=[A-Za-z])"
)
_SMALL_TITLE = re.compile(
    r"(?<![A-Za-z0-9-])(?:mr|mrs|ms|miss|dr|prof)\.?[ ]?(?P<name>[a-z][a-z'’-]+)"
)
_TOKEN = re.compile(rf"(?:[{LARGE}]\.[ ]?)+|[{LETTER}][{LETTER}'’-]*(?![{LETTER}0-9+²³])\.?")
_GAP = re.compile(r"[ \t\u00a0]*,[ \t]*|[ \t\u00a0]+|")
_LABEL_NEXT = re.compile(r"(?:[ ][A-Za-z]+)?[ \t]*[:：]")
# Where a field ends: its line, another field, a degree, an age or sex.
_END = re.compile(
    rf"[ \t]*(?:$|\n|[;/(|\[]|[.](?=\s|$)|,?[ \t]*(?:{DEGREE.pattern}|M\.D\.|D\.O\.|RT|ARRT|RDMS|PA)\b"
    r"|,[ \t]*(?i:male|female|[mf]\b|\d)|(?:[ \t]{2}|\t|[ ])[A-Za-z]+(?: [A-Za-z]+)?[ \t]*[:：]|[ \t]{2,}|\t)"
)
_SEX = re.compile(r"(?i:male|female|man|woman|boy|girl)\b|[MFmf]\b[ ,]{1,2}\d")
_MOST = 4


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    gap: str

    @property
    def low(self) -> str:
        return self.text.lower().replace("’", "'").rstrip(". ")

    @property
    def is_initial(self) -> bool:
        return re.fullmatch(rf"(?:[{LARGE}]\.?[ ]?){{1,3}}", self.text) is not None and (
            "." in self.text or len(self.text) == 1
        )


def labelled_names(text: str) -> Iterator[Found]:
    """The names that a label or a title announces."""
    for match in _LABEL.finditer(text):
        yield from _found(_field(text, match.end()))
    for match in _TITLE.finditer(text):
        tokens = _after_title(text, match.end())
        # `MR Image`, `DR Chest`, `MS Plaques`: in capitals a title is an abbreviation as well.
        if tokens and (not match[0][:2].isupper() or _is_listed(tokens[0].low)):
            yield from _found(tokens)
    for match in _SMALL_TITLE.finditer(text):
        if match["name"] in family_names() and match["name"] not in generic_words():
            yield Found(*match.span("name"), "NAME", sure=True)


def _found(tokens: list[_Token]) -> Iterator[Found]:
    if tokens:
        last = tokens[-1]
        said = last.text.rstrip(" ") if last.is_initial else last.text.rstrip(". ")
        said = re.sub(r"['’][sS]$", "", said)
        yield Found(tokens[0].start, last.start + len(said), "NAME", sure=True)


def _tokens(text: str, at: int) -> Iterator[_Token]:
    """Words one after the other on a line, up to the next label."""
    gap = ""
    for _ in range(_MOST + 1):
        match = _TOKEN.match(text, at)
        if match is None or _LABEL_NEXT.match(text, match.end()):
            return
        yield _Token(*match.span(), match[0], gap)
        between = _GAP.match(text, match.end())
        if between is None or (not between[0] and not match[0].endswith((".", ". "))):
            return
        gap, at = between[0], between.end()


def _field(text: str, at: int) -> list[_Token]:
    """The words of a field if they are somebody's name: one of them is a name, none a heading."""
    if _TITLE.match(text, at):
        return []
    kept = list(_of_field(text, at))
    if any(token.text[0].islower() and token.low not in particles() for token in kept):
        return _small_field(text, kept[: _MOST - 1])
    # What goes on is a sentence: only what is a name stays.
    while kept and not (_END.match(text, kept[-1].end) or _is_part(kept[-1])):
        kept.pop()
    named = [token for token in kept if not token.is_initial]
    alone = len(kept) == 1 and named and named[0].low in common_words() | words_too()
    told = any(_is_name(token.low) for token in named) or (
        len(named) > 1 and any(token.low not in plain_words() for token in named)
    )
    return kept[:_MOST] if told and not alone else []


def _of_field(text: str, at: int) -> Iterator[_Token]:
    large = False
    for number, token in enumerate(_tokens(text, at)):
        if DEGREE.fullmatch(token.text) or token.low in generic_words() - words_too():
            return
        # After a wide gap, or a comma, another field may begin.
        wide = number and len(token.gap.replace(",", "")) > 1
        if (wide and not _is_part(token)) or (number and _SEX.match(text, token.start)):
            return
        # A sentence begins, or goes on.
        if number and token.text[0].islower() and token.low not in particles() and large:
            return
        yield token
        large = token.text[0].isupper()
        if token.text.endswith(".") and not token.is_initial:
            return


def _small_field(text: str, tokens: list[_Token]) -> list[_Token]:
    """A name without capitals, which has to fill its field."""
    while tokens and not _END.match(text, tokens[-1].end):
        tokens = tokens[:-1]
    if len(tokens) < 2 or tokens[0].text[0].isupper():
        return []
    said = " ".join(token.low for token in tokens)
    if PINYIN.fullmatch(said.title()) or all(_is_listed(token.low) for token in tokens):
        return tokens
    plain = any(token.low in common_words() and not _is_listed(token.low) for token in tokens)
    return [] if plain or not any(_is_listed(token.low) for token in tokens) else tokens


def _after_title(text: str, at: int) -> list[_Token]:
    kept: list[_Token] = []
    for token in _tokens(text, at):
        if not (token.text[0].isupper() or token.low in particles()) or token.gap.strip():
            break
        if DEGREE.fullmatch(token.text) or token.low in generic_words() - words_too():
            break
        if len(token.gap) > 1 or (kept and not _continues(kept[-1], token)):
            break
        kept.append(token)
    while kept and kept[-1].low in particles():
        kept.pop()
    if not kept or all(token.is_initial for token in kept):
        return []
    # `Dr Who`, and a sentence: one word of two letters or in capitals throughout may be anything.
    return kept[:_MOST] if len(kept) > 1 or len(kept[0].low) > 2 else []


def _continues(before: _Token, token: _Token) -> bool:
    if token.is_initial or before.low in particles() or token.low in particles():
        return True
    if _is_name(token.low) and token.low not in common_words():
        return True
    # `Jonathan Q. Public`, `Lance Bone`
    return before.is_initial or before.low in given_names()


def _is_part(token: _Token) -> bool:
    return token.is_initial or _is_name(token.low)


def _is_listed(low: str) -> bool:
    return low in given_names() or low in family_names()


def _is_name(low: str) -> bool:
    return (
        _is_listed(low)
        or low in words_too()
        or (low not in common_words() and is_strange(low))
        or any(_is_listed(part) for part in re.split(r"['’-]", low) if len(part) > 2)
    )
