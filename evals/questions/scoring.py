"""What an outcome says to a question, and how right it is."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from radcite.core.claims import Abstention, Answer
from radcite.core.normalization import normalize
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.items import Item

__all__ = [
    "BASELINES",
    "Graded",
    "chosen_option",
    "grade",
    "grade_baselines",
    "rouge_l",
    "token_f1",
    "verdict",
    "words_of",
]

Graded = Mapping[str, float]
_WORD = re.compile(r"[㐀-䶿一-鿿豈-﫿]|[a-z0-9]+(?:[.'-][a-z0-9]+)*")
_NEGATED = re.compile(
    r"\b(no|not|never|without|neither|nor|cannot|fail(s|ed)? to|lack(s|ed)? of|unlikely|does ?n.t|did ?n.t)\b"
    r"|不|无|未|没有|并非"
)
_DOUBTED = re.compile(
    r"\b(unclear|inconclusive|further (studies|research)|may or may not|uncertain|conflicting)\b|不明确|尚不清楚|有待"
)
BASELINES: Mapping[str, str] = {"choice": "longest option", "yesno": "always yes"}
"""What any answerer must beat, by scorer."""


def words_of(text: str) -> list[str]:
    """The words of a text in small letters; each Chinese character is one."""
    return _WORD.findall(normalize(text).text.casefold())


def grade(definition: QuestionSet, item: Item, outcome: Answer | Abstention) -> tuple[str, Graded]:
    """What was said, and its scores in [0, 1]; an abstention says nothing and is not right.

    `answered` is the share that was answered, `words` what was shown.
    """
    claims = [claim.text for claim in outcome.claims] if isinstance(outcome, Answer) else []
    scores: dict[str, float] = {"answered": float(bool(claims))}
    said = " ".join(claims)
    for scorer in definition.scorers:
        match scorer:
            case "choice":
                said = chosen_option(claims, item.options) or ""
                scores["right"] = float(said == item.gold[0][0])
            case "yesno":
                said = verdict(claims) or ""
                scores["right"] = float(said == item.gold[0][0])
            case "names":
                scores |= _names(said, item.gold)
            case "rouge":
                scores["ROUGE-L"] = max(rouge_l(said, gold) for gold in item.gold[0])
    return said, scores


def grade_baselines(definition: QuestionSet, item: Item) -> Mapping[str, Graded]:
    """The scores of what costs nothing, by name."""
    found: dict[str, Graded] = {}
    for scorer in definition.scorers:
        if scorer == "choice":
            longest = max(item.options, key=lambda letter: len(item.options[letter]))
            found[BASELINES[scorer]] = {"right": float(longest == item.gold[0][0])}
        elif scorer == "yesno":
            found[BASELINES[scorer]] = {"right": float(item.gold[0][0] == "yes")}
    return found


def chosen_option(claims: Sequence[str], options: Mapping[str, str]) -> str | None:
    """The option whose words the claims hold most of, rarer ones among the options counting more; None without any.

    A claim that is or opens with a letter of the options (`B`, `(B)`, `答案：B`) chooses it.
    """
    for claim in claims:
        named = re.match(r"\W*(?i:answer|答案)?\W*([A-Z])\b(?!\w)(?=\W*$|[.):：、])", claim)
        if named and named[1] in options:
            return named[1]
    held = set(words_of(" ".join(claims)))
    sets = {letter: set(words_of(text)) for letter, text in options.items()}
    shared = Counter(word for words in sets.values() for word in words)
    scores = {
        letter: sum(1 / shared[word] for word in words & held)
        / (sum(1 / shared[word] for word in words) or 1)
        for letter, words in sets.items()
    }
    best = max(scores.values(), default=0.0)
    return (
        next((letter for letter, score in scores.items() if score == best), None) if best else None
    )


def verdict(claims: Sequence[str]) -> str | None:
    """`yes`, `no` or `maybe` as the first claim reads; None without any."""
    if not claims:
        return None
    first = normalize(claims[0]).text.casefold()
    opening = re.match(r"\W*(yes|no|maybe|是|否)\b", first)
    if opening:
        return {"是": "yes", "否": "no"}.get(opening[1], opening[1])
    if _DOUBTED.search(first):
        return "maybe"
    return "no" if _NEGATED.search(first) else "yes"


def _names(said: str, gold: Sequence[Sequence[str]]) -> Graded:
    """Which of the names stand in what was said, by their words in order."""
    words = f" {' '.join(words_of(said))} "
    held = [
        any(f" {' '.join(words_of(name))} " in words for name in names if words_of(name))
        for names in gold
    ]
    best = max((token_f1(said, name) for names in gold for name in names), default=0.0)
    return {"names held": sum(held) / len(held), "token F1": best}


def token_f1(said: str, gold: str) -> float:
    """The harmonic mean of precision and recall of words, as in SQuAD but with our words."""
    one, other = Counter(words_of(said)), Counter(words_of(gold))
    common = sum((one & other).values())
    return 2 * common / (one.total() + other.total()) if common else 0.0


def rouge_l(said: str, gold: str) -> float:
    """F1 of the longest common subsequence of words.

    Source: Lin, ROUGE: A Package for Automatic Evaluation of Summaries (2004), with equal weights.
    """
    one, other = words_of(said), words_of(gold)
    if not one or not other:
        return 0.0
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for at, right in enumerate(other, 1):
            above = row[at]
            row[at] = diagonal + 1 if word == right else max(above, row[at - 1])
            diagonal = above
    return 2 * row[-1] / (len(one) + len(other))
