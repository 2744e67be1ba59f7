"""The claim gate: pure rules deciding whether quoted words carry a claim, in Chinese and English."""

from radcite.core.grounding.gate import check_claim
from radcite.core.grounding.judge import RuleJudge

__all__ = ["RuleJudge", "check_claim"]
