"""What the text encoder learns from: questions with the passages that answer them, from free sets.

Every pair names its unit, and only units that `part_of` gives to training are used. COVID-QA and the
sets that are for evaluation only are not read.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from radcite.core.tokens import is_stopword, stem
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
from radcite.tools.knowledge.terms import general_words, load_terms
from radcite.training.units import Part, part_of

__all__ = ["PairSource", "TextPair", "TextPairs", "read_text_pairs"]

_MEDQUAD = "text/medquad/medquad.jsonl.gz"
_ARTICLES = "text/oa_fulltext_ccby/articles.jsonl.gz"
_CAPTIONS = "text/roco_captions/captions.jsonl.gz"
_CMEDQQ = "text/zh/cmedqq/train.jsonl.gz"
_ZH_QA = ("text/zh/huatuo_bencao/qa.jsonl.gz", "text/zh/medicalgpt_sft1k/qa.jsonl.gz")
_LIVER = "text/zh/huatuo_liver_literature/dialogues.jsonl.gz"
_SLAKE = "text/zh/slake_bilingual_text_only/train.jsonl.gz"
_LAST_TURN = re.compile(r"<user>:\s*([^<]+)$")
_MOST_ANSWERS_A_KIND = 4

PairSource = str


@dataclass(frozen=True, slots=True)
class TextPair:
    """A question and a text that answers it, or two texts that mean the same.

    `english` is the question in English, where that is known: what the teacher reads of it. The document is English
    unless `source` is one of the Chinese sets.
    """

    source: PairSource
    query: str
    document: str
    unit: str
    english: str | None = None

    @property
    def english_document(self) -> str | None:
        """The document if it is English."""
        return None if self.source in _CHINESE else self.document


@dataclass(frozen=True, slots=True)
class TextPairs:
    """Pairs, and single English texts for distillation."""

    pairs: Sequence[TextPair]
    english: Sequence[str]
    digests: "dict[str, str]" = field(default_factory=dict[str, str])


class _Question(BioasqQuestion):
    ideal_answer: tuple[str, ...] = ()


class _Abstract(PubmedqaRow):
    long_answer: str | None = None


class _Qa(Row):
    qid: str = ""
    qtype: str = ""
    question: str
    answer: str | None = None


class _Medquad(Row):
    doc_id: str | None = None
    url: str = ""
    focus: str | None = None
    qa: tuple[_Qa, ...]


class _Article(Row):
    pmcid: str | None = None
    title: str = ""
    abstract: object = None


class _Caption(Row):
    pmcid: str | None = None
    caption: str = ""


class _Paraphrase(Row):
    label: int
    q1: str
    q2: str


class _Dialogue(Row):
    dialogue: str
    answer: str


class _Vqa(Row):
    img_id: str
    question: str
    answer: str
    q_lang: str
    content_type: str


def read_text_pairs(data: Data, part: Part = "train") -> TextPairs:
    """Every pair of a part of the free sets, in a fixed order.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file, `RECORD_INVALID` naming the field at fault.
    """
    pairs = [
        pair
        for read in (_bioasq, _pubmedqa, _medquad, _cmedqq, _chinese_qa, _toyhom, _slake)
        for pair in read(data)
        if part_of(pair.unit) == part and pair.query.strip() and pair.document.strip()
    ]
    if part == "train":
        pairs += [*_mixed(pairs), *_terms()]
    english = dict.fromkeys(
        [text for pair in pairs if pair.source in _ENGLISH for text in (pair.query, pair.document)]
        + [text for unit, text in _single(data) if part_of(unit) == part]
        + [name for entry in load_terms() for name in entry.en]
    )
    return TextPairs(pairs, list(english), dict(data.digests))


_ENGLISH = frozenset({"bioasq", "bioasq-title", "pubmedqa", "medquad"})
_CHINESE = frozenset({"cmedqq", "qa-zh", "toyhom"})


def _english_pair(source: str, query: str, document: str, unit: str) -> TextPair:
    return TextPair(source, query, document, unit, query)


def _bioasq(data: Data) -> Iterator[TextPair]:
    documents = {
        row.pmid: f"{row.title or ''} {row.record()['text']}".strip()
        for row in data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    }
    for row in data.rows(f"{BIOASQ}/questions.jsonl.gz", _Question):
        # A document kept from training is not learned from through a question that is not.
        for pmid in row.gold_pmids:
            if pmid in documents and part_of(pmid) != "held":
                yield _english_pair("bioasq", row.question, documents[pmid], row.id)
        for each in row.ideal_answer:
            yield _english_pair("bioasq", row.question, each, row.id)
    for row in data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument):
        body = " ".join(each.text for each in row.passages if each.section != "title")
        yield _english_pair("bioasq-title", row.title or "", body, row.pmid)


def _pubmedqa(data: Data) -> Iterator[TextPair]:
    for row in data.rows(PUBMEDQA, _Abstract):
        yield _english_pair("pubmedqa", row.question, str(row.record()["text"]), row.id)
        yield _english_pair("pubmedqa", row.question, row.long_answer or "", row.id)


def _medquad(data: Data) -> Iterator[TextPair]:
    asked = _chinese_questions()
    names = {name.casefold(): entry.zh for entry in load_terms() for name in entry.en}
    for row in data.rows(_MEDQUAD, _Medquad):
        unit = row.doc_id or row.url
        for qa in row.qa[:_MOST_ANSWERS_A_KIND]:
            yield _english_pair("medquad", qa.question, (qa.answer or "")[:1500], unit)
        for name in names.get((row.focus or "").casefold(), ()):
            for qa in row.qa:
                for form in asked.get(qa.qtype, ()):
                    text = form.replace("{}", name)
                    answer = (qa.answer or "")[:1500]
                    yield TextPair("medquad-zh", text, answer, unit, qa.question)


def _cmedqq(data: Data) -> Iterator[TextPair]:
    for row in data.rows(_CMEDQQ, _Paraphrase):
        if row.label == 1:
            yield TextPair("cmedqq", row.q1, row.q2, row.q1)


def _chinese_qa(data: Data) -> Iterator[TextPair]:
    for path in _ZH_QA:
        for row in data.rows(path, _Qa):
            yield TextPair("qa-zh", row.question, row.answer or "", row.question)
    for row in data.rows(_LIVER, _Dialogue):
        if asked := _LAST_TURN.search(row.dialogue):
            yield TextPair("qa-zh", asked.group(1).strip(), row.answer, asked.group(1).strip())


def _toyhom(data: Data) -> Iterator[TextPair]:
    for row in data.rows(TOYHOM, ToyhomRow):
        yield TextPair("toyhom", row.ask, row.answer, row.id)


def _slake(data: Data) -> Iterator[TextPair]:
    """Rows of the two languages stand in the same order where an image has as many of each."""
    by_image: dict[str, dict[str, list[_Vqa]]] = {}
    for row in data.rows(_SLAKE, _Vqa):
        by_image.setdefault(row.img_id, {}).setdefault(row.q_lang, []).append(row)
    for image, rows in by_image.items():
        en, zh = rows.get("en", []), rows.get("zh", [])
        if [row.content_type for row in en] != [row.content_type for row in zh]:
            continue
        for one, other in zip(en, zh, strict=True):
            yield TextPair("slake", other.question, one.question, f"slake-{image}", one.question)


def _terms() -> Iterator[TextPair]:
    for entry in load_terms():
        for zh in entry.zh:
            yield from (TextPair("terms", zh, en, entry.term_id, en) for en in entry.en[:2])
    for zh, en in general_words():
        yield TextPair("terms", zh, en, en, en)


_STEMMED = frozenset({"bioasq", "pubmedqa", "bioasq-title", "medquad"})
_LATIN = re.compile(r"[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*")
_LONGEST_PHRASE = 6


def _mixed(pairs: Sequence[TextPair]) -> Iterator[TextPair]:
    """English questions told in Chinese word by word, as far as the glossaries go, with their documents."""
    chinese = _chinese_of()
    rng = random.Random(0)  # noqa: S311 - a fixed choice of synonyms
    for pair in pairs:
        if pair.source in _STEMMED:
            told = _told_in_chinese(pair.query, chinese, rng)
            if told:
                yield TextPair(f"{pair.source}-mixed", told, pair.document, pair.unit, pair.query)


def _told_in_chinese(text: str, chinese: dict[str, list[str]], rng: random.Random) -> str:
    words = _LATIN.findall(text)
    stems = [stem(word.lower()) for word in words]
    said: list[str] = []
    found = 0
    place = 0
    while place < len(words):
        for size in range(min(_LONGEST_PHRASE, len(words) - place), 0, -1):
            if names := chinese.get(" ".join(stems[place : place + size])):
                said.append(rng.choice(names))
                found += 1
                place += size
                break
        else:
            # A gene or a trade name stays as it is written; other words are lost.
            if any(char.isupper() or char.isdigit() for char in words[place][1:]):
                said.append(words[place])
            place += 1
    return "的".join(said) if found else ""


@lru_cache(maxsize=1)
def _chinese_of() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for pair in _terms():
        key = " ".join(stem(word.lower()) for word in _LATIN.findall(pair.document))
        if len(key) > 1 and not is_stopword(key):
            names.setdefault(key, []).append(pair.query)
    return names


def _single(data: Data) -> Iterator[tuple[str, str]]:
    for row in data.rows(_ARTICLES, _Article):
        yield row.pmcid or row.title, row.title
        if isinstance(row.abstract, str):
            yield row.pmcid or row.title, row.abstract
    for row in data.rows(_CAPTIONS, _Caption):
        yield row.pmcid or row.caption, row.caption


def _chinese_questions() -> dict[str, list[str]]:
    return {kind: forms.split("|") for kind, forms in _table("medquad_questions_zh.tsv")}


def _table(name: str) -> Iterable[tuple[str, str]]:
    """Rows of a table of two columns that was written for training."""
    text = files("radcite.training").joinpath("data", name).read_text("utf-8")
    for line in text.splitlines()[1:]:
        first, second = line.split("\t")
        yield first, second
