"""What a statement says of its matter: that it is there, that it is not, or that this is open."""

import re

from radcite.core.claims import Certainty
from radcite.core.grounding.reading import Reading, read
from radcite.core.language import detect_language
from radcite.core.normalization import normalize
from radcite.core.sentences import split_sentences

__all__ = ["certainty_of"]

_REPORTED = re.compile(r"“(.+)”[.。]?$", re.DOTALL)
_OPEN = ("possible", "probable", "unlikely", "unknown", "aim")
_RULED_OUT = re.compile(r"rule[sd]? out|排除|除外")
# A rule that forbids or spares says of nothing that it is absent.
_RULE = re.compile(
    r"\b(?:must|should|need(?:ed|s)?|required?|necessary|recommended|advised|indicated|eligible|allowed)\b"
    r"|禁|不应|不宜|不得|不可|不必|无需|无须|不需|不用|不做|避免|不建议|不推荐",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"^(?:在|当|若|如果?|对于?|与)|(?:CT|MRI?|MRA|CTA|PET|超声|检查|扫描|平扫|增强|造影|X线|胸片|平片|片|时|后|前|中|者)$",
    re.IGNORECASE,
)
_ASIDE = frozenset(("without", "with", "except", "apart", "other", "lacking", "exclusion"))
_ENGLISH_SETTING = frozenset(
    (
        "if",
        "when",
        "although",
        "though",
        "because",
        "since",
        "after",
        "in",
        "on",
        "at",
        "during",
        "for",
        "compared",
    )
)


def certainty_of(text: str) -> Certainty:
    """`uncertain` where a hedge or an open question stands, `absent` where all that is said is denied, else `present`.

    Of the fixed wording around a case's report only the reported words count; what opens a sentence by saying when or
    on what picture says nothing of it. A rule that something need not or must not be done is `present`.
    """
    plain = normalize(text).text
    reported = _REPORTED.search(plain)
    told = reported[1] if reported else plain
    sentences = [told[start:end] for start, end in split_sentences(told)] or [told]
    readings = [read(sentence, detect_language(sentence)) for sentence in sentences]
    if any(_is_open(reading) for reading in readings):
        return "uncertain"
    return "absent" if all(_is_denied(reading) for reading in readings) else "present"


def _is_open(reading: Reading) -> bool:
    return reading.has(*_OPEN) and not _rules_out(reading)


def _rules_out(reading: Reading) -> bool:
    """Whether a disease is told to be ruled out, without a doubt beside it."""
    certain = any(
        _RULED_OUT.search(_words(reading, c.first, c.end)) for c in reading.cues_of("certain")
    )
    return certain and not reading.has("possible", "unknown")


def _is_denied(reading: Reading) -> bool:
    if _rules_out(reading):
        return True
    if _RULE.search(reading.text) is not None:
        return False
    denied = {
        reading.clause[negation.at]
        for negation in reading.negations
        if not negation.adjective and not _in_passing(reading, negation.at)
    }
    parts = {
        reading.clause[p]
        for p in range(len(reading.words))
        if p not in reading.function and not _sets_scene(reading, reading.clause[p])
    }
    return bool(denied) and parts <= denied


def _in_passing(reading: Reading, place: int) -> bool:
    """`patients without …`, `apart from …`: a denial that only says of whom or of what else."""
    return place in reading.opening or reading.words[place].text.lower() in _ASIDE


def _sets_scene(reading: Reading, clause: int) -> bool:
    places = reading.clause_words(clause)
    said = _words(reading, places[0], places[-1] + 1).strip(" ，,。.；;：:")
    if reading.language == "zh":
        return _SETTING.search(said) is not None
    return said.split(" ")[0].lower() in _ENGLISH_SETTING and max(places) + 1 < len(reading.words)


def _words(reading: Reading, first: int, end: int) -> str:
    return reading.text[reading.words[first].start : reading.words[end - 1].end]
