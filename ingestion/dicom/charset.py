"""Words of DICOM files whose bytes are not in the character set that the file declares, or that keep escapes.

A text that is read in a wrong set cannot be searched for names, and whoever knows the right one reads them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from radcite.ingestion.dicom.attributes import MALFORMED

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

__all__ = ["decode_words"]

_CHARACTER_SET = 0x00080005
_TEXT = frozenset({"LO", "SH", "ST", "LT", "UC", "UT", "PN"})
_FOREIGN = re.compile(rb"[\x80-\xff\x1b]")
_ESCAPE = re.compile(r"\x1b[ -/]*[0-~]")
_ESCAPE_BYTES = re.compile(rb"\x1b\$?[ -/]?[0-~]")
_UTF_8, _CHINESE, _LATIN = "utf-8", "gb18030", "latin-1"
# Sets in which any byte is a letter of Latin script: what is in another one decodes in them without an error.
_LATIN_SETS = frozenset(
    ("iso8859", "latin_1", "latin1", *(f"iso8859_{part}" for part in (1, 2, 3, 4, 9, 15)))
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_OF_EAST_ASIA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_OF_CHINESE_TEXT = re.compile(
    r"[\x00-\x7f\u3400-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u22ff\u2460-\u24ff\u0391-\u03c9\u2103\u33a0-\u33df°±·×÷]*"
)
# Bytes of the commoner half of GB 2312.
_COMMON = (0xB0, 0xD7)
_ACCENTED = re.compile(r"[\xa0-\xff]+")


@dataclass(frozen=True, slots=True)
class _Words:
    holder: "Dataset"
    tag: "BaseTag"
    vr: str
    value: bytes
    declared: tuple[str, ...]


def decode_words(dataset: "Dataset") -> None:
    """Decode in place, as what they are, the texts of a dataset that do not fit its Specific Character Set.

    UTF-8 and GB 18030 are tried; what is neither, nor Latin script, is emptied, for nobody could judge it. Escapes
    of ISO 2022 go. A dataset whose texts all fit is left as it is; another one is UTF-8 from then on.

    Source: DICOM PS3.5 6.1.2, PS3.3 C.12.1.1.2.
    """
    from pydicom.dataelem import DataElement

    words = list(_words(dataset, ()))
    if all(map(_fits, words)):
        return
    read = [_read(one) for one in words]
    chinese = any(encoding == _CHINESE for encoding, _ in read)
    for one, (encoding, said) in zip(words, read, strict=True):
        # `L张` may be two accented letters; not beside texts that are surely Chinese.
        other = _strict(one.value, _CHINESE) if chinese and encoding == _LATIN else None
        shown = other if other is not None and _reads_chinese(other) else said
        one.holder[one.tag] = DataElement(one.tag, one.vr, shown.rstrip(" \0"))
    dataset.SpecificCharacterSet = "ISO_IR 192"


def _words(dataset: "Dataset", inherited: tuple[str, ...]) -> Iterator[_Words]:
    declared = _declared(dataset) or inherited
    for tag in tuple(dataset.keys()):
        stored = dataset.get_item(tag, keep_deferred=True)
        vr, value = _vr(tag, getattr(stored, "VR", None)), getattr(stored, "value", None)
        if vr in _TEXT and isinstance(value, bytes) and _FOREIGN.search(value):
            yield _Words(dataset, tag, vr, value, declared)
        elif vr == "SQ" and not tag.is_private:
            try:
                items = cast("Sequence[Dataset]", dataset[tag].value or ())
                for item in items:
                    yield from _words(item, declared)
                    if _CHARACTER_SET in item:
                        del item[_CHARACTER_SET]
            except MALFORMED:
                continue


def _declared(dataset: "Dataset") -> tuple[str, ...]:
    from pydicom.charset import convert_encodings

    try:
        named = dataset.get("SpecificCharacterSet")
        return tuple(convert_encodings(named)) if named else ()
    except MALFORMED:
        return ()


def _vr(tag: "BaseTag", stored: str | None) -> str:
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    if stored not in {None, "UN"} or tag.is_private or not dictionary_has_tag(tag):
        return stored or "UN"
    return dictionary_VR(tag).split(" or ")[0]


def _fits(words: _Words) -> bool:
    """Whether a value is what its set says: in doubt not."""
    if b"\x1b" in words.value or not words.declared:
        return False
    said = _strict(words.value, words.declared[0])
    if said is None:
        return False
    if _is_latin(words):
        return _looks_latin(words.value)
    return _same_set(words.declared[0], _UTF_8) or not _is_utf_8_of_east_asia(words.value)


def _read(words: _Words) -> tuple[str, str]:
    """The set that a value is in, and the value; ("", "") for what nothing fits."""
    if b"\x1b" in words.value:
        return "iso2022", _without_escapes(words)
    utf_8 = _strict(words.value, _UTF_8)
    if utf_8 is not None and (_is_latin(words) or _is_utf_8_of_east_asia(words.value)):
        return _UTF_8, utf_8
    if words.declared and not _is_latin(words):
        said = _strict(words.value, words.declared[0])
        if said is not None:
            return words.declared[0], said
    chinese = _strict(words.value, _CHINESE)
    latin = _looks_latin(words.value)
    if chinese is not None and not latin and _reads_chinese(chinese):
        return _CHINESE, chinese
    big_5 = _strict(words.value, "big5")
    if big_5 is not None and not latin and _OF_CHINESE_TEXT.fullmatch(big_5):
        return "big5", big_5
    return (_LATIN, words.value.decode(_LATIN)) if latin else ("", "")


def _without_escapes(words: _Words) -> str:
    from pydicom.charset import CODES_TO_ENCODINGS, decode_bytes

    used = {match[0] for match in _ESCAPE_BYTES.finditer(words.value)}
    switched = [CODES_TO_ENCODINGS[one] for one in used if one in CODES_TO_ENCODINGS]
    encodings = [*(words.declared or ("iso8859",)), *switched]
    delimiters = {"^", "="} if words.vr == "PN" else {"\r", "\n", "\t", "\f", "\\"}
    said = decode_bytes(words.value, encodings, {ord(one) for one in delimiters})
    return _ESCAPE.sub("", said)


def _is_latin(words: _Words) -> bool:
    return not words.declared or words.declared[0].lower().replace("-", "_") in _LATIN_SETS


def _same_set(one: str, other: str) -> bool:
    return one.lower().replace("-", "").replace("_", "") == other.replace("-", "")


def _strict(value: bytes, encoding: str) -> str | None:
    try:
        return value.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _is_utf_8_of_east_asia(value: bytes) -> bool:
    said = _strict(value, _UTF_8)
    return said is not None and _OF_EAST_ASIA.search(said) is not None and _looks_written(said)


def _looks_written(said: str) -> bool:
    """Whether a text of East Asian letters holds nothing else than these, Latin letters and signs."""
    return _OF_CHINESE_TEXT.fullmatch(_OF_EAST_ASIA.sub("", said)) is not None


def _looks_latin(value: bytes) -> bool:
    """Whether bytes read as words with single accented letters: no row of them, no control characters."""
    said = value.decode(_LATIN)
    if re.search(r"[\x80-\x9f]", said) or _is_multibyte_utf_8(value):
        return False
    for match in _ACCENTED.finditer(said):
        around = (
            said[max(0, match.start() - 1) : match.start()] + said[match.end() : match.end() + 1]
        )
        if len(match[0]) > 2 or (len(match[0]) == 2 and not re.search("[A-Za-z]", around)):
            return False
    return True


def _is_multibyte_utf_8(value: bytes) -> bool:
    said = _strict(value, _UTF_8)
    return said is not None and len(said) < len(value)


def _reads_chinese(said: str) -> bool:
    """Whether a text decoded as GB 18030 is one: Chinese throughout, and mostly of the commoner characters."""
    han = _HAN.findall(said)
    if not han or _OF_CHINESE_TEXT.fullmatch(said) is None:
        return False
    return sum(_COMMON[0] <= one.encode(_CHINESE)[0] <= _COMMON[1] for one in han) * 2 >= len(han)
