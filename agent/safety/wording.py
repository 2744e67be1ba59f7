"""A net beneath the rules: how much the words of a message are like those of emergencies.

The rules know what they were written for and read a history as a present now and then. A linear reading of the
message's words and pairs of words, learned from written messages, weighs with them: it raises an alarm of its own
where it is sure, and it silences a rule only where nothing but the rule speaks for one: never a sign of one that is
`always` heard, and never a short sentence that says it outright. It needs no encoder, and each word's part in what
it says can be told.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from radcite.agent.safety.exam import is_exam
from radcite.agent.safety.red_flags import Heard, heard, plain_words, said_plainly
from radcite.core.frozen import Frozen
from radcite.core.language import detect_language
from radcite.core.sources import Language

__all__ = [
    "WordingModel",
    "described_emergency",
    "emergency_advice",
    "grams",
    "needs_person",
    "wording_models",
]

_GENERAL: Mapping[Language, str] = {
    "en": "This may be an emergency. If it is happening now, call the emergency services or the emergency team at"
    " once; do not wait for an answer here.",
    "zh": "这可能是急症。如正在发生，请立即拨打急救电话（120）或呼叫院内急救小组，不要等待这里的回答。",
}
_TOKEN = re.compile(r"[a-z][a-z']*|\d+|[\u3400-\u9fff]")
_DESCRIBED: Mapping[Language, str] = {
    "en": " The case described is an emergency: if such a patient is before you now, call the emergency team at once;"
    " do not wait for an answer here.",
    "zh": "所述病例属急症：若眼前正有这样的患者，请立即呼叫急救小组或拨打 120，不要等待这里的回答。",
}


class WordingModel(Frozen):
    """A linear reading of a message's words in one language.

    `weights` holds, for each word or pair, in how many of `messages` it stood and its weight. An alarm is raised
    where `score + bias`, with `rule` added if a rule alarms, is 0 or more.
    """

    language: Language
    messages: int
    bias: float
    rule: float
    weights: dict[str, tuple[int, float]]

    def alarms(self, text: str, *, by_rule: bool) -> bool:
        """Whether message and rules together make an emergency likely."""
        return sum(self.parts(text).values()) + self.bias + self.rule * by_rule >= 0

    def parts(self, text: str) -> Mapping[str, float]:
        """What each word and pair of the message adds; below 0 it speaks against an emergency."""
        rarity = {gram: self._rarity(gram) for gram in sorted(grams(text))}
        length = math.sqrt(sum(value * value for value in rarity.values())) or 1.0
        return {
            gram: value * self.weights[gram][1] / length
            for gram, value in rarity.items()
            if gram in self.weights
        }

    def _rarity(self, gram: str) -> float:
        return math.log(self.messages / self.weights.get(gram, (1, 0))[0])


def grams(text: str) -> set[str]:
    """The words of a text, neighbours, and pairs with one word between; a number counts by its length.

    A Chinese character is a word of its own. `<` and `>` stand at the two ends.
    """
    found: Iterable[str] = _TOKEN.findall(plain_words(text))
    words = ["<", *(f"#{len(word)}" if word.isdigit() else word for word in found), ">"]
    pairs = pairwise(words)
    apart = zip(words, words[2:], strict=False)
    return {*words, *map(" ".join, pairs), *map(" _ ".join, apart)} - {"<", ">"}


@lru_cache(maxsize=1)
def wording_models() -> Mapping[Language, WordingModel]:
    """What radcite carries, by language; made by `radcite train emergencies`."""
    text = files("radcite.agent.safety").joinpath("wording.json").read_text("utf-8")
    models = [WordingModel.model_validate(each) for each in json.loads(text)]
    return {model.language: model for model in models}


def emergency_advice(text: str, language: Language, found: Heard | None = None) -> tuple[str, ...]:
    """The advice that stands before the answer, in the language of the answer: the rules' own, or a general one.

    A question of an examination gets none, unless a rule that is always heard alarms: see `described_emergency`.

    Args:
        text: A message.
        language: Of the answer.
        found: What the rules hear in the message, where that is known.
    """
    found = found or heard(text)
    if not found.certain and is_exam(text):
        return ()
    told = tuple(rule.advice(language) for rule in found.rules)
    if not text.strip() or found.certain or (told and said_plainly(text)):
        return told
    if not wording_models()[detect_language(text)].alarms(text, by_rule=bool(told)):
        return ()
    return told or (_GENERAL[language],)


def described_emergency(text: str, language: Language, found: Heard) -> str:
    """The line for a question of an examination that tells of an emergency; empty for every other message.

    Args:
        text: A message.
        language: Of the answer.
        found: What the rules hear in the message.
    """
    return _DESCRIBED[language] if found.rules and not found.certain and is_exam(text) else ""


def needs_person(text: str, found: Heard) -> bool:
    """Whether a person must take over: somebody may harm themselves, by the signs or by how it is worded.

    Args:
        text: A message.
        found: What the rules hear in it.
    """
    if found.person or not found.certain:
        return found.person
    return wording_models()[detect_language(text)].alarms(text, by_rule=True)
