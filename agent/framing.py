"""How a sentence of a similar case is worded: as a statement about that case, never about the image asked."""

from radcite.core.sources import Case, Language

__all__ = ["case_sentence", "case_words"]

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
    return frame.format(case=case.case_id, words=words)


def case_words(case: Case) -> list[tuple[str, str]]:
    """The fields of a case that have words, by their addresses, as `case_location` counts them."""
    listed = [
        *((f"findings.{i}", words) for i, words in enumerate(case.findings)),
        *((f"labels.{i}", words) for i, words in enumerate(case.labels)),
    ]
    fields = [("report", case.report), ("diagnosis", case.diagnosis or ""), *listed]
    return [(field, words) for field, words in fields if words.strip()]
