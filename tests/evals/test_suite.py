import json
from collections.abc import Callable
from pathlib import Path

import pytest

from radcite.apps.cli import main
from radcite.apps.grading.subjects import measuring_settings, open_subject
from radcite.apps.wiring import open_house
from radcite.evals.datasets import Data, digest_of
from radcite.evals.questions.definition import question_sets
from radcite.evals.registry import TASKS
from radcite.evals.results import Provenance, Report, Scores, goal, row_of
from radcite.evals.suite import Ended, every_task, headlines, still_holds, suite_page


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def ended(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as stop:
            main(("eval", "run", *arguments))
        told = capsys.readouterr()
        assert stop.value.code == code, told.err
        return told.out

    return ended


def report(folder: Path, **options: int | None) -> Report:
    scores = [
        Scores(system=system, metric=metric, ids=("a", "b"), clusters=("a", "b"), values=(0.0, 1.0))
        for system, metric in (("ours", "right"), ("ours", "seconds"), ("theirs", "right"))
    ]
    return Report(
        task="told",
        version=2,
        unit="question",
        rows=tuple(row_of(one, (goal("ours", "right", 0.75),)) for one in scores),
        contrasts=(),
        notes=(),
        provenance=provenance({"rows.jsonl": digest_of(folder / "rows.jsonl")}, **options),
        seconds=1.0,
    )


def provenance(data: dict[str, str], **options: int | None) -> Provenance:
    return Provenance(
        data=data, versions={"radcite": "1"}, fingerprints={"text": "t"}, options=options
    )


def test_every_task_and_set_is_run_once_and_what_searches_much_comes_later(tmp_path: Path):
    names = every_task(Data(tmp_path))
    assert sorted(names) == sorted([*TASKS, *question_sets()])
    assert names.index("red-flags") < names.index("retrieval-bioasq")


def test_what_was_measured_is_kept_and_what_has_no_data_is_named(
    run: Callable[..., str], tmp_path: Path
):
    options = ("--resume", "--work", "w", "--out", "kept", "--data", str(tmp_path), "--limit", "2")
    names = ("gate-benign", "pdf-citations")
    table = run(*names, *options)
    assert "kept as supported" in table
    assert "skipped: pdf-citations: pdf/*.pdf in the data folder\n" in table
    written = (tmp_path / "kept/gate-benign.json").stat().st_mtime_ns
    told = json.loads(run(*names, *options, "--json"))
    assert [one["state"] for one in told["tasks"]] == ["kept", "skipped"]
    assert told["tasks"][0]["report"]["rows"]
    assert (tmp_path / "kept/gate-benign.json").stat().st_mtime_ns == written
    page = (tmp_path / "kept/summary.md").read_text("utf-8")
    assert "| `gate-benign` v" in page
    assert "- skipped: `pdf-citations`" in page
    again = (*options[:-1], "3")
    assert json.loads(run("gate-benign", *again, "--json"))["tasks"][0]["state"] == "measured"


def test_tasks_are_named_or_all_are_meant(run: Callable[..., str]):
    run(code=2)
    run("gate-benign", "--all", code=2)
    run("no-such-task", "--resume", "--work", "w", code=2)


def test_a_report_no_longer_holds_where_data_parts_options_or_the_task_are_others(tmp_path: Path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text("{}\n", "utf-8")
    data, kept = Data(tmp_path), report(tmp_path, limit=None, seed=0)
    now = provenance({}, limit=None, seed=0)
    assert still_holds(kept, 2, now, data)
    assert not still_holds(kept, 3, now, data)
    assert not still_holds(kept, 2, provenance({}, limit=5, seed=0), data)
    other = now.model_copy(update={"fingerprints": {"text": "another"}})
    assert not still_holds(kept, 2, other, data)
    rows.write_text("{}\n{}\n", "utf-8")
    assert not still_holds(kept, 2, now, data)


def test_one_table_tells_the_system_under_test_the_goals_and_the_digests(tmp_path: Path):
    (tmp_path / "rows.jsonl").write_text("{}\n", "utf-8")
    measured = report(tmp_path)
    assert [(row.system, row.metric) for row in headlines(measured)] == [("ours", "right")]
    failed = Ended(name="other", state="failed", why="INTERNAL: ValueError")
    page = suite_page([Ended(name="told", state="measured", report=measured), failed])
    assert "| `told` v2 | ours | right | 2 | 0.500 |" in page
    assert "≥ 0.75: **missed**" in page
    assert "- failed: `other`: INTERNAL: ValueError" in page
    assert f"| `rows.jsonl` | `{digest_of(tmp_path / 'rows.jsonl')[:16]}…` |" in page


async def test_published_cases_are_measured_as_they_are_and_wait_for_nobody(tmp_path: Path):
    report = "Film on Thursday. Nadia in cardiac physiology has the card."
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps({"case_id": "d", "report": report}) + "\n", "utf-8")
    async with open_house(measuring_settings(tmp_path / "work")) as house:
        taken = await open_subject(house).ingest([cases], "default")
    assert (taken.cases, taken.quarantined) == (1, ())
