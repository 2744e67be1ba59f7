"""Whether quoted words support a claim."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from radcite.core.claims import Claim, Evidence
from radcite.core.frozen import Frozen
from radcite.core.sources import Language

__all__ = ["Entailment", "SupportJudge", "Verdict"]


class Verdict(Frozen):
    """Whether a quote carries a claim, and why. `score` is in [0, 1], higher is surer."""

    support: Literal["supported", "weak", "unsupported"]
    reason: str
    score: float | None = None


class SupportJudge(Protocol):
    """Decides whether quoted words entail a claim."""

    @property
    def fingerprint(self) -> str:
        """Name and version of rules or model."""
        ...

    async def judge(
        self, claim: Claim, quotes: Sequence[str], evidence: Sequence[Evidence]
    ) -> Verdict:
        """The verdict for one claim.

        Args:
            claim: The claim; its citations were already found at their places.
            quotes: The cited words, in the order of the claim's citations.
            evidence: The evidence the claim cites.
        """
        ...


class Entailment(Protocol):
    """A trained model of whether a quote carries a claim; it reads the words and nothing else."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of the model."""
        ...

    @property
    def thresholds(self) -> Mapping[Language, float]:
        """By language, the probability from which a claim is taken for carried; a language not named is not judged."""
        ...

    @property
    def doubts(self) -> Mapping[Language, float]:
        """By language, the probability below which a claim is not shown as supported though no rule objects."""
        ...

    async def carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The probability, in [0, 1], that the first text of each pair carries the second; 0 where it was not read."""
        ...
