"""The judge: rules over the claim's and the quotes' sentences, and a trained model of wording if there is one.

The rules' vetoes (numbers, sides, denials, …) stand against any model. Where all their findings are of wording, the
model may say that the quote carries the claim; where they find nothing to object and the claim is not verbatim, the
model may doubt it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from radcite.core.claims import CaseLocation, CharLocation, Citation, Claim, Evidence
from radcite.core.grounding.bearers import bearer_differs, population_dropped
from radcite.core.grounding.context import topic
from radcite.core.grounding.coverage import other_drug, uncovered_words
from radcite.core.grounding.crossing import predicate_of_another
from radcite.core.grounding.edits import word_exchanged
from radcite.core.grounding.ended import ended_told_as_going_on
from radcite.core.grounding.laterality import side_differs
from radcite.core.grounding.narrowing import attribute_dropped, moment_dropped, rule_widened
from radcite.core.grounding.numbers import number_differs
from radcite.core.grounding.order import events_turned, sides_exchanged
from radcite.core.grounding.pairing import Finding, Rule, lay
from radcite.core.grounding.polarity import certainty_differs, negation_differs, obligation_differs
from radcite.core.grounding.quotes import source_text
from radcite.core.grounding.reading import read
from radcite.core.grounding.roles import cause_differs, comparison_differs
from radcite.core.grounding.scope import (
    aim_told_as_result,
    bound_dropped,
    condition_dropped,
    history_told_as_present,
    part_told_as_whole,
    quantifier_raised,
    restriction_differs,
)
from radcite.core.grounding.shares import share_turned
from radcite.core.grounding.standing import belief_told_as_fact, exception_dropped
from radcite.core.grounding.stitching import clauses_stitched, places_crossed
from radcite.core.language import detect_language
from radcite.core.normalization import locate, normalize
from radcite.core.ports import Entailment, Verdict
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
    predicate_of_another,
    sides_exchanged,
    events_turned,
    aim_told_as_result,
    condition_dropped,
    moment_dropped,
    attribute_dropped,
    rule_widened,
    bound_dropped,
    history_told_as_present,
    ended_told_as_going_on,
    belief_told_as_fact,
    exception_dropped,
    bearer_differs,
    population_dropped,
    part_told_as_whole,
    quantifier_raised,
    restriction_differs,
    other_drug,
    uncovered_words,
)


class RuleJudge:
    """Decides whether quotes carry a claim.

    Args:
        entailment: Settles what the rules find merely worded otherwise; without it such a claim is refused.
    """

    def __init__(self, entailment: Entailment | None = None) -> None:
        self._entailment = entailment

    @property
    def fingerprint(self) -> str:
        """Version of the rules, and the model's name and digest."""
        return f"rules/5+{self._entailment.fingerprint}" if self._entailment else "rules/5"

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
            told = _objections(sentence, premises, language, shared)
            finding = nearest = _nearest(told)
            whole = told
            if wholes and (nearest is None or nearest.support == "weak" or _only_worded(told)):
                whole = _objections(sentence, wholes, language, shared)
                finding = (
                    _nearest(whole) if nearest is None or nearest.support == "weak" else nearest
                )
            if finding is None:
                if await self._doubted(sentence, quotes, (*premises, *wholes), wholes, language):
                    return Verdict(support="weak", reason="the model of wording doubts it")
            elif not (
                _only_worded(told)
                and _only_worded(whole)
                and await self._vouched(sentence, quotes, wholes, language)
            ):
                return Verdict(support=finding.support, reason=finding.reason)
        return Verdict(support="supported", reason="the quoted words carry the claim")

    async def _vouched(
        self, sentence: str, quotes: Sequence[str], wholes: Sequence[str], language: Language
    ) -> bool:
        """Whether the model finds the sentence carried, however it is worded."""
        least = self._entailment.thresholds.get(language) if self._entailment else None
        if self._entailment is None or least is None:
            return False
        found = await self._entailment.carried(
            [(text, sentence) for text in _asked(quotes, wholes)]
        )
        return min(found) >= least

    async def _doubted(
        self,
        sentence: str,
        quotes: Sequence[str],
        said: Sequence[str],
        wholes: Sequence[str],
        language: Language,
    ) -> bool:
        """Whether the model finds next to nothing of the sentence in what was quoted, though no rule objects."""
        least = self._entailment.doubts.get(language) if self._entailment else None
        if self._entailment is None or least is None:
            return False
        if any(_verbatim(sentence, text, language) for text in said):
            return False
        found = await self._entailment.carried(
            [(text, sentence) for text in _asked(quotes, wholes)]
        )
        return 0 < max(found) < least


def _asked(quotes: Sequence[str], wholes: Sequence[str]) -> list[str]:
    """What a model reads: the quotes, and the sentences they were cut from, where a `not` may have been left."""
    both = (normalize(" ".join(quotes)).text, normalize(" ".join(wholes or quotes)).text)
    return list(dict.fromkeys(both))


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


def _objections(
    sentence: str, premises: Iterable[str], language: Language, shared: frozenset[str]
) -> list[tuple[Finding, ...]]:
    """What the rules object to each premise; nothing to one that carries the sentence."""
    return [_objected(sentence, premise, language, shared) for premise in premises]


def _objected(
    sentence: str, premise: str, language: Language, shared: frozenset[str]
) -> tuple[Finding, ...]:
    if _bare(premise) == _bare(sentence):
        return ()
    if max(len(sentence), len(premise)) > _MAX_SENTENCE:
        return (Finding("a sentence is too long to check"),)
    pair = lay(read(sentence, language), read(premise, language), shared)
    return tuple(finding for rule in _RULES if (finding := rule(pair)) is not None)


def _only_worded(objections: Sequence[tuple[Finding, ...]]) -> bool:
    """Whether some premise meets with no objection but that the sentence is worded otherwise."""
    return any(all(one.kind == "wording" for one in found) for found in objections)


def _nearest(objections: Sequence[tuple[Finding, ...]]) -> Finding | None:
    """None when one premise carries the sentence; else the finding of the nearest premise."""
    if not all(objections):
        return None
    firm = [
        next((f for f in found if f.support == "unsupported"), found[0]) for found in objections
    ]
    return next((finding for finding in firm if finding.support == "weak"), firm[0])


def _bare(text: str) -> str:
    return text.strip(" .。;,").casefold()


def _verbatim(sentence: str, text: str, language: Language) -> bool:
    """Whether the sentence stands in a text but for how its numbers are written (`0.5 g` for `500 mg`)."""
    if _bare(sentence) in _bare(text):
        return True
    short = max(len(sentence), len(text)) <= _MAX_SENTENCE
    return short and read(sentence, language).told in read(text, language).told
