import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest

from radcite.core.claims import Abstention, Answer
from radcite.evals.questions.definition import question_set, question_sets
from radcite.evals.questions.item import Item
from radcite.evals.subject import Reply
from tests.apps.outcomes import abstained, answered

pytestmark = [pytest.mark.extras, pytest.mark.filterwarnings("default")]

ITEMS = [
    Item(id="1", question="Which?", options={"A": "lung", "B": "heart"}, gold=(("A",),)),
    Item(id="2", question="Unknown?", options={"A": "lung", "B": "heart"}, gold=(("A",),)),
]


async def ask(item: Item) -> Reply:
    outcome = answered("lung") if item.question == "Which?" else abstained()
    return Reply(outcome=outcome, seconds=0.1, tokens=7, alone="The heart.")


async def cite(outcome: Answer | Abstention) -> Mapping[str, float]:
    return {"citation recall": 1.0} if isinstance(outcome, Answer) else {}


def test_a_set_runs_under_inspect_without_a_model_or_a_network(tmp_path: Path) -> None:
    pytest.importorskip("inspect_ai")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from inspect_ai import eval as run
        from inspect_ai.log import read_eval_log

        from radcite.evals.inspected import Asking, asked_in, task_of

        task = task_of(question_set("exam-medqa-us"), ITEMS, Asking(ask, cite), {"data": {}})
        (logged,) = run(task, log_dir=str(tmp_path), display="none")
        log = read_eval_log(logged.location)
    assert log.status == "success"
    asked = {one.sample.id: one for one in asked_in(log)}
    assert asked["1"].scores == {"answered": 1, "right": 1, "citation recall": 1}
    assert asked["2"].scores == {"answered": 0, "right": 0}
    assert asked["2"].sample.status == "NO_EVIDENCE"
    assert (asked["1"].tokens, asked["1"].alone["right"], asked["2"].unit) == (7, 0, "2")
    assert asked["1"].sample.quotes[0].quote == "lung is so."


def test_inspect_finds_every_set_by_its_name() -> None:
    pytest.importorskip("inspect_ai")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from importlib.metadata import entry_points

        (point,) = entry_points(group="inspect_ai", name="radcite")
        module = point.load()
        from inspect_ai._util.registry import registry_lookup

        for name in question_sets():
            assert registry_lookup("task", f"radcite/{name}") is not None, name
    assert module.run_set
