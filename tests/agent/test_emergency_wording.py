"""What weighs with the rules where an encoder is there, and what it may never do."""

import numpy as np
import pytest

from radcite.agent.safety import wording
from radcite.agent.safety.red_flags import find_red_flags
from radcite.agent.safety.wording import WordingModel, emergency_advice, wording_models
from radcite.apps.models import text_encoder
from radcite.core.ports import TextEncoder
from radcite.core.settings import EncoderSettings, Settings
from radcite.core.sources import Language


@pytest.fixture(scope="module")
def static() -> TextEncoder:
    encoder = text_encoder(Settings(encoders=EncoderSettings(text="static")))
    assert encoder is not None
    return encoder


def test_a_reading_is_carried_for_the_carried_encoder_in_both_languages(
    static: TextEncoder,
) -> None:
    for language in ("en", "zh"):
        model = wording_models()[static.fingerprint, language]
        assert len(model.weights) == static.dim


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "dad went grey and sweaty, one arm dead weight, can't get a sentence out, ten minutes now",
            "en",
        ),
        ("孩子脸发青，喘不上气，嘴唇紫了，叫他也不应", "zh"),
    ],
)
async def test_words_no_rule_was_written_for_still_get_advice(
    text: str, language: Language, static: TextEncoder
) -> None:
    assert await emergency_advice(text, language, static)


async def test_a_literature_question_about_an_emergency_gets_none(static: TextEncoder) -> None:
    asked = "What is the sensitivity of CT angiography for aortic dissection?"
    assert await emergency_advice(asked, "en", static) == ()


async def test_without_an_encoder_the_rules_stand_alone() -> None:
    text = "crushing chest pain into the left arm for an hour, sweating"
    rules = find_red_flags(text)
    assert rules
    assert await emergency_advice(text, "en", None) == tuple(rule.advice_en for rule in rules)


async def test_a_rule_that_is_always_heard_is_never_silenced(
    static: TextEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = WordingModel(
        encoder=static.fingerprint, language="en", weights=(0.0,) * static.dim, bias=-9, rule=0
    )
    monkeypatch.setattr(wording, "wording_models", lambda: {(static.fingerprint, "en"): silent})
    text = "I want to kill myself tonight"
    assert any(rule.always for rule in find_red_flags(text))
    assert await emergency_advice(text, "en", static)


def test_a_rule_adds_to_what_the_words_weigh() -> None:
    model = WordingModel(encoder="e", language="en", weights=(1.0, 0.0), bias=-1.5, rule=1.0)
    vector = np.array([1.0, 0.0])
    assert not model.alarms(vector, by_rule=False)
    assert model.alarms(vector, by_rule=True)
