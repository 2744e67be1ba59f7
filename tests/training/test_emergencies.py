"""The reading of emergencies is made again from its written messages, alike each time."""

import numpy as np

from radcite.apps.models import text_encoder
from radcite.core.settings import EncoderSettings, Settings
from radcite.training.emergencies import fit_wording, written_messages


async def test_the_recipe_gives_the_same_reading_twice_and_finds_more_than_the_rules() -> None:
    encoder = text_encoder(Settings(encoders=EncoderSettings(text="static")))
    assert encoder is not None
    model, figures = await fit_wording(encoder, "en")
    again, _ = await fit_wording(encoder, "en")
    assert model == again
    assert len(model.weights) == encoder.dim
    assert np.isfinite(model.weights).all()
    assert figures.recall > figures.rules_recall
    assert figures.false_alarms <= 0.03


def test_written_messages_hold_both_kinds_in_both_languages_once_each() -> None:
    rows = written_messages()
    assert len({row.id for row in rows}) == len(rows) == len({row.text for row in rows})
    for language in ("en", "zh"):
        kinds = [row.red_flag for row in rows if row.language == language]
        assert min(kinds.count(True), kinds.count(False)) > 100
