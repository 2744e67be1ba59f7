"""The writer that needs no model: the sentences of the evidence that best answer the question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from radcite.agent.differential import condition_names, names_in
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim
from radcite.agent.quotable import quotable_sentences
from radcite.agent.state import Parts, State
from radcite.agent.stated import stated_claims
from radcite.agent.values import figures, speaks_of_other_values
from radcite.core.claims import Evidence
from radcite.core.framing import case_sentence, case_words, measurement_sentence
from radcite.core.grounding.conflict import conflict
from radcite.core.language import detect_language
from radcite.core.sentences import split_sentences
from radcite.core.sources import Case, Language, Passage, Region
from radcite.core.vectors import SparseVector

__all__ = ["extractive_draft"]

_PASSAGES = 8
_SENTENCES = 64
_CLAIMS = 4
_CASES = 4
_PER_CASE = 2
_RELATIVE_FLOOR = 0.72
_SAME = 0.6
_RANK_BONUS = 0.15
_OTHER_VALUES = 0.3
_AIM_MALUS = 0.25
# A question told in another language is but the names in it: a sentence that holds them holds a part of what is asked.
_TOLD = 0.5
# What a study set out to do, or asks, answers nothing.
_AIM = re.compile(
    r"\b(aim(s|ed)? to|to (assess|evaluate|investigate|determine|examine|compare) (the|whether|if)"
    r"|objectives?\b|purpose"
    r"|was designed to|we (sought|hypothesi[sz]ed))|\?$|旨在|目的[是在：:]|拟探讨|[？]$",
    re.IGNORECASE,
)
# The heading of a part of an abstract, before the part's first sentence.
_LABEL = re.compile(
    r"^(?:results?|conclusions?|findings|methods?|background|interpretation|discussion"
    r"|结果|结论|方法|背景|讨论) ?[:：]\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    key: str
    rank: int
    words: str
    terms: frozenset[int]
    coverage: float


async def extractive_draft(state: State, parts: Parts) -> Draft:
    """Quotes from the literature, or for a caption or diagnosis from the similar cases first."""
    evidence, language = state["evidence"], state["language"]
    from_cases = [*_from_measurements(evidence, language), *_from_cases(evidence, language)]
    if state["task"] == "caption":
        return Draft(claims=tuple(from_cases[: _CASES * _PER_CASE]))
    from_literature = await _from_literature(state, parts)
    if state["task"] == "diagnosis":
        from_literature = _of_leading_conditions(from_literature, state)
        stated = stated_claims(evidence, state["votes"], language)
        return Draft(claims=(*from_cases[:_CLAIMS], *from_literature[:_CLAIMS], *stated))
    told = from_literature or from_cases[:_CLAIMS]
    if state["task"] == "consultation" and (language == "en" or not told):
        told += stated_claims(evidence, state["votes"], language)
    return Draft(claims=tuple(told))


async def _from_literature(state: State, parts: Parts) -> list[DraftClaim]:
    question = state["question"]
    documents = {
        item.key: item.source.document_id
        for item in state["evidence"]
        if isinstance(item.source, Passage) and not item.source.retracted
    }
    passages = [item for item in state["evidence"] if item.key in documents]
    if not passages:
        return []
    queries = dict.fromkeys(item.retrieval.query for item in passages)
    words = [
        (
            await parts.sparse.encode_query(query, question.collection),
            1.0 if detect_language(query) == state["language"] else _TOLD,
        )
        for query in queries
    ]
    sentences = _sentences(passages[:_PASSAGES], words, parts)
    scores = await _scores(sentences, next(iter(queries)), parts)
    scores = [
        score - _OTHER_VALUES * speaks_of_other_values(sentence.words, question.text)
        for sentence, score in zip(sentences, scores, strict=True)
    ]
    chosen = _novel(*_readable(sentences, scores, state["language"]), documents)
    told = [(sentence.key, _LABEL.sub("", sentence.words)) for sentence in chosen]
    return [
        DraftClaim(
            text=" ".join(words.split()),
            about="literature",
            citations=(DraftCitation(evidence=key, quote=words),),
        )
        for key, words in told
    ]


def _of_leading_conditions(claims: Sequence[DraftClaim], state: State) -> list[DraftClaim]:
    """Where similar cases name conditions, literature counts that speaks of the leading ones."""
    evidence, votes = state["evidence"], state["votes"]
    if not votes:
        return list(claims)
    leading = [v.condition for v in votes if v.probability * 2 > votes[0].probability]
    names = {name for condition in leading for name in condition_names(condition)}
    passages = {item.key: item.source for item in evidence if isinstance(item.source, Passage)}
    return [
        claim
        for claim in claims
        if any(
            names_in(passages[claim.citations[0].evidence].text.casefold(), name) for name in names
        )
    ]


def _sentences(
    passages: Sequence[Evidence], queries: Sequence[tuple[SparseVector, float]], parts: Parts
) -> list[_Sentence]:
    found = [
        (item.key, rank, item.source.title, words)
        for rank, item in enumerate(passages)
        if isinstance(item.source, Passage)
        for words in quotable_sentences(item.source)
    ][:_SENTENCES]
    vectors = parts.sparse.encode([words for *_, words in found])
    titles = list(dict.fromkeys(title for _, _, title, _ in found))
    titled = dict(zip(titles, map(_terms, parts.sparse.encode(titles)), strict=True))
    return [
        _Sentence(key, rank, words, held, _covered(queries, held, titled[title]))
        for (key, rank, title, words), held in zip(found, map(_terms, vectors), strict=True)
    ]


def _terms(vector: SparseVector) -> frozenset[int]:
    return frozenset(vector.indices)


def _covered(
    queries: Sequence[tuple[SparseVector, float]], held: frozenset[int], title: frozenset[int]
) -> float:
    """The most that is held of a query: by the sentence, and as much again by it under its document's title.

    What a sentence tells of its document ("the trial", "the disease") is named in the title.
    """
    return max(
        (part * (_share(query, held) + _share(query, held | title)) / 2 for query, part in queries),
        default=0.0,
    )


def _share(query: SparseVector, held: frozenset[int]) -> float:
    weights = zip(query.indices, query.values, strict=True)
    return sum(weight for term, weight in weights if term in held) / (sum(query.values) or 1.0)


async def _scores(sentences: Sequence[_Sentence], query: str, parts: Parts) -> Sequence[float]:
    base = np.array(
        [
            item.coverage
            + _RANK_BONUS / (1 + item.rank)
            - _AIM_MALUS * bool(_AIM.search(item.words))
            for item in sentences
        ]
    )
    encoder = parts.text
    if encoder is None or not sentences or detect_language(query) not in encoder.languages:
        return base.tolist()
    vectors = await encoder.encode([item.words for item in sentences])
    asked = (await encoder.encode_query(query))[0]
    return (base + vectors @ asked).tolist()


def _readable(
    sentences: Sequence[_Sentence], scores: Sequence[float], language: Language
) -> tuple[list[_Sentence], list[float]]:
    """Without the sentences of another language that one in the question's answers better."""
    own = [detect_language(sentence.words) == language for sentence in sentences]
    best = max((score for score, is_own in zip(scores, own, strict=True) if is_own), default=0.0)
    kept = [i for i, score in enumerate(scores) if own[i] or score > best]
    return [sentences[i] for i in kept], [scores[i] for i in kept]


def _novel(
    sentences: Sequence[_Sentence], scores: Sequence[float], documents: Mapping[str, str]
) -> list[_Sentence]:
    """The best sentences, none repeating another, none far below the best; the last place is another document's.

    Where one document alone was found, it may fill all places. What repeats a sentence but for the contrary, and
    stands in another document, follows it.
    """
    chosen: list[_Sentence] = []
    several = len(set(documents.values())) > 1
    order = sorted(range(len(sentences)), key=lambda i: (-scores[i], i))
    for i in order:
        if scores[i] < _RELATIVE_FLOOR * scores[order[0]] or len(chosen) == _CLAIMS:
            break
        told = {documents[one.key] for one in chosen}
        if several and len(chosen) == _CLAIMS - 1 and told == {documents[sentences[i].key]}:
            continue
        same = [one for one in chosen if _repeats(sentences[i], one)]
        if not same:
            chosen.append(sentences[i])
        elif len(same) == 1 and _disagree(sentences[i], same[0], documents):
            chosen.insert(chosen.index(same[0]) + 1, sentences[i])
    return chosen


def _disagree(one: _Sentence, other: _Sentence, documents: Mapping[str, str]) -> bool:
    apart = documents[one.key] != documents[other.key]
    return apart and conflict(one.words, other.words) is not None


def _repeats(one: _Sentence, other: _Sentence) -> bool:
    """Whether most words of the shorter stand in the other, and neither has figures of its own beside the other's."""
    shared = len(one.terms & other.terms) / (min(len(one.terms), len(other.terms)) or 1)
    if shared < _SAME:
        return False
    mine, theirs = figures(one.words), figures(other.words)
    return mine <= theirs or theirs <= mine


def _from_measurements(evidence: Sequence[Evidence], language: Language) -> list[DraftClaim]:
    regions = [(item.key, item.source) for item in evidence if isinstance(item.source, Region)]
    return [
        DraftClaim(
            text=measurement_sentence(region.observation, language),
            about="query_image",
            citations=(DraftCitation(evidence=key, quote=region.observation.value),),
        )
        for key, region in regions
    ]


def _from_cases(evidence: Sequence[Evidence], language: Language) -> list[DraftClaim]:
    cases = [(item.key, item.source) for item in evidence if isinstance(item.source, Case)]
    return [
        DraftClaim(
            text=case_sentence(case, field, words, language),
            about=f"case:{case.case_id}",
            citations=(DraftCitation(evidence=key, quote=words),),
        )
        for key, case in cases[:_CASES]
        for field, words in _telling(case)
    ]


def _telling(case: Case) -> list[tuple[str, str]]:
    """The diagnosis and the first sentences of a case; what stands in two fields is told once."""
    told: list[tuple[str, str]] = []
    fields = sorted(case_words(case), key=lambda item: item[0] != "diagnosis")
    for field, text in fields:
        pieces = [text[start:end] for start, end in split_sentences(text)]
        told += [(field, piece) for piece in pieces if piece not in {words for _, words in told}]
    return told[:_PER_CASE]
