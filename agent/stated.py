"""Relations of the evidence as claims: a sign of a condition speaks for it, and what is done next is a next step."""

from collections.abc import Sequence

from radcite.agent.drafts import DraftCitation, DraftClaim
from radcite.core.claims import DifferentialItem, Evidence
from radcite.core.sources import Language, Term
from radcite.tools.knowledge.relations import Relation, relation_of

__all__ = ["stated_claims"]

_MOST = 4


def stated_claims(
    evidence: Sequence[Evidence], votes: Sequence[DifferentialItem], language: Language
) -> list[DraftClaim]:
    """The sentences of the relations, signs first; each names the condition of the votes it speaks of."""
    names = {item.condition.code: item.condition.display[language] for item in votes}
    found = [
        (item.key, relation)
        for item in evidence
        if isinstance(item.source, Term) and (relation := relation_of(item.source))
    ]
    found.sort(key=lambda each: each[1].kind != "finding")
    return [_claim(key, relation, names) for key, relation in found[:_MOST]]


def _claim(key: str, relation: Relation, names: dict[str, str]) -> DraftClaim:
    is_step = relation.kind == "next_step"
    condition = names.get(relation.subject if is_step else relation.object, "")
    part = "next_step" if is_step else "for" if condition else ""
    return DraftClaim(
        text=relation.quote,
        about="general",
        condition=condition,
        part=part,
        citations=(DraftCitation(evidence=key, quote=relation.quote),),
    )
