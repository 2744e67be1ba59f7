"""How near words are to the words wanted; a Chinese character is a word of its own."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from radcite.core.normalization import normalize

__all__ = ["bleu", "chrf", "exact_match", "rouge_l", "token_f1", "words_of"]

_CHINESE = "㐀-䶿一-鿿豈-﫿"
_WORD = re.compile(rf"[{_CHINESE}]|[^\W_{_CHINESE}]+(?:[.'-][^\W_{_CHINESE}]+)*")


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, of any alphabet (µ and γ are letters); each Chinese character is one."""
    return _WORD.findall(normalize(text).text.casefold())


def exact_match(said: str, gold: str) -> bool:
    """Whether both are the same words, articles aside.

    Source: Rajpurkar et al., SQuAD (2016), with our words.
    """
    return bool(gold) and _without_articles(said) == _without_articles(gold)


def _without_articles(text: str) -> list[str]:
    return [word for word in words_of(text) if word not in {"a", "an", "the"}]


def token_f1(said: str, gold: str) -> float:
    """The harmonic mean of precision and recall of words, as in SQuAD but with our words."""
    one, other = Counter(words_of(said)), Counter(words_of(gold))
    common = sum((one & other).values())
    return 2 * common / (one.total() + other.total()) if common else 0.0


class _Words:
    """The tokenizer that rouge_score is given."""

    def tokenize(self, text: str) -> list[str]:
        return words_of(text)


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], tokenizer=_Words())


def rouge_l(said: str, gold: str) -> float:
    """F1 of the longest common subsequence of words, by rouge_score.

    Source: Lin, ROUGE: A Package for Automatic Evaluation of Summaries (2004), with equal weights.
    """
    return float(_rouge().score(gold, said)["rougeL"].fmeasure)


def bleu(said: str, golds: Sequence[str]) -> float:
    """BLEU of one text in [0, 1], with effective order, by sacrebleu over our words.

    Source: Post, A Call for Clarity in Reporting BLEU Scores (2018).
    """
    from sacrebleu.metrics.bleu import BLEU

    if not words_of(said):
        return 0.0
    references = [" ".join(words_of(gold)) for gold in golds]
    found = BLEU(tokenize="none", effective_order=True).sentence_score(
        " ".join(words_of(said)), references
    )
    return min(1.0, found.score / 100)


def chrf(said: str, golds: Sequence[str]) -> float:
    """ChrF2 of one text in [0, 1], by sacrebleu.

    Source: Popović, chrF: character n-gram F-score for automatic MT evaluation (2015).
    """
    from sacrebleu.metrics.chrf import CHRF

    if not said.strip():
        return 0.0
    return min(1.0, CHRF().sentence_score(said, list(golds)).score / 100)
