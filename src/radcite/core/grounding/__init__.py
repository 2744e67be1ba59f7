"""The claim gate: pure rules deciding whether quoted words carry a claim, in Chinese and English."""

from radcite.core.grounding.certainty import certainty_of
from radcite.core.grounding.gate import check_claim
from radcite.core.grounding.judge import RuleJudge

__all__ = ["RuleJudge", "certainty_of", "check_claim"]
