"""Documents that are no literature but a patient's report, told by the labels above it."""

import re

from radcite.core.phi_review import HeldWords

__all__ = ["headed_as_report"]

_HEAD = 2_000
_FEWEST = 3
_VALUE = r"[ \t]*[:：\t][ \t]*(?P<value>[^\W_][^\n:：\t]{0,40})"
_LABELS = {
    "name": r"(?:patient(?:'s)?[ \t]+name|name[ \t]+of[ \t]+patient|patient|(?<![\w ])name|(?:患者|病人)?姓[ \t]*名)",
    "number": (
        r"(?:(?:patient|hospital|medical[ \t]+record|record|accession|admission|exam(?:ination)?|MRN|NHS)"
        r"[ \t]*(?:id|no\.?|number|#)|MRN|(?:住院|门诊|病历|检查|影像|登记|患者编|就诊卡|病案)号)"
    ),
    "birth": r"(?:date[ \t]+of[ \t]+birth|birth[ \t]*date|d\.?o\.?b\.?|出生(?:日期|年月)?)",
    "sex": r"(?:sex|gender|性[ \t]*别)",
    "age": r"(?:age|年[ \t]*龄)",
    "day": (
        r"(?:(?:exam(?:ination)?|study|report|scan)[ \t]+date"
        r"|date[ \t]+of[ \t]+(?:exam\w*|study|report)|(?:检查|报告|申请)(?:日期|时间))"
    ),
    "doctor": (
        r"(?:referr\w+[ \t]+(?:physician|doctor)|reported[ \t]+by|radiologist"
        r"|(?:报告|审核|申请|送检)(?:医师|医生))"
    ),
}
_RULES = {
    kind: re.compile(rf"(?<![\w]){label}{_VALUE}", re.IGNORECASE) for kind, label in _LABELS.items()
}


def headed_as_report(text: str) -> tuple[HeldWords, ...]:
    """The values of labels above a patient's report, in places of the text; none for any other document.

    A report has at its head a name or a number of a patient and two more labels of a person or an examination,
    each with its value.
    """
    head = text[:_HEAD]
    found = {kind: match for kind, rule in _RULES.items() if (match := rule.search(head))}
    if len(found) < _FEWEST or not {"name", "number"} & found.keys():
        return ()
    return tuple(
        HeldWords(field="text", start=start, end=end)
        for start, end in sorted(match.span("value") for match in found.values())
    )
