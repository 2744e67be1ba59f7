"""A DICOM dataset without what identifies a person: every attribute judged, nested ones too.

Source: DICOM PS3.15 Annex E.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from radcite.core.identifiers import Redactor
from radcite.ingestion.deid.deny_list import DenyList, deny_list
from radcite.ingestion.deid.keys import Gate, Identity
from radcite.ingestion.deid.profile import Profile, load_profile
from radcite.ingestion.deid.values import (
    CHECKED,
    TEXT,
    dummy,
    emptied,
    is_offset,
    known_uid,
    looks_valid,
    shifted_age,
    shifted_day,
)
from radcite.ingestion.dicom.attributes import MALFORMED, text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset
    from pydicom.tag import BaseTag

__all__ = ["Change", "Cleaned", "clean_dataset"]

_Rule = Literal[
    "keep", "clean", "empty", "dummy", "remove", "uid", "shift", "check", "descend", "pseudonym"
]
_CONTENT, _TIMEZONE = 0x0040A730, 0x00080201
_PATIENT = {0x00100010, 0x00100020}
_BIRTH = {0x00100030, 0x00100032, 0x00100033, 0x00100034}
_CLASSES = {0x00080016, 0x00020002, 0x00020010}
_META = {0x00020001, 0x00020002, 0x00020003, 0x00020010}
_BINARY = {"OB", "OW", "OF", "OD", "OL", "OV", "UN"}
_BY_VR: dict[str, _Rule] = {
    "SQ": "descend",
    "PN": "empty",
    "UI": "uid",
    "DA": "shift",
    "DT": "shift",
    "AS": "shift",
}
_OF_PEOPLE = frozenset(
    {"KNOWN", "NAME", "DOCTOR", "PHONE", "EMAIL", "ID", "RECORD", "DOB", "ADDRESS"}
)
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute before and after; `path` names the sequences it stands in.

    The values are a patient's: they are shown to who asked on their own terminal and kept nowhere.
    """

    path: str
    name: str
    vr: str
    action: str
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was done to a dataset: its pseudonyms, the names of attributes that changed, private ones counted.

    `redact` takes what the header told out of other texts of the same object; `keeps_words` is whether the
    profile keeps the content of reports and documents at all.
    """

    identity: Identity
    changed: tuple[str, ...]
    private: int
    redact: Redactor = field(repr=False)
    keeps_words: bool
    changes: tuple[Change, ...] = field(repr=False, default=())


def clean_dataset(dataset: "FileDataset", gate: Gate, *, tell: bool = False) -> Cleaned:
    """De-identify a dataset in place, its preamble and file meta information too; pixels are left.

    Kept as they are: pixel data and what an image needs to be shown and measured. UIDs and the patient's
    name and id become keyed pseudonyms, dates go back by the patient's days, free text loses what a
    pattern, a label or the header gives away, and everything the profile does not know is removed.

    Args:
        dataset: As `open_dicom` gives it.
        gate: Keys and settings.
        tell: Whether each change is to be reported with its values.

    Raises:
        RadciteError: `CONFIG_INVALID` for an unknown profile.
    """
    profile, identity, denied = (
        load_profile(gate.settings.profile),
        gate.identity(dataset),
        deny_list(dataset),
    )
    owner = text(dataset, "PatientID") or text(dataset, "StudyInstanceUID")
    cleaner = _Cleaner(
        gate,
        profile,
        identity.patient or "ANONYMOUS",
        gate.days_back(owner),
        denied,
        denied.redactor(gate.words(owner), gate.days_back(owner), doubtful=gate.masks_doubts),
        [] if tell else None,
    )
    _clean_meta(dataset, cleaner)
    cleaner.dataset(dataset, "")
    _declare(dataset, profile)
    return Cleaned(
        identity,
        tuple(cleaner.changed),
        cleaner.private,
        cleaner.redact,
        profile.actions.get(_CONTENT) == "clean",
        tuple(cleaner.told or ()),
    )


def _clean_meta(dataset: "FileDataset", cleaner: "_Cleaner") -> None:
    dataset.preamble = b"\0" * 128
    meta = dataset.file_meta
    for tag in tuple(meta.keys()):
        if int(tag) not in _META:
            cleaner.drop(meta, tag, "")
    if "MediaStorageSOPInstanceUID" in meta:
        cleaner.element(meta, next(tag for tag in meta.keys() if int(tag) == 0x00020003), "")  # noqa: SIM118


def _declare(dataset: "Dataset", profile: Profile) -> None:
    from pydicom.dataset import Dataset

    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = f"radcite, profile {profile.name}"[:64]
    coded: list[Dataset] = []
    for value, meaning in profile.codes:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
        coded.append(code)
    dataset.DeidentificationMethodCodeSequence = coded
    modified = "MODIFIED" if profile.dates == "shift" else "REMOVED"
    dataset.LongitudinalTemporalInformationModified = modified


@dataclass(slots=True)
class _Cleaner:
    gate: Gate
    profile: Profile
    patient: str
    days: int
    denied: DenyList
    redact: Redactor
    told: list[Change] | None
    changed: dict[str, None] = field(default_factory=dict[str, None])
    private: int = 0

    def dataset(self, dataset: "Dataset", path: str) -> None:
        for tag in tuple(dataset.keys()):
            self.element(dataset, tag, path)

    def element(self, dataset: "Dataset", tag: "BaseTag", path: str) -> None:
        try:
            rule = self._rule(dataset, tag)
            if rule == "remove":
                self.drop(dataset, tag, path)
            elif rule == "descend":
                for number, item in enumerate(dataset[tag].value or ()):
                    self.dataset(item, f"{path}{_name(tag)}[{number}].")
            elif rule != "keep":
                self._change(dataset, tag, path, rule)
        except MALFORMED:
            # A value that cannot be read cannot be judged.
            self.drop(dataset, tag, path)

    def drop(self, dataset: "Dataset", tag: "BaseTag", path: str) -> None:
        self.private += tag.is_private
        stored = dataset.get_item(tag, keep_deferred=True)
        before = _shown(dataset, tag) if self.told is not None else ""
        self._note(path, tag, str(getattr(stored, "VR", "")), "remove", before, "")
        del dataset[tag]

    def _rule(self, dataset: "Dataset", tag: "BaseTag") -> _Rule:
        vr = _vr(dataset, tag)
        if vr is None:
            return "remove"
        number = int(tag)
        if number in _PATIENT:
            return "pseudonym"
        if number in _CLASSES:
            return "check"
        if number == _TIMEZONE and not is_offset(text(dataset, "TimezoneOffsetFromUTC")):
            return "remove"
        action = self.profile.actions.get(number)
        if vr in {"DA", "DT", "TM"} and number not in _BIRTH and action != "keep":
            return self._of_date(vr)
        if action is not None:
            return (
                _for_sequence(action) if vr == "SQ" else _kept(vr) if action == "keep" else action
            )
        return self._by_vr(number, vr)

    def _of_date(self, vr: str) -> _Rule:
        if self.profile.dates == "remove":
            return "empty"
        return "check" if vr == "TM" else "shift"

    def _by_vr(self, number: int, vr: str) -> _Rule:
        if vr in _BINARY:
            return "keep" if number in self.profile.binary else "remove"
        if vr in TEXT:
            return "clean"
        return "check" if vr in CHECKED else _BY_VR.get(vr, "keep")

    def _change(self, dataset: "Dataset", tag: "BaseTag", path: str, rule: _Rule) -> None:
        if rule == "check" and self._unsuspicious(dataset, tag):
            return
        before = _shown(dataset, tag) if self.told is not None else ""
        element = dataset[tag]
        changed = _mapped(element.value, self._value(rule, element.VR))
        if _same(changed, element.value):
            return
        element.value = changed
        after = _shown(dataset, tag) if self.told is not None else ""
        self._note(path, tag, element.VR, rule, before, after)

    def _unsuspicious(self, dataset: "Dataset", tag: "BaseTag") -> bool:
        stored = dataset.get_item(tag, keep_deferred=True)
        raw = getattr(stored, "value", None)
        if not isinstance(raw, bytes):
            raw = _shown(dataset, tag, None).encode("utf-8", "replace")
        value = raw.decode("ascii", "replace").strip("\0 ")
        vr = _vr(dataset, tag) or ""
        if vr == "CS" and any(self._coded(one) != one for one in value.split("\\")):
            return False
        return looks_valid(vr, value) and not self.denied.has_number(value)

    def _coded(self, value: str) -> str:
        """A code string; "" for one that tells of a person, as `SMITH_JANE`: `GB18030` is none."""
        words = value.strip("\0 ").replace("_", " ")
        found = [one for said in (words, words.title()) for one in self.redact.find(said)]
        return "" if any(one.sure and one.kind in _OF_PEOPLE for one in found) else value

    def _unchanged(self, value: str) -> str:
        return value if self.redact(value) == value else ""

    def _cleaned(self, value: str) -> str:
        words = value.replace("_", " ")
        known = words != value and "@" not in value and self.redact(words) != words
        return self.redact(words if known else value)

    def _value(self, rule: _Rule, vr: str) -> Callable[[str], object]:
        match rule:
            case "uid":
                return lambda value: value if known_uid(value) else self.gate.uid(value)
            case "shift" if vr == "AS":
                return shifted_age
            case "shift":
                return lambda value: shifted_day(value, self.days)
            case "pseudonym":
                return lambda _: self.patient
            case "clean":
                return self._cleaned
            case "check" if vr in {"CS", "AE", "UR"}:
                return self._coded if vr == "CS" else self._unchanged
            case "dummy":
                return lambda _: dummy(vr)
            case _:
                return lambda _: emptied(vr)

    def _note(
        self, path: str, tag: "BaseTag", vr: str, action: str, before: str, after: str
    ) -> None:
        name = _name(tag)
        if not tag.is_private:
            self.changed[name] = None
        if self.told is not None:
            self.told.append(Change(f"{path}{tag}", name, vr, action, before, after))


def _vr(dataset: "Dataset", tag: "BaseTag") -> str | None:
    """The value representation to judge by; None for what no dictionary vouches for."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    number = int(tag)
    if tag.is_private or not number & 0xFFFF or not dictionary_has_tag(number):
        return None
    standard = dictionary_VR(number).split(" or ")
    declared = str(getattr(dataset.get_item(tag, keep_deferred=True), "VR", None) or "UN")
    if declared == "UN":
        return standard[0]
    alike = declared in standard or (_is_text(declared) and any(map(_is_text, standard)))
    return (
        declared if alike or declared[0] == standard[0][0] == "O" else _numeric(declared, standard)
    )


def _numeric(declared: str, standard: list[str]) -> str | None:
    numbers = {"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD"}
    return declared if declared in numbers and numbers & {*standard} else None


def _is_text(vr: str) -> bool:
    return vr in TEXT or vr in CHECKED or vr in {"PN", "UI", "DA", "DT", "AS"}


def _for_sequence(action: str) -> _Rule:
    if action in {"clean", "keep", "uid"}:
        return "descend"
    return "remove" if action == "remove" else "empty"


def _kept(vr: str) -> _Rule:
    # What an option keeps is a value of its kind, or else it is cleaned as a text.
    if vr == "AS":
        return "shift"
    return "clean" if vr in TEXT else "check" if vr in CHECKED else "keep"


def _mapped(value: object, change: Callable[[str], object]) -> object:
    from pydicom.multival import MultiValue

    if isinstance(value, MultiValue):
        return [change(str(one)) for one in cast("Sequence[object]", value)]
    if value is None or value == "":
        return value
    return change(str(value))


def _same(one: object, other: object) -> bool:
    if isinstance(one, list):
        return list(cast("Sequence[object]", one)) == list(cast("Sequence[object]", other or ()))
    return one == other or (isinstance(one, str) and one == str(other))


def _name(tag: "BaseTag") -> str:
    from pydicom.datadict import keyword_for_tag

    return keyword_for_tag(tag) or ("Private" if tag.is_private else "Unknown")


def _shown(dataset: "Dataset", tag: "BaseTag", most: int | None = _SHOWN) -> str:
    try:
        element = dataset[tag]
        if element.VR == "SQ":
            return f"{len(element.value or ())} items"
        if isinstance(element.value, bytes):
            return f"{len(element.value)} bytes"
        several = element.value if element.VM > 1 else [element.value]
        return "\\".join("" if one is None else str(one) for one in several)[:most]
    except MALFORMED:
        return ""
