"""Names in texts in Latin letters, by lists of names, words that announce or follow one, and words of medicine."""

import re
from collections.abc import Iterator, Sequence

from radcite.core.naming.english_cues import (
    BEFORE_DEGREE,
    BY,
    DEGREE,
    FAMILY_ENDING,
    HEADS,
    KIN,
    LABEL,
    LARGE,
    NOT_PERSON_AFTER,
    NUMBERED,
    OF_A_THING,
    OF_AGE,
    PERSON_AFTER,
    PINYIN,
    PLACE_AFTER,
    SIGNED,
    SMALL,
    TAKEN,
    THOUGHT,
    TITLE,
    TOWARDS,
)
from radcite.core.naming.found import Found
from radcite.core.naming.labelled import labelled_names
from radcite.core.naming.lexicon import (
    common_words,
    eponyms,
    family_names,
    generic_words,
    given_names,
    particles,
    words_too,
)
from radcite.core.naming.shape import is_strange
from radcite.core.naming.small import small_names
from radcite.core.naming.tokens import Token, tokens_of

__all__ = ["announced", "english_names"]

_SURE, _DOUBT = 2.5, 2.0


def english_names(text: str) -> Iterator[Found]:
    """The names in a text, in order; what is more likely a disease, a drug or a device is passed over."""
    parts = [part for run in _runs(text) for part in _split_at_words(text, run)]
    weights = [_weight(text, part) for part in parts]
    for number, part in enumerate(parts):
        weight = weights[number] + _of_a_list(text, parts, weights, number)
        if weight >= _DOUBT:
            yield Found(part[0].start, part[-1].end, "NAME", sure=weight >= _SURE)
    for match in SIGNED.finditer(text):
        yield Found(*match.span("name"), "NAME", sure=True)
    for match in PINYIN.finditer(text):
        first, second = match[0].lower().split()
        # `Long Bone`, `Fan Line`: syllables of Chinese, and words.
        if not (first in common_words() and second in common_words() and len(second) > 2):
            yield Found(*match.span(), "NAME", sure=True)
    yield from small_names(text)
    yield from labelled_names(text)


def announced(text: str, start: int) -> bool:
    """Whether a title, a label, a relation or a verb announces a person at a place of a text."""
    return _cue(text, start) >= _DOUBT


def _of_a_list(
    text: str, parts: Sequence[list[Token]], weights: Sequence[float], number: int
) -> float:
    """What it adds that a neighbour in an enumeration is a name."""
    for other, (one, two) in (
        (number - 1, (number - 1, number)),
        (number + 1, (number, number + 1)),
    ):
        if 0 <= other < len(parts) and weights[other] >= _SURE:
            between = text[parts[one][-1].end : parts[two][0].start]
            if re.fullmatch(r",? (?:and |& )?|[ ]?/[ ]?|, ", between) and between.strip():
                return 1.5
    return 0.0


def _runs(text: str) -> Iterator[list[Token]]:
    """Words written as names are, next to each other."""
    run: list[Token] = []
    for token in tokens_of(text):
        if run and not _joined(text, run[-1], token):
            yield _without_loose_particles(run)
            run = []
        if _written_large(token) or (run and token.low in particles()):
            run.append(token)
        elif run:
            yield _without_loose_particles(run)
            run = []
        elif (
            token.low in particles()
            and token.low not in {"do", "e", "y", "la", "el", "le"}
            and _large_after(text, token.end)
        ):
            run.append(token)
    if run:
        yield _without_loose_particles(run)


def _large_after(text: str, at: int) -> bool:
    small = "|".join(sorted(particles()))
    return re.match(rf"(?:[ ](?:{small})\b)*[ ][{LARGE}][{SMALL}]+", text[at : at + 30]) is not None


def _written_large(token: Token) -> bool:
    if re.fullmatch(rf"(?:[{LARGE}]\.[ ]?)+|[B-HJ-Z]", token.text):
        return True
    if len(token.text) == 1 or DEGREE.fullmatch(token.text):
        return False
    if token.text.isupper():
        return len(token.text) > 1
    if re.search(rf"[{SMALL}][{LARGE}]{{2}}", token.text):
        return False
    parts = re.split(r"['’-]", token.text)
    large = sum(part[:1].isupper() for part in parts if part)
    return token.text[0].isupper() and (
        large == len([p for p in parts if p]) or token.low in given_names() or len(parts) == 2
    )


def _joined(text: str, one: Token, other: Token) -> bool:
    between = text[one.end : other.start]
    if other.text in {"F", "M"} and re.match(r"[ ,]{0,2}\d", text[other.end : other.end + 3]):
        return False
    if between == "\n":
        shouted = one.text.isupper() and other.text.isupper() and not _is_word(one)
        if _in_lists(one) and not (_is_word(one) or _is_word(other)) and not other.text.isupper():
            return _in_lists(other) or _strange(other)
        return shouted and (other.low in particles() or not _is_word(other)) and _in_lists(one)
    if between == ", ":
        return not _is_word(one) and (
            other.low in given_names() | family_names()
            or (one.text.isupper() and other.text.isupper() and not _is_word(other))
            or (
                not _is_word(other) and NUMBERED.match(text[other.end : other.end + 30]) is not None
            )
        )
    return between in {" ", "\u00a0", "", ". "} and not (between == ". " and len(one.text) > 1)


def _without_loose_particles(run: list[Token]) -> list[Token]:
    while run and run[-1].low in particles() and not run[-1].text[0].isupper():
        run = run[:-1]
    return run


def _is_initials(token: Token) -> bool:
    return re.fullmatch(rf"(?:[{LARGE}]\.?[ ]?){{1,3}}", token.text) is not None and (
        len(token.text) == 1 or "." in token.text
    )


def _is_word(token: Token) -> bool:
    """Whether a word is one of medicine, of a place or of every day, and no person's name."""
    low = token.low
    if low in generic_words() or low.startswith("x-"):
        return True
    if low in given_names() or low in family_names():
        return low in words_too()
    if low in common_words():
        return True
    parts = [part for part in re.split(r"[-'’]", low) if part]
    return len(parts) > 1 and all(
        part in common_words() or part in generic_words() for part in parts
    )


def _in_lists(token: Token) -> bool:
    low = token.low
    parts = [part for part in (low, *low.split("-")) if len(part) > 1]
    listed = any(part in given_names() or part in family_names() for part in parts)
    return listed or (FAMILY_ENDING.search(low) is not None and low not in common_words())


def _split_at_words(text: str, run: Sequence[Token]) -> Iterator[list[Token]]:
    """The stretches of a run without words; one that is a name too stays next to a name or after a cue."""
    part: list[Token] = []
    for number, token in enumerate(run):
        small = token.low in particles() and not token.text[0].isupper()
        # `De Luca`: a particle written large leads a name.
        small |= token.low in particles() and not part and _in_lists_or_strange(run, number + 1)
        if small or not _is_word(token) or _named(text, run, number, part):
            part.append(token)
            continue
        if part:
            yield _trimmed(part)
        part = []
    if part:
        yield _trimmed(part)


def _in_lists_or_strange(run: Sequence[Token], number: int) -> bool:
    return number < len(run) and (_in_lists(run[number]) or _strange(run[number]))


def _named(text: str, run: Sequence[Token], number: int, part: Sequence[Token]) -> bool:
    """Whether a word stands where it is a person's name."""
    token = run[number]
    if part and token.low in particles():
        return True
    # `Vasquez de la Torre`: what follows a particle within a name belongs to it.
    if part and part[-1].low in particles() and any(map(_in_lists, part)):
        return token.text[0].isupper() and not part[-1].text[0].isupper()
    given = token.low in given_names()
    if not (given or token.low in family_names()):
        return False
    follows = number + 1 < len(run) and not _is_word(run[number + 1])
    near = any(map(_in_lists, part)) or (follows and (given or _in_lists(run[number + 1])))
    acts = PERSON_AFTER.match(text[token.end : token.end + 40]) is not None
    return near or acts or _cue(text, token.start) > 1


def _trimmed(part: list[Token]) -> list[Token]:
    return _without_loose_particles(part) or part


def _weight(text: str, part: Sequence[Token]) -> float:
    before, after = (
        text[max(0, part[0].start - 60) : part[0].start],
        text[part[-1].end : part[-1].end + 60],
    )
    cue = _cue_of(before)
    weight = _by_lists(part) + cue
    # The last word of a note, after a sentence, signs it.
    weight += not after.strip() and re.search(r"[.!?)][ \n]+(?:- ?)?$", before) is not None
    if BEFORE_DEGREE.match(after):
        weight += 3
    if TAKEN.search(before) and not any(map(_in_lists, part)):
        weight -= 1.5
    if THOUGHT.search(before) and cue < 2:
        weight -= 3.0 * any(map(_is_eponym, part)) or 2.0 * (
            len(part) == 1 and not _in_lists(part[0])
        )
    # A line of a list: a name, a dash or a number, what is to be done.
    weight += (1.0 if any(map(_in_lists, part)) else 0.5) * (
        HEADS.match(after) is not None and re.search(r"(?:^|[.;:\n])[ ]?$", before) is not None
    )
    weight += NUMBERED.match(after) is not None and not weight >= _SURE
    acts = PERSON_AFTER.match(after) is not None
    weight += 2 * acts
    if NOT_PERSON_AFTER.match(after) and not acts and cue < 4:
        weight -= 4
    if PLACE_AFTER.match(after) or OF_A_THING.match(after):
        weight -= 4
    if all(map(_is_eponym, part)) and cue < 3 and not acts:
        weight -= 3
    return weight + (OF_AGE.match(after) is not None)


def _is_eponym(token: Token) -> bool:
    return token.low in eponyms() or all(part in eponyms() for part in token.low.split("-"))


def _by_lists(part: Sequence[Token]) -> float:
    """How much the words by themselves look like a name."""
    full = [token for token in part if not _is_initials(token) and token.low not in particles()]
    if not full:
        return -1.0 if len(part[0].text) > 1 and "." in part[0].text else -3.0
    shouted = all(token.text.isupper() for token in full)
    known = sum(_in_lists(token) for token in full)
    if len(full) == 1 and len(part) == 1:
        if shouted:
            return 0.5 if known else (0.0 if len(full[0].text) > 4 else -1.5)
        low = full[0].low
        given = 2.0 if low in given_names() else 1.5 if known or _strange(full[0]) else 0.5
        return given - (1.5 if low in words_too() else 0)
    if len(full) == 1:
        initials = any(_is_initials(token) for token in part)
        if not (initials and part[0] != full[0]):
            return 2.0 if known else 1.0
        return 3.0 if known else 2.5 if _strange(full[0]) else 2.2
    if shouted and not known:
        strange = all(is_strange(token.low) for token in full)
        comma = part[1].start - part[0].end > 1
        strange |= (
            comma
            and all(re.search("[AEIOUY]", token.text) for token in full)
            and any(is_strange(token.low) for token in full)
        )
        # `XXXX, XXXX` stands for what was taken out already.
        if comma and not strange and all(re.search("[AEIOUY]", token.text) for token in full):
            return 2.0 if min(len(token.text) for token in full) > 3 else 1.5
        return (
            # Without a comma words in capitals are labels as well: `BOWTIE FIL`, `RITMO SINUSALE`.
            1.0 + 1.5 * comma
            if strange
            else 0.5
            if min(len(token.text) for token in full) > 3
            else -1.0
        )
    strange = sum(map(_strange, full))
    return 2.0 + min(known + (strange > 1), 2)


def _strange(token: Token) -> bool:
    mixed = re.search(rf"^(?!Mc|Mac|De|Di|La|Le|Van|Fitz|Al|O['’]).*[{SMALL}][{LARGE}]", token.text)
    return (
        not token.text.isupper() and mixed is None and len(token.low) > 3 and is_strange(token.low)
    )


def _cue(text: str, start: int) -> float:
    return _cue_of(text[max(0, start - 60) : start])


def _cue_of(before: str) -> float:
    if TITLE.search(before):
        return 5.0
    label = LABEL.search(before)
    if label:
        return 3.0 if label["x"] is not None else 2.0
    if KIN.search(before):
        return 3.0
    if BY.search(before):
        return 2.0
    if re.search(r"(?:[.!?\n]|^)[ \t]*(?:-|–)?[ \t]*$", before):
        return 0.0
    return 1.0 if TOWARDS.search(before) else 0.5
