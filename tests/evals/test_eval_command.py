import json
from collections.abc import Callable
from pathlib import Path

import pytest

from radcite.apps.cli import main

DATA = Path(__file__).parents[2] / "../shared/data"


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def ended(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as stop:
            main(("eval", *arguments))
        told = capsys.readouterr()
        assert stop.value.code == code, told.err
        return told.out

    return ended


def test_the_tasks_are_listed_with_their_goals(run: Callable[..., str]):
    tasks = json.loads(run("ls", "--json"))["tasks"]
    goals = {task["name"]: task["goals"] for task in tasks}
    assert goals["retrieval-bioasq"][0]["value"] == 0.86
    assert "gate-adversarial" in run("ls")


def test_a_run_prints_its_table_and_keeps_every_score(run: Callable[..., str], tmp_path: Path):
    options = ("--work", "w", "--limit", "2", "--out", "kept")
    assert "shown as supported" in run("run", "gate-adversarial", *options)
    document = json.loads(run("run", "gate-adversarial", *options, "--json"))
    assert document["schema"] == "radcite.eval/1"
    assert document["rows"][0]["n"] == 4
    assert "scores" not in document
    assert json.loads((tmp_path / "kept/gate-adversarial.json").read_text("utf-8"))["scores"]


def test_two_kept_runs_are_compared(run: Callable[..., str]):
    for name in ("one", "other"):
        run("run", "gate-benign", "--work", "w", "--limit", "3", "--out", name)
    paths = ("one/gate-benign.json", "other/gate-benign.json")
    found = json.loads(run("compare", *paths, "--json"))["contrasts"]
    assert {one["difference"] for one in found} == {0}
    assert "the graph, all" in run("compare", *paths)


def test_data_that_is_not_there_is_a_usage_error(run: Callable[..., str]):
    out = run("run", "retrieval-pubmedqa", "--work", "w", "--json", code=2)
    assert json.loads(out)["code"] == "NOT_FOUND"


def test_an_unknown_task_is_a_usage_error(run: Callable[..., str]):
    run("run", "no-such-task", code=2)


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="the measuring data is not beside the checkout")
def test_articles_are_read_as_their_publishers_xml_says(run: Callable[..., str]):
    options = ("--data", str(DATA), "--work", "w", "--limit", "3", "--json")
    rows = json.loads(run("run", "pdf-citations", *options))["rows"]
    means = {row["metric"]: row["mean"] for row in rows}
    assert means["titles found"] == means["figure captions found"] == 1
    assert means["sentences in their boxes"] >= 0.99
    assert means["words of the body in order"] >= 0.9
