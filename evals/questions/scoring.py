"""What an outcome says to a question, and how right it is."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from radcite.core.normalization import normalize
from radcite.evals.metrics.chest_labels import shared_labels
from radcite.evals.metrics.texts import bleu, chrf, exact_match, rouge_l, token_f1, words_of
from radcite.evals.questions.definition import QuestionSet, Scorer
from radcite.evals.questions.item import Item

__all__ = [
    "BASELINES",
    "Graded",
    "chosen_option",
    "grade",
    "grade_baselines",
    "verdict",
]

Graded = Mapping[str, float]
_Read = tuple[str | None, dict[str, float]]
"""What is read out of the claims, if not their words, and its scores."""
_LETTERED = re.compile(
    r"\W*(?P<told>(?i:answer|答案))?\W*(?P<letter>[A-Z])\b(?=\W*$|[.,):：、。，])"
)
_NEGATED = re.compile(
    r"\b(no(?! doubt\b| matter\b)|not(?! only\b| just\b| merely\b)|never|without|neither|nor|cannot"
    r"|fail(s|ed)? to|lack(s|ed)? of|unlikely|does ?n.t|did ?n.t)\b"
    r"|不(?![仅但只同管论断少良久])|无(?![论疑创])|未(?![来成])|没有|并非"
)
_DOUBTED = re.compile(
    r"\b(unclear|inconclusive|further (studies|research)|may or may not|uncertain|conflicting)\b|不明确|尚不清楚|有待"
)
BASELINES: Mapping[str, str] = {
    "choice": "longest option",
    "yesno": "always yes",
    "visual": "always yes",
    "labels": "always no finding",
}
"""What any answerer must beat, by scorer."""


def grade(definition: QuestionSet, item: Item, claims: Sequence[str]) -> tuple[str, Graded]:
    """What the claims say, and their scores in [0, 1]; an abstention, no claim, says nothing and is not right.

    `answered` is the share that was answered.
    """
    scores: dict[str, float] = {"answered": float(bool(claims))}
    said = " ".join(claims)
    for scorer in definition.scorers:
        read, found = _SCORERS[scorer](claims, item)
        said = said if read is None else read
        scores |= found
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
        elif scorer == "visual" and (wanted := _CLOSED.get(item.gold[0][0].casefold())):
            found[BASELINES[scorer]] = {"right, closed": float(wanted == "yes")}
        elif scorer == "labels":
            found[BASELINES[scorer]] = shared_labels("", ". ".join(item.gold[0]))
    return found


def chosen_option(claims: Sequence[str], options: Mapping[str, str]) -> str | None:
    """The option whose words the claims hold most of, rarer ones among the options counting more; None without any.

    A claim chooses an option by its letter where that is told as the answer (`Answer: B`, `答案：B`), stands alone
    (`(B)`) or opens the option's own words (`B. Vasculitis`); "C. difficile" names a bacterium.
    """
    for claim in claims:
        found = _LETTERED.match(claim)
        if found and (letter := found["letter"]) in options:
            rest, own = words_of(claim[found.end() :]), words_of(options[letter])
            if found["told"] or not rest or (own and rest[: len(own)] == own):
                return letter
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


def _choice(claims: Sequence[str], item: Item) -> _Read:
    said = chosen_option(claims, item.options) or ""
    return said, {"right": float(said == item.gold[0][0])}


def _yesno(claims: Sequence[str], item: Item) -> _Read:
    said = verdict(claims) or ""
    return said, {"right": float(said == item.gold[0][0])}


def _names(claims: Sequence[str], item: Item) -> _Read:
    """Which of the names stand in what was said, by their words in order."""
    said = " ".join(claims)
    words = f" {' '.join(words_of(said))} "
    held = [
        any(f" {' '.join(words_of(name))} " in words for name in names if words_of(name))
        for names in item.gold
    ]
    best = max((token_f1(said, name) for names in item.gold for name in names), default=0.0)
    return None, {"names held": sum(held) / len(held), "token F1": best}


def _exact(claims: Sequence[str], item: Item) -> _Read:
    """Exact match of a claim, or of all of them, with a name."""
    told = (*claims, " ".join(claims))
    names = [name for names in item.gold for name in names]
    found = any(exact_match(one, name) for one in told for name in names)
    return None, {"exact match": float(found)}


def _rouge(claims: Sequence[str], item: Item) -> _Read:
    said = " ".join(claims)
    return None, {"ROUGE-L": max(rouge_l(said, gold) for gold in item.gold[0])}


def _overlap(claims: Sequence[str], item: Item) -> _Read:
    said = " ".join(claims)
    return None, {"BLEU": bleu(said, item.gold[0]), "chrF": chrf(said, item.gold[0])}


def _visual(claims: Sequence[str], item: Item) -> _Read:
    """A closed question is right or not; an open one shares words with its answer."""
    gold = item.gold[0][0]
    wanted = _CLOSED.get(gold.casefold())
    if wanted is not None:
        said = verdict(claims) or ""
        return said, {"right, closed": float(said == wanted)}
    _, found = _names(claims, item)
    return None, {f"{name}, open": value for name, value in found.items()}


def _labels(claims: Sequence[str], item: Item) -> _Read:
    """The labels of chest reports that both speak of; those of a list are a sentence each."""
    return None, shared_labels(". ".join(claims), ". ".join(item.gold[0]))


_CLOSED: Mapping[str, str] = {
    **dict.fromkeys(("yes", "是", "是的", "有", "存在"), "yes"),
    **dict.fromkeys(("no", "否", "不是", "没有", "不", "不存在"), "no"),
}
_SCORERS: Mapping[Scorer, Callable[[Sequence[str], Item], _Read]] = {
    "choice": _choice,
    "yesno": _yesno,
    "names": _names,
    "exact": _exact,
    "rouge": _rouge,
    "overlap": _overlap,
    "visual": _visual,
    "labels": _labels,
}
