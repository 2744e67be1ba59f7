"""A net beneath the rules: how much the words of a message are like those of emergencies.

The rules know what they were written for and read a history as a present now and then. A linear reading of the
question's vector, learned from written messages, weighs with them: it raises an alarm of its own where it is sure,
and it silences a rule only where nothing but the rule speaks for one, and never one that is `always` heard.
Without an encoder the rules stand alone.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import numpy as np

from radcite.agent.safety.red_flags import find_red_flags
from radcite.core.frozen import Frozen
from radcite.core.language import detect_language
from radcite.core.ports import TextEncoder
from radcite.core.sources import Language

__all__ = ["WordingModel", "emergency_advice", "wording_models"]

_GENERAL: Mapping[Language, str] = {
    "en": "This may be an emergency. If it is happening now, call the emergency services or the emergency team at"
    " once; do not wait for an answer here.",
    "zh": "这可能是急症。如正在发生，请立即拨打急救电话（120）或呼叫院内急救小组，不要等待这里的回答。",
}


class WordingModel(Frozen):
    """A linear reading of vectors of one encoder in one language.

    An alarm is raised where `weights · vector + bias`, with `rule` added if a rule alarms, is 0 or more.
    """

    encoder: str
    language: Language
    weights: tuple[float, ...]
    bias: float
    rule: float

    def alarms(self, vector: np.ndarray, *, by_rule: bool) -> bool:
        """Whether message and rules together make an emergency likely. `vector`: (dim,), unit length."""
        return float(vector @ np.asarray(self.weights)) + self.bias + self.rule * by_rule >= 0


@lru_cache(maxsize=1)
def wording_models() -> Mapping[tuple[str, Language], WordingModel]:
    """What radcite carries, by encoder and language; made by `radcite train emergencies`."""
    text = files("radcite.agent.safety").joinpath("wording.json").read_text("utf-8")
    models = [WordingModel.model_validate(each) for each in json.loads(text)]
    return {(model.encoder, model.language): model for model in models}


async def emergency_advice(
    text: str, language: Language, encoder: TextEncoder | None
) -> tuple[str, ...]:
    """The advice that stands before the answer, in the language of the answer: the rules' own, or a general one."""
    rules = find_red_flags(text)
    told = tuple(rule.advice(language) for rule in rules)
    spoken = detect_language(text)
    model = None
    if encoder is not None and text.strip() and spoken in encoder.languages:
        model = wording_models().get((encoder.fingerprint, spoken))
    if encoder is None or model is None or any(rule.always for rule in rules):
        return told
    vector = (await encoder.encode_query(text))[0]
    if not model.alarms(vector, by_rule=bool(told)):
        return ()
    return told or (_GENERAL[language],)
