"""Two sentences disagree only where they speak of the same thing: pairs that do, and pairs that only look so."""

from pathlib import Path

import pytest

from radcite.core.grounding.conflict import conflict

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("conflicts.tsv").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize(("kind", "against", "other"), [row for row in ROWS if row[0] != "none"])
def test_what_one_denies_turns_or_counts_otherwise_is_a_conflict(
    kind: str, against: str, other: str
) -> None:
    assert conflict(against, other) == (kind, 0)
    assert conflict(other, against) == (kind, 1)


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in ROWS if row[0] == "none"])
def test_another_group_drug_or_measure_is_no_conflict(one: str, other: str) -> None:
    assert conflict(one, other) is None
    assert conflict(other, one) is None


def test_a_sentence_among_others_is_found_and_a_very_long_one_is_not_read() -> None:
    told = "The trial enrolled 300 persons. Aspirin decreases the risk of ovarian cancer."
    assert conflict(told, "Aspirin increases the risk of ovarian cancer.") is not None
    assert conflict("Aspirin " * 100 + "decreases it.", "Aspirin " * 100 + "increases it.") is None
