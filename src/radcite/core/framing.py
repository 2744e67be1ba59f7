"""How a sentence of a similar case is worded: as a statement about that case, never about the image asked."""

from radcite.core.claims import CaseLocation, Claim
from radcite.core.normalization import normalize
from radcite.core.sentences import split_sentences
from radcite.core.sources import Case, Language

__all__ = ["case_sentence", "case_words", "restates_record"]

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


def case_sentence(case: Case, field: str, words: str, language: Language) -> str:
    """The statement that a field of a case holds these words.

    Args:
        case: The similar case.
        field: The field's address: `report`, `findings.0`, `diagnosis`, `labels.0`.
        words: The words, as they stand there.
        language: Of the sentence around the words.
    """
    frame = _FRAMES[field.partition(".")[0]][language]
    return frame.format(case=case.case_id, words=normalize(words).text)


def case_words(case: Case) -> list[tuple[str, str]]:
    """The fields of a case that have words, by their addresses, as `case_location` counts them."""
    listed = [
        *((f"findings.{i}", words) for i, words in enumerate(case.findings)),
        *((f"labels.{i}", words) for i, words in enumerate(case.labels)),
    ]
    fields = [("report", case.report), ("diagnosis", case.diagnosis or ""), *listed]
    return [(field, words) for field, words in fields if words.strip()]


def restates_record(claim: Claim, case: Case) -> bool:
    """Whether a claim is exactly `case_sentence` of what it cites: whole sentences of one field.

    A fragment does not count: `pneumothorax` cut out of `no pneumothorax` would say the opposite.
    """
    if len(claim.citations) != 1 or claim.about != f"case:{case.case_id}":
        return False
    place = claim.citations[0].place
    fields = dict(case_words(case))
    if not isinstance(place, CaseLocation) or place.field not in fields:
        return False
    text = fields[place.field]
    starts = {0, *(start for start, _ in split_sentences(text))}
    ends = {len(text), len(text.rstrip()), *(end for _, end in split_sentences(text))}
    if place.start not in starts or place.end not in ends:
        return False
    words = text[place.start : place.end]
    languages: tuple[Language, ...] = ("en", "zh")
    return claim.text in {case_sentence(case, place.field, words, one) for one in languages}
