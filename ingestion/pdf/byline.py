"""Who wrote an article: from the file's metadata, or from the lines below its title."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from radcite.core.naming.lexicon import zh_surnames
from radcite.core.normalization import is_cjk, normalize
from radcite.ingestion.articles.article_words import letters_of
from radcite.ingestion.pdf.text import Line, PageLines

__all__ = ["authors_of"]

_MARKS = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻*∗†‡§¶#✉\d]+|\bORCID\b|(?<=[a-z])ID(?=\W|$)")
_PARTED = re.compile(r"[,;·•，；、|]|\band\b|&|\n| 与 ")
_DEGREE = re.compile(
    r"(?:MD|PhD|Ph\.D\.?|M\.D\.?|MB|MM|MSc|BSc|MS|BS|MPH|MBBS|MRCP|FRCR|FRCS|FRCP|DPhil|Dr|Prof|DDS|RN|MA|BA|MBA|MMed|PharmD"
    r"|Jr|Sr|II|III|[a-z])[a-z∗*]?\.?",
)
_PARTICLES = "de da di del der den van von la le al bin el dos ter ten zu"
_PARTICLE = frozenset(_PARTICLES.split())
_NAME_PART = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.\-‐‑])*\.?")
_STOPS = re.compile(
    r"\W*(?:abstract|summary|background|objectives?|purpose|introduction|keywords?|received|published|correspond|e-?mail"
    r"|摘\s*要|目的|关键词|通[信讯]作者|\(c\)|©|https?:|doi\b)|.*@|.*\b(?:department|university|hospital|institute|division"
    r"|school|faculty|college|laborator)|.*(?:大学|医院|研究所|学院)",
    re.IGNORECASE,
)
_MOST_LINES = 14
_FEWEST_WORDS, _LONGEST_NAME = 2, 4
_MOST_PASSED = 1
_SHARE = 0.6
_SAME_SIZE = 0.6


def authors_of(stated: str, title: str, pages: Sequence[PageLines]) -> tuple[str, ...]:
    """Names in order: those printed below the title, or those in the metadata where they are more."""
    named = tuple(_names(stated, from_metadata=True))
    printed = tuple(_printed(title, pages[0].lines)) if pages else ()
    return printed if len(printed) > len(named) else named


def _printed(title: str, lines: Sequence[Line]) -> list[str]:
    """The names in the lines that follow the title's on the first page."""
    whole = letters_of(title)
    runs = [
        list(run)
        for is_title, run in groupby(
            range(len(lines)), key=lambda place: _is_of_title(lines[place], whole)
        )
        if is_title
    ]
    if not runs:
        return []
    after = max(runs, key=lambda run: sum(len(lines[place].text) for place in run))[-1] + 1
    byline: list[Line] = []
    passed = 0
    for line in lines[after : after + _MOST_LINES]:
        if _STOPS.match(line.text):
            break
        if len(line.text) > 1 and not _is_sentence(line.text):
            byline.append(line)
        elif passed == _MOST_PASSED:
            break
        else:
            passed += 1
    # A subtitle may stand between, and a heading follow: the names begin with the first line that holds one.
    first = next((place for place, line in enumerate(byline) if _named([line])), len(byline))
    found = [_named(byline[first:last]) for last in range(first + 1, len(byline) + 1)]
    return max(found, key=len) if found else []


def _named(lines: Sequence[Line]) -> list[str]:
    """The names in lines of one size; none where most of them are something else."""
    size = lines[0].size
    alike = takewhile(lambda line: abs(line.size - size) <= _SAME_SIZE, lines)
    text = " ".join(line.text for line in alike)
    pieces = [piece.strip() for piece in _PARTED.split(_MARKS.sub(",", text))]
    names = list(_names(text))
    others = sum(bool(piece) and not _DEGREE.fullmatch(piece) for piece in pieces)
    # A single name without a mark or a degree may be any three words with capitals.
    marked = len(names) > 1 or others < len(pieces)
    return names if marked and len(names) >= _SHARE * others else []


def _is_of_title(line: Line, whole: str) -> bool:
    letters = letters_of(line.text)
    return bool(letters) and letters in whole and (len(letters) >= 8 or letters == whole)


def _is_sentence(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text)
    small = sum(word.islower() and word not in _PARTICLE and word != "and" for word in words)
    return small > 0.4 * len(words) and len(words) > 4


def _names(text: str, *, from_metadata: bool = False) -> Iterator[str]:
    for piece in _PARTED.split(_MARKS.sub(" " if from_metadata else ",", text)):
        if chinese := _chinese_names(piece.split()):
            yield from chinese
            continue
        name = normalize(piece).text.strip(" .")
        if (from_metadata and name and not _DEGREE.fullmatch(name)) or (
            not from_metadata and _is_name(name)
        ):
            yield name


def _chinese_names(words: Sequence[str]) -> list[str]:
    """The names in words parted by blanks, each with a surname; a blank may stand within a name of two characters."""
    if len(words) < _FEWEST_WORDS or not all(map(is_cjk, "".join(words))):
        return []
    surnames = zh_surnames()
    names: list[str] = []
    for word in words:
        if names and len(names[-1]) == 1:
            names[-1] += word
        else:
            names.append(word)
    named = all(
        2 <= len(name) <= _LONGEST_NAME and (name[:1] in surnames or name[:2] in surnames)
        for name in names
    )
    return names if named else []


def _is_name(name: str) -> bool:
    if name and all(map(is_cjk, name)):
        return 2 <= len(name) <= 4
    parts = name.split()
    if not 2 <= len(parts) <= 6 or _DEGREE.fullmatch(name):
        return False
    return all(
        _NAME_PART.fullmatch(part) and (part[0].isupper() or part.lower() in _PARTICLE)
        for part in parts
    )
