"""Names in notes that are typed without capitals."""

import re
from collections.abc import Iterator

from radcite.core.naming.english_cues import SMALL
from radcite.core.naming.found import Found
from radcite.core.naming.lexicon import (
    common_words,
    eponyms,
    family_names,
    given_names,
    particles,
    words_too,
)
from radcite.core.naming.shape import is_strange

__all__ = ["small_names"]

_WORDS = rf"(?P<name>(?:[{SMALL}]\.? )?[{SMALL}][{SMALL}'’-]+(?: [{SMALL}][{SMALL}'’-]*){{0,3}})"
_TITLED = re.compile(rf"\b(?:mr|mrs|ms|miss|mx|dr|prof|sister|nurse|matron)\.? {_WORDS}")
_KIN = re.compile(
    r"\b(?:wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|partner|niece|nephew|aunt|uncle|"
    rf"cousin|friend|neighbou?r|carer)(?:[ -]in[ -]law)?,? \(?{_WORDS}"
)
_CUED = re.compile(
    r"\b(?:pts?|patient|msg|message|from|to|by|with|w|re|called|rang|told|ring|phone|ask|asked|for|saw|named|"
    rf"name|hi|dear|thanks|d/w|cc|attn)[:,/]? (?:old |baby |young |little )?(?={_WORDS})"
)
_START = re.compile(rf"(?:^|[.!?:\n] ?){_WORDS}")
_ACTS = re.compile(
    r" (?:says?|said|still|is|was|has|had|rang|called|came|reports|denies|wants|phoned|asked|in bed|bed|dob|d\.o\.b|"
    r"\d{1,3} ?(?:y|f|m)\b)"
)


def small_names(text: str) -> Iterator[Found]:
    """Names after a relation, a title or a word such as `with`, and at the start of a line."""
    for pattern in (_TITLED, _KIN, _CUED, _START):
        for match in pattern.finditer(text):
            words = _leading(match["name"], titled=pattern is _TITLED)
            if not words:
                continue
            start = match.start("name")
            end = start + len(" ".join(words))
            listed = any(map(_listed, words))
            if pattern in {_TITLED, _KIN}:
                acts = _ACTS.match(text, end) is not None
                sure = pattern is _TITLED or listed or acts or len(words) > 1
            elif pattern is _CUED:
                sure = listed or len(words) > 1
            elif not listed and len(words) < 2:
                continue
            else:
                sure = listed and (len(words) > 1 or _ACTS.match(text, end) is not None)
            yield Found(start, end, "NAME", sure=sure)


def _leading(said: str, *, titled: bool) -> list[str]:
    """The words at the beginning that may be parts of a name."""
    kept: list[str] = []
    for word in said.split():
        # `j. okafor`: an initial leads.
        if not kept and re.fullmatch(r"\w\.", word):
            kept.append(word)
            continue
        if not (
            _listed(word)
            or is_strange(word)
            or word in particles()
            or (titled and word in words_too())
        ):
            break
        kept.append(word)
    while kept and kept[-1] in particles():
        kept.pop()
    return [] if all(word in particles() or len(word) < 3 for word in kept) else kept[:3]


def _listed(word: str) -> bool:
    if word in words_too() or word in eponyms():
        return False
    return word in given_names() or (word in family_names() and word not in common_words())
