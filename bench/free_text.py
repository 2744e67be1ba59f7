"""Which identifiers in running text the filter finds: notes written from parts, in English and Chinese.

    python -m bench.free_text [--presidio]

prints how many of each kind gave way, with Wilson intervals. `--presidio` adds presidio-analyzer with blank
pipelines and all its recognisers, where it is installed; radcite does not depend on it (docs/adr).
"""

import random
import sys
from collections.abc import Callable, Iterator
from math import sqrt

from radcite.core.identifiers import Redactor

__all__ = ["notes"]

_EN = {
    "name after a label": ("Name: {v}. ", "Patient: {v}, seen today. ", "Dr. {v} reported. "),
    "name in a sentence": (
        "{v} came with a cough. ",
        "Discussed with {v} by phone. ",
        "Mrs {v} has no fever. ",
    ),
    "record number": ("MRN: {v}. ", "Accession no. {v}. "),
    "phone": ("Call {v}. ", "Phone: {v}. "),
    "e-mail": ("Write to {v}. ",),
    "birth date": ("DOB {v}. ", "Date of birth: {v}. "),
    "address": ("Address: {v}. ",),
    "national id": ("SSN {v}. ",),
}
_ZH = {
    "name after a label": ("姓名：{v}，", "患者：{v}，", "报告医师：{v}。"),
    "name in a sentence": ("{v}因咳嗽就诊。", "已电话告知{v}。", "{v}女士无发热。"),
    "record number": ("住院号：{v}，", "检查号{v}，"),
    "phone": ("联系电话{v}。", "电话：{v}，"),
    "e-mail": ("邮箱{v}。",),
    "birth date": ("出生日期：{v}，",),
    "address": ("住址：{v}。",),
    "national id": ("身份证{v}，",),
}
_FIRST = [
    "James",
    "Mary",
    "Robert",
    "Linda",
    "Omar",
    "Priya",
    "Ingrid",
    "Chen",
    "Aiko",
    "Pedro",
    "Fatima",
    "Wanjiru",
]
_LAST = [
    "Smith",
    "Okafor",
    "Nakamura",
    "Garcia",
    "Lindqvist",
    "Haddad",
    "Novak",
    "O'Brien",
    "Petrov",
    "Mensah",
    "Kowalski",
    "Silva",
]
_SURNAME, _GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜秀敏静丽强磊军洋艳勇杰娟涛明超兰霞"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def notes(count: int, seed: int = 7) -> Iterator[tuple[str, str, str, str]]:
    """Language, kind, identifier, and the note that holds it among findings."""
    drawn = random.Random(seed)
    for _ in range(count):
        for language, kinds in (("en", _EN), ("zh", _ZH)):
            for kind, forms in kinds.items():
                value = _value(kind, language, drawn)
                said = drawn.choice(forms).format(v=value)
                before, after = (
                    ("Small left effusion. ", "No pneumothorax.")
                    if language == "en"
                    else ("左侧少量积液。", "未见气胸。")
                )
                yield language, kind, value, before + said + after


def _value(kind: str, language: str, drawn: random.Random) -> str:
    digits = "".join(drawn.choice("0123456789") for _ in range(9))
    year, month, day = drawn.randint(1930, 2010), drawn.randint(1, 12), drawn.randint(1, 28)
    first = f"{1 + int(digits[0]) % 8}{digits[1:3]}"
    values = {
        ("en", "name"): f"{drawn.choice(_FIRST)} {drawn.choice(_LAST)}",
        ("zh", "name"): drawn.choice(_SURNAME)
        + "".join(drawn.choices(_GIVEN, k=drawn.randint(1, 2))),
        ("en", "phone"): f"415-{first}-{digits[3:7]}",
        ("zh", "phone"): f"1{drawn.choice('358')}{digits}",
        ("en", "birth date"): f"{year}-{month:02}-{day:02}",
        ("zh", "birth date"): f"{year}年{month}月{day}日",
        ("en", "address"): f"{first} Elm Street, Springfield",
        ("zh", "address"): f"北京市朝阳区建国路{first}号",
        ("en", "national id"): f"{first}-{11 + int(digits[3])}-{digits[4:8]}",
        ("zh", "national id"): _national_id(digits, year, month, day),
    }
    other = {
        "record number": drawn.choice("ABZ") + digits[:7],
        "e-mail": f"{drawn.choice('abc')}{digits[:3]}@example.org",
    }
    return other.get(kind) or values[language, kind.partition(" after")[0].partition(" in")[0]]


def _national_id(digits: str, year: int, month: int, day: int) -> str:
    body = f"110105{year}{month:02}{day:02}{digits[:3]}"
    total = sum(int(one) * weight for one, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def _wilson(found: int, of: int) -> tuple[float, float]:
    share, z = found / of, 1.96
    centre, width = (
        share + z * z / (2 * of),
        z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)),
    )
    return (centre - width) / (1 + z * z / of), (centre + width) / (1 + z * z / of)


def _presidio() -> Callable[[str, str], str]:
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en"), "zh": spacy.blank("zh")}

    engines: dict[str, AnalyzerEngine] = {}
    nlp = Blank()
    for language in ("en", "zh"):
        registry = RecognizerRegistry(supported_languages=[language])
        registry.load_predefined_recognizers(languages=[language])
        engines[language] = AnalyzerEngine(
            registry=registry, nlp_engine=nlp, supported_languages=[language]
        )

    def cleaned(text: str, language: str) -> str:
        for one in sorted(engines[language].analyze(text, language), key=lambda one: -one.start):
            text = text[: one.start] + "[…]" + text[one.end :]
        return text

    return cleaned


def main() -> int:
    ways: dict[str, Callable[[str, str], str]] = {"radcite": lambda text, _: Redactor()(text)}
    if "--presidio" in sys.argv:
        presidio = _presidio()
        ways["presidio"] = presidio
        ways["both"] = lambda text, language: presidio(Redactor()(text), language)
    written = list(notes(100))
    for way, clean in ways.items():
        counts: dict[tuple[str, str], list[int]] = {}
        for language, kind, value, note in written:
            counts.setdefault((language, kind), []).append(value not in clean(note, language))
        for (language, kind), gone in counts.items():
            low, high = _wilson(sum(gone), len(gone))
            print(f"{way:9} {language} {kind:20} {sum(gone)}/{len(gone)}  [{low:.2f}, {high:.2f}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
