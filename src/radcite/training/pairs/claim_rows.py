"""What the judge learns from: a quote, a claim, and whether the one carries the other.

Written rows hold the claims alone, with the place and digest of their quote; the quote's words are
looked up in the data folder. Automatic rows are sentences of the free sets, whole, shortened, by other names of
their terms, or made false by one change.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sentences import split_sentences
from radcite.core.sources import Language
from radcite.core.tokens import Tokenizer
from radcite.evals.datasets import Data, Row
from radcite.evals.retrieval import (
    BIOASQ,
    PUBMEDQA,
    TOYHOM,
    BioasqDocument,
    BioasqQuestion,
    PubmedqaRow,
    ToyhomRow,
)
from radcite.training.pairs.corruption import corrupted, reworded
from radcite.training.units import Part, part_of

__all__ = [
    "LABELS",
    "ClaimRow",
    "Label",
    "answer_rows",
    "automatic_rows",
    "paraphrase_rows",
    "quote_digest",
    "written_rows",
]

Label = Literal["supports", "refutes", "not_enough"]
LABELS: tuple[Label, ...] = ("supports", "refutes", "not_enough")
_SHORTEST, _LONGEST = {"en": 50, "zh": 16}, {"en": 300, "zh": 120}
_ASIDE = re.compile(r"\s*[(（][^()（）]{0,80}[)）]")


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A quote and a claim; `unit` is the quote's document, by which rows are split."""

    quote: str
    claim: str
    label: Label
    language: Language
    unit: str
    kind: str


class WrittenClaim(Frozen):
    """A claim that a person wrote of a quote."""

    text: str
    label: Label
    kind: str = ""


class WrittenQuote(Frozen):
    """Where a quote stands, by its digest, and what was written of it."""

    source: str
    document: str
    quote_sha256: str
    claims: tuple[WrittenClaim, ...]


def quote_digest(quote: str) -> str:
    """The digest by which a quote is found again: the first 16 digits of its SHA-256."""
    return sha256(quote.encode()).hexdigest()[:16]


def written_rows(data: Data, language: Language) -> list[ClaimRow]:
    """The written claims with their quotes, in a fixed order; none where none were written.

    Raises:
        RadciteError: `RECORD_INVALID` for a bad row, `NOT_FOUND` when a quote is not in the data folder.
    """
    listed = files("radcite.training").joinpath("data", f"claims_{language}.jsonl")
    if not listed.is_file():
        return []
    try:
        adapter = TypeAdapter(WrittenQuote)
        lines = listed.read_text("utf-8").split("\n")
        rows = [adapter.validate_json(line) for line in lines if line]
    except ValidationError as exc:
        where = ".".join(map(str, exc.errors()[0]["loc"]))
        raise RadciteError("RECORD_INVALID", f"claims_{language}.jsonl: {where}") from exc
    wanted = {row.quote_sha256 for row in rows}
    quotes = {
        digest: text
        for _, text in _sentences(data, language, None)
        if (digest := quote_digest(text)) in wanted
    }
    if missing := wanted - quotes.keys():
        raise RadciteError(
            "NOT_FOUND",
            f"{len(missing)} quotes of the written claims are not in the data folder",
            f"数据目录中缺少 {len(missing)} 条书面陈述的引文",
        )
    return [
        ClaimRow(
            quotes[row.quote_sha256], claim.text, claim.label, language, row.document, claim.kind
        )
        for row in rows
        for claim in row.claims
    ]


def automatic_rows(
    data: Data, language: Language, part: Part, most: int, seed: int = 0
) -> list[ClaimRow]:
    """Sentences that carry themselves and what can be left out of them, and what is made false of them."""
    rng = random.Random(seed)  # noqa: S311 - a fixed sample
    sentences = list(dict.fromkeys(_sentences(data, language, part)))
    rng.shuffle(sentences)
    rows: list[ClaimRow] = []
    by_unit: dict[str, list[str]] = {}
    for unit, text in sentences:
        by_unit.setdefault(unit, []).append(text)
    for unit, text in sentences:
        if len(rows) >= most:
            break
        rows += _rows_of(text, unit, by_unit[unit], language, rng)
    return rows[:most]


def _rows_of(
    text: str, unit: str, beside: Sequence[str], language: Language, rng: random.Random
) -> Iterator[ClaimRow]:
    true = _true_version(text, language, rng)
    yield ClaimRow(text, true, "supports", language, unit, "auto_true")
    for _ in range(2):
        if made := corrupted(_true_version(text, language, rng), language, rng):
            label: Label = "not_enough" if made[1] == "stronger" else "refutes"
            yield ClaimRow(text, made[0], label, language, unit, f"auto_{made[1]}")
    others = [other for other in beside if other != text]
    if others and rng.random() < 0.5:
        yield ClaimRow(text, rng.choice(others), "not_enough", language, unit, "auto_beside")


def _true_version(text: str, language: Language, rng: random.Random) -> str:
    chosen = rng.random()
    if chosen < 0.4 and (made := reworded(text, language, rng)):
        return made
    if chosen < 0.6:
        return _ASIDE.sub("", text)
    clauses = (
        re.split(r"(?<=[;；])\s*|(?<=，)", text) if language == "zh" else re.split(r";\s+", text)
    )
    if chosen < 0.85 and len(clauses) > 1 and len(clauses[0]) >= _SHORTEST[language]:
        return clauses[0].rstrip(" ,;，；") + ("。" if language == "zh" else ".")
    return text


class _Snippet(Row):
    pmid: str
    section: str
    begin: int
    end: int


class _Answered(BioasqQuestion):
    ideal_answer: tuple[str, ...] = ()
    gold_snippets: tuple[_Snippet, ...] = ()


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_COVERED, _ASIDE_OF_TOPIC = 0.6, 0.25


def answer_rows(data: Data, part: Part, seed: int = 0) -> list[ClaimRow]:
    """Sentences of experts' answers beside the snippets they were written from.

    A snippet that holds most of a sentence's words, and all its numbers, is taken to carry it; one of the same question
    that holds few is not.
    """
    rng = random.Random(seed)  # noqa: S311 - a fixed sample
    texts = {
        (row.pmid, each.section): each.text
        for row in data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
        for each in row.passages
    }
    tokenizer = Tokenizer()
    rows: list[ClaimRow] = []
    for row in data.rows(f"{BIOASQ}/questions.jsonl.gz", _Answered):
        if part_of(row.id) != part:
            continue
        snippets = [
            text
            for each in row.gold_snippets
            if part_of(each.pmid) != "held"
            and _SHORTEST["en"]
            <= len(text := texts.get((each.pmid, each.section), "")[each.begin : each.end])
            <= 2 * _LONGEST["en"]
        ]
        for answer in row.ideal_answer[:2]:
            for sentence in _usable(answer, "en"):
                rows += _rows_of_answer(sentence, snippets, row.id, tokenizer, rng)
    return rows


def _rows_of_answer(
    sentence: str,
    snippets: Sequence[str],
    unit: str,
    tokenizer: Tokenizer,
    rng: random.Random,
) -> Iterator[ClaimRow]:
    said = set(tokenizer(sentence))
    numbers = set(_NUMBER.findall(sentence))
    held = sorted(
        ((len(said & set(tokenizer(text))) / max(1, len(said)), text) for text in snippets),
        reverse=True,
    )
    for share, text in held[:2]:
        if share >= _COVERED and numbers <= set(_NUMBER.findall(text)):
            yield ClaimRow(text, sentence, "supports", "en", unit, "answer")
            if made := corrupted(sentence, "en", rng):
                label: Label = "not_enough" if made[1] == "stronger" else "refutes"
                yield ClaimRow(text, made[0], label, "en", unit, f"answer_{made[1]}")
    for share, text in held[-1:]:
        if share <= _ASIDE_OF_TOPIC:
            yield ClaimRow(text, sentence, "not_enough", "en", unit, "answer_aside")


class _Pair(Row):
    label: int
    q1: str
    q2: str


def paraphrase_rows(data: Data, part: Part, most: int) -> list[ClaimRow]:
    """Chinese questions that ask the same, and such as look alike and do not."""
    rows = data.rows("text/zh/cmedqq/train.jsonl.gz", _Pair)
    return [
        ClaimRow(
            row.q1, row.q2, "supports" if row.label else "not_enough", "zh", row.q1, "auto_question"
        )
        for row in rows
        if part_of(row.q1) == part
    ][:most]


class _Qa(Row):
    answer: str | None = None
    question: str = ""


class _Medquad(Row):
    doc_id: str | None = None
    qa: tuple[_Qa, ...]


class _Caption(Row):
    pmcid: str | None = None
    caption: str


class _Section(Row):
    text: str = ""


class _Article(Row):
    pmcid: str | None = None
    sections: tuple[_Section, ...] = ()


def _sentences(data: Data, language: Language, part: Part | None) -> Iterator[tuple[str, str]]:
    """Sentences with their documents; of every part when none is named."""
    for unit, text in _english(data) if language == "en" else _chinese(data):
        if part is None or part_of(unit) == part:
            for sentence in _usable(text, language):
                yield unit, sentence


def _usable(text: str, language: Language) -> Iterator[str]:
    for start, end in split_sentences(text):
        sentence = text[start:end].strip()
        fits = _SHORTEST[language] <= len(sentence) <= _LONGEST[language]
        if fits and not re.search(r"[?？\n]", sentence):
            yield sentence


def _english(data: Data) -> Iterator[tuple[str, str]]:
    for row in data.rows("text/medquad/medquad.jsonl.gz", _Medquad):
        yield from ((row.doc_id or "", qa.answer or "") for qa in row.qa)
    for row in data.rows(PUBMEDQA, PubmedqaRow):
        yield from ((row.id, context.text) for context in row.contexts)
    for row in data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument):
        yield row.pmid, " ".join(each.text for each in row.passages if each.section == "abstract")
    for row in data.rows("text/oa_fulltext_ccby/articles.jsonl.gz", _Article):
        yield from ((row.pmcid or "", section.text) for section in row.sections)
    for row in data.rows("text/roco_captions/captions.jsonl.gz", _Caption):
        yield row.pmcid or "", row.caption


def _chinese(data: Data) -> Iterator[tuple[str, str]]:
    for row in data.rows(TOYHOM, ToyhomRow):
        yield f"t{row.id}", row.answer
    for path, mark in (("huatuo_bencao", "h"), ("medicalgpt_sft1k", "m")):
        for number, row in enumerate(data.rows(f"text/zh/{path}/qa.jsonl.gz", _Qa)):
            yield f"{mark}{number}", row.answer or ""
