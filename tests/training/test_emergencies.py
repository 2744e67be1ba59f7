"""The reading of emergencies is made again from its written messages, alike each time."""

import pytest

from radcite.agent.safety.wording import wording_models
from radcite.core.sources import Language
from radcite.training.wording.emergencies import fit_wording, written_messages


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_recipe_gives_what_the_package_carries_and_finds_more_than_the_rules(
    language: Language,
) -> None:
    model, figures = fit_wording(language)
    carried = wording_models()[language]
    assert model.weights.keys() == carried.weights.keys()
    assert model.bias == pytest.approx(carried.bias, abs=0.01)
    assert model.rule == carried.rule
    by_source = {one.source: one for one in figures}
    assert by_source["messages"].recall > by_source["messages"].rules_recall
    assert by_source["second"].recall > 0.97
    assert by_source["second"].false_alarms <= 0.04


def test_written_messages_hold_both_kinds_in_both_languages_once_each() -> None:
    rows = [row for of_source in written_messages().values() for row in of_source]
    assert len({row.id for row in rows}) == len(rows) == len({row.text for row in rows})
    for language in ("en", "zh"):
        kinds = [row.red_flag for row in rows if row.language == language]
        assert min(kinds.count(True), kinds.count(False)) > 100
