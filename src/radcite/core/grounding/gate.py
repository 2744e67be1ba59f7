"""The claim gate: what a claim must pass before it may be shown as supported."""

from collections.abc import Sequence

from radcite.core.claims import Citation, Claim, Evidence, ImageLocation, Support
from radcite.core.framing import restates
from radcite.core.grounding.certainty import certainty_of
from radcite.core.grounding.pairing import Finding
from radcite.core.grounding.quotes import citation_fails, is_short
from radcite.core.normalization import normalize
from radcite.core.ports import SupportJudge

__all__ = ["check_claim"]

_MAX_CHARS = 20_000


async def check_claim(claim: Claim, evidence: Sequence[Evidence], judge: SupportJudge) -> Claim:
    """The claim with its support and the reason, and its certainty as its words say it.

    Key, quote, place and subject of each citation are checked first; only what stands is judged.
    A claim is `supported` only when every citation holds and the judge agrees.
    """
    support, reason = await _support(claim, evidence, judge)
    certainty = certainty_of(claim.text)
    return claim.model_copy(update={"support": support, "reason": reason, "certainty": certainty})


async def _support(
    claim: Claim, evidence: Sequence[Evidence], judge: SupportJudge
) -> tuple[Support, str]:
    finding = _citations_fail(claim, evidence)
    if finding is not None:
        return finding.support, finding.reason
    cited = {citation.evidence for citation in claim.citations}
    if _in_fixed_words(claim, [item for item in evidence if item.key in cited]):
        return "supported", "the cited record or measurement in its fixed words"
    verdict = await judge.judge(
        claim,
        [_words(citation) for citation in claim.citations if not _is_figure(citation)],
        [item for item in evidence if item.key in cited],
    )
    return verdict.support, verdict.reason


def _words(citation: Citation) -> str:
    if isinstance(citation.place, ImageLocation):
        return citation.place.observation.value.replace("_", " ")
    return citation.quote or ""


def _is_figure(citation: Citation) -> bool:
    return isinstance(citation.place, ImageLocation) and citation.place.on_page is not None


def _citations_fail(claim: Claim, evidence: Sequence[Evidence]) -> Finding | None:
    if len(claim.text) > _MAX_CHARS or any(len(_words(c)) > _MAX_CHARS for c in claim.citations):
        return Finding("the text is too long to check")
    by_key = {item.key: item for item in evidence}
    if len(by_key) != len(evidence):
        return Finding("two pieces of evidence share a key")
    for citation in claim.citations:
        if finding := citation_fails(citation, claim.about, by_key):
            return finding
    quoted = {c.evidence for c in claim.citations if not _is_figure(c)}
    if any(c.evidence not in quoted for c in claim.citations):
        return Finding("a figure is cited without words of its caption")
    text = [c for c in claim.citations if not isinstance(c.place, ImageLocation)]
    if _in_fixed_words(claim, evidence):
        return None
    if text and all(is_short(c.quote or "") for c in text) and not _repeats(claim, text):
        return Finding("the quote is too short to carry a claim")
    return None


def _in_fixed_words(claim: Claim, evidence: Sequence[Evidence]) -> bool:
    return any(restates(claim, item.source) for item in evidence)


def _repeats(claim: Claim, citations: Sequence[Citation]) -> bool:
    said = normalize(claim.text).text.rstrip(" .。")
    return any(normalize(c.quote or "").text.rstrip(" .。") == said for c in citations)
