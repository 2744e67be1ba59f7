"""A served language model behind the `Entailment` port: it vouches for wording, and for nothing else."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.language import detect_language
from radcite.core.ports import ChatModel
from radcite.core.sources import Language
from radcite.prompts.registry import load

__all__ = ["ChatEntailment", "Judgement"]

_PROMPT = ("judge", 1)
_VALUE: Mapping[str, float] = {"supported": 1.0, "weak": 0.5, "unsupported": 0.0}


class Judgement(Frozen):
    """What the model says of a claim beside its quotes; the reason comes first, so that it is thought of first."""

    reason: str
    support: Literal["supported", "weak", "unsupported"]


class ChatEntailment:
    """1 where the model says that the quotes support the claim, 0.5 for weakly, else 0.

    Args:
        chat: The model; one that fails or is away vouches for nothing.
    """

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat

    @property
    def fingerprint(self) -> str:
        """The model's name and the prompt's version."""
        name, version = _PROMPT
        return f"{self._chat.name}/{name}.v{version}"

    @property
    def thresholds(self) -> Mapping[Language, float]:
        """Only a plain `supported` is taken, in either language."""
        return {"en": 1.0, "zh": 1.0}

    @property
    def doubts(self) -> Mapping[Language, float]:
        """None: a model that is away must not silence what the rules let pass."""
        return {}

    async def carried(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """What the model says of each pair of quote and claim."""
        return await asyncio.gather(*(self._carried(quote, claim) for quote, claim in pairs))

    async def _carried(self, quote: str, claim: str) -> float:
        prompt = load(*_PROMPT, detect_language(claim)).render(quotes=quote, claim=claim)
        try:
            return _VALUE[(await self._chat.complete(prompt, Judgement)).support]
        except RadciteError:
            return 0.0
