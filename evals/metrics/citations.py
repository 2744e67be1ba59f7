"""How well citations carry what is said: recall and precision as ALCE defines them, with the house's judge.

A statement is recalled when its citations together carry it. A citation of a recalled statement is precise when it
carries the statement alone, or when the others without it do not; of an unrecalled one none is. ALCE asks a model of
entailment and gives it whole passages; here the judge, rules by default, is given the quoted words, so that it is
stricter. What is shown passed the same judge before: recall below 1 tells of statements shown as weak.

Source: Gao et al., Enabling Large Language Models to Generate Text with Citations (2023), arXiv 2305.14627, section 3.
"""

from collections.abc import Sequence

from radcite.core.claims import Answer, Citation, Claim, Evidence
from radcite.core.grounding import check_claim
from radcite.core.ports import Entailment, SupportJudge

__all__ = ["citation_scores", "judges_agree"]


async def citation_scores(answer: Answer, judge: SupportJudge) -> dict[str, float]:
    """`citation recall`, the share of claims, and `citation precision`, the share of citations."""
    recalled: list[bool] = []
    precise: list[bool] = []
    for claim in answer.claims:
        # A figure stands beside the quote from its caption, which is what carries the claim.
        cited = tuple(one for one in claim.citations if getattr(one.place, "on_page", None) is None)
        whole = await _carried(claim, cited, answer.evidence, judge)
        recalled.append(whole)
        for place, citation in enumerate(cited):
            others = cited[:place] + cited[place + 1 :]
            precise.append(
                whole
                and (
                    not others
                    or await _carried(claim, (citation,), answer.evidence, judge)
                    or not await _carried(claim, others, answer.evidence, judge)
                )
            )
    if not recalled:
        return {}
    return {
        "citation recall": sum(recalled) / len(recalled),
        "citation precision": sum(precise) / len(precise),
    }


async def judges_agree(answer: Answer, judge: SupportJudge, other: Entailment) -> dict[str, float]:
    """The share of claims on which a trained or served judge of the wording says what the house's judge says."""
    if not answer.claims or answer.language not in other.thresholds:
        return {}
    pairs = [
        (" ".join(one.quote or "" for one in claim.citations), claim.text)
        for claim in answer.claims
    ]
    least = other.thresholds[answer.language]
    found = [
        (await _carried(claim, claim.citations, answer.evidence, judge)) == (probability >= least)
        for claim, probability in zip(answer.claims, await other.carried(pairs), strict=True)
    ]
    return {"judges agree": sum(found) / len(found)}


async def _carried(
    claim: Claim, citations: Sequence[Citation], evidence: Sequence[Evidence], judge: SupportJudge
) -> bool:
    cited = claim.model_copy(update={"citations": tuple(citations)})
    return (await check_claim(cited, evidence, judge)).support == "supported"
