"""What the task on identifiers counts."""

from pathlib import Path

from radcite.evals.deid_names import deid_names
from radcite.evals.registry import TASKS
from tests.evals.scene import Told
from tests.evals.test_safety_tasks import mean


async def test_names_are_found_and_words_of_medicine_stay(tmp_path: Path) -> None:
    measured = await deid_names(Told().context(tmp_path, tmp_path))
    assert mean(measured.scores, "NAME, en", "recall") >= 0.9
    assert mean(measured.scores, "NAME, zh", "recall") >= 0.9
    assert mean(measured.scores, "NAME, all", "found or held") >= mean(
        measured.scores, "NAME, all", "recall"
    )
    assert mean(measured.scores, "other words, all", "over-redacted") <= 0.01
    assert mean(measured.scores, "notes, all", "held") <= 0.1
    assert TASKS["deid-names"].version == 1
