"""The judge that needs no model: rules over the claim's and the quotes' sentences."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from radcite.core.claims import CaseLocation, CharLocation, Citation, Claim, Evidence
from radcite.core.grounding.context import topic
from radcite.core.grounding.coverage import other_drug, uncovered_words
from radcite.core.grounding.edits import word_exchanged
from radcite.core.grounding.laterality import side_differs
from radcite.core.grounding.numbers import number_differs
from radcite.core.grounding.order import events_turned, sides_exchanged
from radcite.core.grounding.pairing import Finding, Pair, Rule, lay
from radcite.core.grounding.polarity import certainty_differs, negation_differs, obligation_differs
from radcite.core.grounding.quotes import source_text
from radcite.core.grounding.reading import read
from radcite.core.grounding.roles import cause_differs, comparison_differs
from radcite.core.grounding.scope import (
    aim_told_as_result,
    condition_dropped,
    history_told_as_present,
    part_told_as_whole,
    population_dropped,
    quantifier_raised,
    restriction_differs,
)
from radcite.core.grounding.shares import share_turned
from radcite.core.grounding.stitching import clauses_stitched, places_crossed
from radcite.core.language import detect_language
from radcite.core.normalization import locate, normalize
from radcite.core.ports import Verdict
from radcite.core.sentences import split_sentences
from radcite.core.sources import Language, Passage, Source

__all__ = ["RuleJudge"]

_ANAPHORA = re.compile(
    r"(?:it|its|they|their|this|these|those|both|其|该|这|此)(?![a-z])", re.IGNORECASE
)
_MAX_SENTENCE = 2_000
_RULES: tuple[Rule, ...] = (
    word_exchanged,
    number_differs,
    share_turned,
    side_differs,
    negation_differs,
    certainty_differs,
    obligation_differs,
    comparison_differs,
    cause_differs,
    clauses_stitched,
    places_crossed,
    sides_exchanged,
    events_turned,
    aim_told_as_result,
    condition_dropped,
    history_told_as_present,
    population_dropped,
    part_told_as_whole,
    quantifier_raised,
    restriction_differs,
    other_drug,
    uncovered_words,
)


class RuleJudge:
    """Decides by rules whether quotes carry a claim; it knows no model and reads no file of the user."""

    @property
    def fingerprint(self) -> str:
        """Name and version of the rules."""
        return "rules/1"

    async def judge(
        self, claim: Claim, quotes: Sequence[str], evidence: Sequence[Evidence]
    ) -> Verdict:
        """`supported` only when every sentence of the claim is carried by one quoted sentence."""
        language = detect_language(claim.text)
        premises = [sentence for quote in quotes for sentence in _premises(quote)]
        premises = [p for p in premises if detect_language(p) == language]
        if not premises:
            return Verdict(support="weak", reason="claim and quote are in different languages")
        wholes = _whole_sentences(claim, evidence)
        topics = [topic(item.source, language) for item in evidence]
        shared = frozenset[str]() if not topics else topics[0].intersection(*topics[1:])
        for sentence in _sentences(_unframed(claim)):
            finding = _carried(sentence, premises, language, shared)
            if wholes and (finding is None or finding.support == "weak"):
                finding = _carried(sentence, wholes, language, shared)
            if finding is not None:
                return Verdict(support=finding.support, reason=finding.reason)
        return Verdict(support="supported", reason="the quoted words carry the claim")


def _whole_sentences(claim: Claim, evidence: Sequence[Evidence]) -> list[str]:
    """The sentences of the sources that the quotes were cut from, so that no `not` is cut off."""
    sources = {item.key: item.source for item in evidence}
    wholes: list[str] = []
    for citation in claim.citations:
        text = (
            source_text(citation, sources[citation.evidence])
            if citation.evidence in sources
            else None
        )
        span = _span(citation, sources[citation.evidence], text) if text else None
        if text is None or span is None:
            continue
        touched = [text[a:b] for a, b in split_sentences(text) if a < span[1] and span[0] < b]
        wholes += _premises(" ".join(touched))
    return wholes


def _span(citation: Citation, source: Source, text: str) -> tuple[int, int] | None:
    place = citation.place
    if isinstance(place, CharLocation) and isinstance(source, Passage):
        return place.start - source.start, place.end - source.start
    if isinstance(place, CaseLocation):
        return place.start, place.end
    return locate(citation.quote or "", text)


def _unframed(claim: Claim) -> str:
    """The claim without `In case C-12 …`, when it speaks of that case."""
    text = normalize(claim.text).text
    if not claim.about.startswith("case:"):
        return text
    case_id = re.escape(claim.about.removeprefix("case:"))
    text = re.sub(
        rf"(?:\b(?:in|of|for) )?(?:\bthe )?(?:similar )?\bcase {case_id}(?![\w-])"
        rf"|(?:相似)?病例\s?{case_id}(?![A-Za-z0-9-])的?(?:报告)?",
        " ",
        text,
        flags=re.IGNORECASE,
    )
    return text.strip(" ,:，：")


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)] or [text]


def _premises(quote: str) -> list[str]:
    """The sentences of a quote; one that opens with `it` or `该` also together with the one before it."""
    sentences = _sentences(normalize(quote).text)
    joined = [
        f"{before}; {after}"
        for before, after in pairwise(sentences)
        if _ANAPHORA.match(after) is not None
    ]
    return [*sentences, *joined]


def _carried(
    sentence: str,
    premises: Iterable[str],
    language: Language,
    shared: frozenset[str] = frozenset(),
) -> Finding | None:
    """None when one premise carries the sentence; else the finding of the nearest premise."""
    worst: list[Finding] = []
    for premise in premises:
        if _bare(premise) == _bare(sentence):
            return None
        if max(len(sentence), len(premise)) > _MAX_SENTENCE:
            worst.append(Finding("a sentence is too long to check"))
            continue
        finding = _first_finding(lay(read(sentence, language), read(premise, language), shared))
        if finding is None:
            return None
        worst.append(finding)
    weak = [finding for finding in worst if finding.support == "weak"]
    return (weak or worst)[0]


def _bare(text: str) -> str:
    return text.strip(" .。;,").casefold()


def _first_finding(pair: Pair) -> Finding | None:
    findings = [finding for rule in _RULES if (finding := rule(pair)) is not None]
    firm = [finding for finding in findings if finding.support == "unsupported"]
    return (firm or findings or [None])[0]
