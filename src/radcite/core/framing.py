"""The fixed wordings: a similar case's words as a statement about that case, a measurement as one of the image."""

from radcite.core.claims import CaseLocation, Claim, ImageLocation
from radcite.core.sentences import split_sentences
from radcite.core.sources import Case, Language, Observation, Region, Source

__all__ = ["case_sentence", "case_words", "measurement_sentence", "restates"]

_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_FRAMES: dict[str, dict[Language, str]] = {
    "report": {
        "en": "In similar case {case} the report says: “{words}”",
        "zh": "相似病例 {case} 的报告写道：“{words}”",
    },
    "findings": {
        "en": "In similar case {case} the findings list: “{words}”",
        "zh": "相似病例 {case} 的所见列出：“{words}”",
    },
    "diagnosis": {
        "en": "In similar case {case} the recorded diagnosis is: “{words}”",
        "zh": "相似病例 {case} 的诊断记录为：“{words}”",
    },
    "labels": {
        "en": "In similar case {case} a recorded label is: “{words}”",
        "zh": "相似病例 {case} 的一个标签为：“{words}”",
    },
}


_MEASUREMENTS: dict[str, dict[Language, str]] = {
    "modality": {"en": "Modality of the image: {value}", "zh": "图像的成像方式：{value}"},
    "body_part": {"en": "Body part in the image: {value}", "zh": "图像的部位：{value}"},
    "view": {"en": "View of the image: {value}", "zh": "图像的体位：{value}"},
    "finding": {
        "en": "The labels tool reads the image as: {value} (a reading by software, not a diagnosis)",
        "zh": "图像标签工具的判读：{value}（软件判读，非诊断）",
    },
}
_CHINESE = {
    "glioma": "胶质瘤",
    "meningioma": "脑膜瘤",
    "pituitary tumour": "垂体瘤",
    "pneumonia": "肺炎",
}


def case_sentence(case: Case, field: str, words: str, language: Language) -> str:
    """The statement that a field of a case holds these words.

    Args:
        case: The similar case.
        field: The field's address: `report`, `findings.0`, `diagnosis`, `labels.0`.
        words: The words, as they stand there.
        language: Of the sentence around the words.
    """
    frame = _FRAMES[field.partition(".")[0]][language]
    return frame.format(case=case.case_id, words=" ".join(words.split()))


def case_words(case: Case) -> list[tuple[str, str]]:
    """The fields of a case that have words, by their addresses, as `case_location` counts them."""
    listed = [
        *((f"findings.{i}", words) for i, words in enumerate(case.findings)),
        *((f"labels.{i}", words) for i, words in enumerate(case.labels)),
    ]
    fields = [("report", case.report), ("diagnosis", case.diagnosis or ""), *listed]
    return [(field, words) for field, words in fields if words.strip()]


def measurement_sentence(observation: Observation, language: Language) -> str:
    """The statement of an image tool's observation, `name: value`."""
    name, _, value = observation.value.partition(": ")
    shown = _CHINESE.get(value, value) if language == "zh" else value
    return _MEASUREMENTS[name][language].format(value=shown)


def restates(claim: Claim, source: Source) -> bool:
    """Whether a claim is exactly the fixed wording of what it cites, and so needs no judge.

    That is `case_sentence` of whole sentences of one field, or `measurement_sentence` of a measurement.
    A fragment does not count: `pneumothorax` cut out of `no pneumothorax` would say the opposite.
    """
    if len(claim.citations) != 1:
        return False
    place = claim.citations[0].place
    if isinstance(source, Case) and isinstance(place, CaseLocation):
        return claim.about == f"case:{source.case_id}" and _restates_field(
            claim.text, place, source
        )
    if isinstance(source, Region) and isinstance(place, ImageLocation):
        measured = source.observation
        known = measured == place.observation and measured.value.partition(": ")[0] in _MEASUREMENTS
        return known and claim.text in {measurement_sentence(measured, one) for one in _LANGUAGES}
    return False


def _restates_field(text: str, place: CaseLocation, case: Case) -> bool:
    field = dict(case_words(case)).get(place.field)
    if field is None:
        return False
    starts = {0, *(start for start, _ in split_sentences(field))}
    ends = {len(field), len(field.rstrip()), *(end for _, end in split_sentences(field))}
    if place.start not in starts or place.end not in ends:
        return False
    words = field[place.start : place.end]
    return text in {case_sentence(case, place.field, words, one) for one in _LANGUAGES}
