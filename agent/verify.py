"""The claim gate: every drafted claim is put at its place in the source and checked before it is shown."""

import asyncio
from collections.abc import Mapping

from langgraph.runtime import Runtime

from radcite.agent.drafts import DraftCitation, DraftClaim
from radcite.agent.safety.texts import abstention_message
from radcite.agent.state import Parts, State, Verified
from radcite.core.claims import (
    Abstention,
    AbstentionReason,
    Answer,
    CaseLocation,
    CharLocation,
    Citation,
    Claim,
    Evidence,
    ImageLocation,
    PageLocation,
    Place,
    ReviewState,
)
from radcite.core.framing import case_words
from radcite.core.grounding import check_claim
from radcite.core.normalization import locate
from radcite.core.sources import Case, Passage, Region, Term

__all__ = ["verify"]

_REVIEWED = frozenset({"caption", "diagnosis"})
_SUBJECTS = frozenset({"query_image", "literature", "general"})


async def verify(state: State, runtime: Runtime[Parts]) -> Verified:
    """Keep what its quotes support, mark what is weak, drop the rest; nothing left is an abstention."""
    parts, evidence = runtime.context, state["evidence"]
    by_key = {item.key: item for item in evidence}
    placed: list[Claim] = []
    refused: list[str] = []
    for drafted in state["draft"].claims:
        citations = [await _placed(one, by_key, state, parts) for one in drafted.citations]
        found = tuple(citation for citation in citations if citation is not None)
        if len(found) == len(citations):
            placed.append(_claim(drafted, found))
        else:
            refused.append(f"{drafted.text} (a quote does not stand in the evidence it names)")
    checked = await asyncio.gather(*(check_claim(claim, evidence, parts.judge) for claim in placed))
    refused += [f"{c.text} ({c.reason})" for c in checked if c.support == "unsupported"]
    return Verified(refused=tuple(refused), outcome=_outcome(state, checked))


def _claim(drafted: DraftClaim, citations: tuple[Citation, ...]) -> Claim:
    return Claim(
        text=drafted.text,
        about=drafted.about if drafted.about in _SUBJECTS or _of_case(drafted) else "general",
        certainty=drafted.certainty,
        support="unsupported",
        citations=citations,
    )


def _of_case(drafted: DraftClaim) -> bool:
    return drafted.about.startswith("case:")


async def _placed(
    drafted: DraftCitation, evidence: Mapping[str, Evidence], state: State, parts: Parts
) -> Citation | None:
    """The citation with its place; None when the key is unknown or the words stand nowhere in it."""
    item = evidence.get(drafted.evidence)
    if item is None:
        return None
    if isinstance(item.source, Region):
        return _measured(item.key, item.source, drafted)
    found = await _place(item.source, drafted.quote, state, parts)
    return Citation(evidence=item.key, quote=found[0], place=found[1]) if found else None


async def _place(
    source: Passage | Case | Term, quote: str, state: State, parts: Parts
) -> tuple[str, Place] | None:
    """The words as they stand in the source, and where."""
    if isinstance(source, Case):
        return _place_in_case(source, quote)
    text, first = (source.text, source.start) if isinstance(source, Passage) else (source.quote, 0)
    span = locate(quote, text)
    if span is None:
        return None
    start, end = first + span[0], first + span[1]
    words = text[span[0] : span[1]]
    boxes = await parts.sources.boxes(state["question"].collection, source.document_id, start, end)
    if boxes:
        return words, PageLocation(document_id=source.document_id, boxes=boxes)
    return words, CharLocation(document_id=source.document_id, start=start, end=end)


def _place_in_case(case: Case, quote: str) -> tuple[str, Place] | None:
    # A whole field first: the same word may stand within a longer one.
    fields = sorted(case_words(case), key=lambda item: item[1].strip() != quote.strip())
    for field, text in fields:
        if span := locate(quote, text):
            start, end = span
            place = CaseLocation(case_id=case.case_id, field=field, start=start, end=end)
            return text[start:end], place
    return None


def _measured(key: str, region: Region, drafted: DraftCitation) -> Citation | None:
    """A measurement is cited by its own words."""
    if locate(drafted.quote, region.observation.value) is None:
        return None
    place = ImageLocation(
        image=region.image, frame=region.frame, box=region.box, observation=region.observation
    )
    return Citation(evidence=key, place=place)


def _outcome(state: State, checked: list[Claim]) -> Answer | Abstention:
    shown = _distinct([claim for claim in checked if claim.support != "unsupported"])
    if not any(claim.support == "supported" for claim in shown):
        return _abstention(state, "NOT_SUPPORTED" if state["evidence"] else "NO_EVIDENCE")
    cited = {citation.evidence for claim in shown for citation in claim.citations}
    votes = state.get("differential")
    for item in votes or ():
        cited.update(item.supporting, item.against)
    task = state["task"]
    return Answer(
        trace_id=state["trace_id"],
        task=task,
        language=state["language"],
        degraded=state["degraded"],
        safety=state["safety"],
        claims=tuple(shown),
        evidence=tuple(item for item in state["evidence"] if item.key in cited),
        differential=votes,
        review=ReviewState(report_id=state["trace_id"]) if task in _REVIEWED else None,
    )


def _abstention(state: State, reason: AbstentionReason) -> Abstention:
    return Abstention(
        trace_id=state["trace_id"],
        task=state["task"],
        language=state["language"],
        degraded=state["degraded"],
        safety=state["safety"],
        reason=reason,
        message=abstention_message(reason, state["language"]),
        searched=state["searched"],
    )


def _distinct(claims: list[Claim]) -> list[Claim]:
    return list({claim.text: claim for claim in reversed(claims)}.values())[::-1]
